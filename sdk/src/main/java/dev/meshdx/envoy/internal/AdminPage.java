package dev.meshdx.envoy.internal;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Json;
import dev.meshdx.model.internal.JsonReader;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A small page of Envoy's admin interface: what it says as far as it could be read, and why not further where it was not.
 *
 * @param path the page
 * @param json its fields; {@link Json#MISSING} where it is a text
 * @param lines its lines where it is a text
 * @param problem why it is not whole, where it is not
 */
public record AdminPage(
        String path,
        Json json,
        List<String> lines,
        @Nullable Inconclusive problem) {
    /** What the pages hold in total is a few hundred kilobytes; more than this is made to exhaust the memory. */
    private static final int MAX_VALUES = 1_000_000;

    private static final int MAX_TEXT = 16 * 1024 * 1024;

    /** Copies the lines. */
    public AdminPage {
        lines = List.copyOf(lines);
    }

    /** What a body begins with. */
    public enum Form {
        /** An object. */
        JSON,
        /** A web page. */
        HTML,
        /** Something else. */
        TEXT
    }

    /** A stream that {@link #form} can look into. */
    public static BufferedInputStream buffered(InputStream in) {
        return new BufferedInputStream(in);
    }

    /** What a body is, as far as its first character tells. Nothing is taken from the stream. */
    public static Form form(BufferedInputStream in) throws IOException {
        in.mark(64);
        int first = in.read();
        // White space, and the mark of UTF-8 that some programs write.
        for (int i = 0;
                i < 60 && (first == ' ' || first == '\n' || first == '\r' || first == '\t' || first > 0xBA);
                i++) {
            first = in.read();
        }
        in.reset();
        return first == '{' || first == '[' ? Form.JSON : first == '<' ? Form.HTML : Form.TEXT;
    }

    /**
     * Reads a page that is an object of JSON.
     *
     * @param path for messages
     * @param fields names of which one at least must be there, so that another program's JSON is not taken for the page
     * @param mayBeEmpty whether {@code {}} is an answer, as it is where protobuf leaves out an empty list
     * @throws MeshProtocolException if it is something else
     */
    public static AdminPage json(InputStream body, String path, List<String> fields, boolean mayBeEmpty)
            throws IOException {
        BufferedInputStream in = buffered(body);
        Form form = form(in);
        if (form != Form.JSON) {
            throw foreign(path, form);
        }
        return object(in, path, fields, mayBeEmpty);
    }

    /** As {@link #json}, or lines where the page is a text, as proxies from years ago answer. */
    public static AdminPage jsonOrText(InputStream body, String path, List<String> fields) throws IOException {
        BufferedInputStream in = buffered(body);
        return form(in) == Form.JSON ? object(in, path, fields, true) : text(in, path);
    }

    /**
     * Reads a page of lines.
     *
     * @throws MeshProtocolException if it is HTML or JSON
     */
    public static AdminPage text(InputStream body, String path) throws IOException {
        BufferedInputStream in = buffered(body);
        Form form = form(in);
        if (form != Form.TEXT) {
            throw foreign(path, form);
        }
        byte[] text = in.readNBytes(MAX_TEXT);
        boolean whole = text.length < MAX_TEXT || in.read() < 0;
        return new AdminPage(
                path,
                Json.MISSING,
                new String(text, StandardCharsets.UTF_8).lines().toList(),
                whole ? null : incomplete(path, "It is larger than " + MAX_TEXT / (1024 * 1024) + " MiB."));
    }

    /** What answers is not Envoy, or not this page. */
    public static MeshProtocolException foreign(String path, Form form) {
        return new MeshProtocolException(
                "Expected Envoy's page " + path + ", but the answer is "
                        + switch (form) {
                            case HTML -> "a web page (HTML).";
                            case JSON -> "another program's JSON.";
                            case TEXT -> "a text or empty.";
                        },
                "See what listens on the port: it may not be Envoy's admin interface, or an Envoy without this page.",
                null);
    }

    /** A page that ended early. */
    public static Inconclusive incomplete(String path, String why) {
        return Inconclusive.of(
                "part of the proxy's page " + path,
                null,
                Reason.MALFORMED,
                why + " What was read until there is used.",
                "Read it again.");
    }

    private static AdminPage object(InputStream in, String path, List<String> fields, boolean mayBeEmpty)
            throws IOException {
        Map<String, @Nullable Object> root = new LinkedHashMap<>();
        String cutOff = "";
        boolean object = false;
        try (JsonParser parser = JsonReader.parser(in)) {
            object = parser.nextToken() == JsonToken.START_OBJECT;
            if (object) {
                new Values().object(parser, root);
            }
        } catch (JsonProcessingException e) {
            cutOff = String.valueOf(JsonReader.malformed(e).getMessage());
        } catch (MeshProtocolException e) {
            cutOff = String.valueOf(e.getMessage());
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            if (root.isEmpty()) {
                throw e;
            }
            cutOff = "The answer ended early: " + e.getMessage();
        }
        boolean known = fields.stream().anyMatch(root::containsKey);
        boolean empty = mayBeEmpty && object && root.isEmpty() && cutOff.isEmpty();
        if (!known && !empty) {
            throw cutOff.isEmpty()
                    ? foreign(path, Form.JSON)
                    : new MeshProtocolException(path + ": " + cutOff, "Read it again.", null);
        }
        return new AdminPage(path, Json.of(root), List.of(), cutOff.isEmpty() ? null : incomplete(path, cutOff));
    }

    /** Values that are in their places before they are whole, so that what was read stands when the document ends early. */
    private static final class Values {
        private int count;

        void object(JsonParser parser, Map<String, @Nullable Object> into) throws IOException {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken token = parser.nextToken();
                count();
                if (token == JsonToken.START_OBJECT) {
                    Map<String, @Nullable Object> map = new LinkedHashMap<>();
                    into.put(name, map);
                    object(parser, map);
                } else if (token == JsonToken.START_ARRAY) {
                    List<@Nullable Object> list = new ArrayList<>();
                    into.put(name, list);
                    array(parser, list);
                } else {
                    into.put(name, JsonReader.value(parser));
                }
            }
        }

        private void array(JsonParser parser, List<@Nullable Object> into) throws IOException {
            for (JsonToken token = parser.nextToken();
                    token != null && token != JsonToken.END_ARRAY;
                    token = parser.nextToken()) {
                count();
                if (token == JsonToken.START_OBJECT) {
                    Map<String, @Nullable Object> map = new LinkedHashMap<>();
                    into.add(map);
                    object(parser, map);
                } else if (token == JsonToken.START_ARRAY) {
                    List<@Nullable Object> list = new ArrayList<>();
                    into.add(list);
                    array(parser, list);
                } else {
                    into.add(JsonReader.value(parser));
                }
            }
        }

        private void count() {
            if (++count > MAX_VALUES) {
                throw new MeshProtocolException("The page holds more than " + MAX_VALUES + " values.");
            }
        }
    }
}
