package dev.meshdx.logs.internal.line;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.meshdx.logs.LineKind;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lines that are JSON objects: access logs with Istio's keys or with keys of a format that is known, and messages of Envoy, the
 * agent, istiod and ztunnel. Values are unescaped into a buffer of their own.
 */
final class JsonForm {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(20).build())
            .build();

    /** What one key means: a field, or a text that holds several. */
    private record Meaning(
            @Nullable AccessField field, @Nullable TextForm form) {}

    private final Map<String, Meaning> meanings = new HashMap<>();
    private byte[] scratch = new byte[4096];
    private int used;

    JsonForm() {
        for (AccessField field : AccessField.values()) {
            meanings.put(field.jsonName(), new Meaning(field, null));
        }
        for (String alias : new String[] {"requested_path", "x_request_id", "flags", "host"}) {
            meanings.put(alias, new Meaning(AccessField.named(alias), null));
        }
        Ztunnel.keys().forEach((key, field) -> meanings.put(key, new Meaning(field, null)));
    }

    /** Learns what a key of somebody's own format holds. */
    void learn(String key, String format) {
        TextForm.of(format)
                .ifPresentOrElse(
                        form -> meanings.put(
                                key,
                                form.single() != null ? new Meaning(form.single(), null) : new Meaning(null, form)),
                        () -> {
                            if (format.startsWith("%START_TIME")) {
                                meanings.put(key, new Meaning(AccessField.START_TIME, null));
                            }
                        });
    }

    /** Reads a line that begins with a brace; false where it is no object, or one that says nothing we know. */
    boolean read(Line line) {
        used = 0;
        line.values = scratch;
        line.parts = scratch;
        int nested = 0;
        String prefix = "";
        boolean access = false;
        boolean closed = false;
        int timeStart = 0;
        int timeEnd = 0;
        try (JsonParser parser = FACTORY.createParser(line.text, line.start, line.end - line.start)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.START_OBJECT) {
                    nested++;
                    prefix = nested == 1 ? parser.currentName() + "." : prefix;
                    continue;
                }
                if (token == JsonToken.END_OBJECT) {
                    if (nested-- == 0) {
                        closed = true;
                        break;
                    }
                    prefix = nested == 0 ? "" : prefix;
                    continue;
                }
                if (token == JsonToken.START_ARRAY) {
                    parser.skipChildren();
                    continue;
                }
                if (token == JsonToken.FIELD_NAME || token == JsonToken.VALUE_NULL) {
                    continue;
                }
                String key = nested == 0 ? parser.currentName() : prefix + parser.currentName();
                Meaning meaning = meanings.get(key);
                int from = used;
                if (meaning != null) {
                    copy(parser);
                    // The buffer may have grown.
                    line.values = scratch;
                    line.parts = scratch;
                    if (meaning.form() != null) {
                        meaning.form().read(line, from, used);
                        access = true;
                    } else if (meaning.field() != null) {
                        int at = meaning.field().index();
                        line.from[at] = 0;
                        line.to[at] = 0;
                        line.field(at, from, used);
                        access |= meaning.field() == AccessField.START_TIME
                                || meaning.field() == AccessField.RESPONSE_CODE
                                || meaning.field() == AccessField.RESPONSE_FLAGS;
                    }
                    continue;
                }
                switch (key) {
                    case "level", "severity" -> {
                        copy(parser);
                        for (int i = from; i < used; i++) {
                            scratch[i] = (byte) (scratch[i] >= 'A' && scratch[i] <= 'Z' ? scratch[i] + 32 : scratch[i]);
                        }
                        line.levelStart = from;
                        line.levelEnd = used;
                    }
                    case "scope", "logger", "target" -> {
                        copy(parser);
                        line.scopeStart = from;
                        line.scopeEnd = used;
                    }
                    case "msg", "message" -> {
                        copy(parser);
                        line.messageStart = from;
                        line.messageEnd = used;
                    }
                    case "time", "timestamp" -> {
                        copy(parser);
                        timeStart = from;
                        timeEnd = used;
                    }
                    default -> {
                        // Nobody asks for it.
                    }
                }
                line.values = scratch;
                line.parts = scratch;
            }
        } catch (IOException e) {
            return false;
        }
        if (!closed) {
            return false;
        }
        return kind(line, access, timeStart, timeEnd);
    }

    private static boolean kind(Line line, boolean access, int timeStart, int timeEnd) {
        boolean message = line.messageEnd > line.messageStart || line.levelEnd > line.levelStart;
        if (access && !(message && !line.has(AccessField.RESPONSE_CODE))) {
            line.kind = LineKind.ACCESS;
            line.time = LineScanner.accessTime(line);
            line.messageStart = 0;
            line.messageEnd = 0;
            return true;
        }
        if (!message) {
            return false;
        }
        line.time = Timestamps.micros(line.parts, timeStart, timeEnd);
        LineScanner.messageKind(line);
        if (line.kind != LineKind.ZTUNNEL) {
            Arrays.fill(line.to, 0);
            Arrays.fill(line.from, 0);
        }
        return true;
    }

    /** Appends the present value as UTF-8. */
    private void copy(JsonParser parser) throws IOException {
        char[] chars = parser.getTextCharacters();
        int offset = parser.getTextOffset();
        int length = parser.getTextLength();
        if (scratch.length - used < 3 * length) {
            scratch = Arrays.copyOf(scratch, Math.max(2 * scratch.length, used + 3 * length));
        }
        int i = 0;
        for (; i < length && chars[offset + i] < 0x80; i++) {
            scratch[used++] = (byte) chars[offset + i];
        }
        if (i < length) {
            byte[] rest = new String(chars, offset + i, length - i).getBytes(java.nio.charset.StandardCharsets.UTF_8);
            System.arraycopy(rest, 0, scratch, used, rest.length);
            used += rest.length;
        }
    }
}
