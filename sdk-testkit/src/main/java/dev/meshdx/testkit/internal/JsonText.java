package dev.meshdx.testkit.internal;

import dev.meshdx.model.Json;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes plain Java values and {@link Json} as JSON, piece by piece: nothing holds the whole text. */
final class JsonText {
    private JsonText() {}

    static void write(@Nullable Object value, Appendable out) throws IOException {
        if (value instanceof Map<?, ?> map) {
            out.append('{');
            boolean first = true;
            for (Map.Entry<?, ?> field : map.entrySet()) {
                name(String.valueOf(field.getKey()), first, out);
                first = false;
                write(field.getValue(), out);
            }
            out.append('}');
        } else if (value instanceof Iterable<?> items) {
            out.append('[');
            boolean first = true;
            for (Object item : items) {
                if (!first) {
                    out.append(',');
                }
                first = false;
                write(item, out);
            }
            out.append(']');
        } else if (value instanceof Json json && (json.isObject() || json.isArray())) {
            write(json, out);
        } else if (value instanceof CharSequence text) {
            quote(text, out);
        } else {
            // Numbers, booleans, null, and Json's own.
            out.append(String.valueOf(value));
        }
    }

    private static void write(Json json, Appendable out) throws IOException {
        if (json.isArray()) {
            write(json.items(), out);
            return;
        }
        out.append('{');
        boolean first = true;
        for (String name : json.names()) {
            name(name, first, out);
            first = false;
            write((Object) json.at(name), out);
        }
        out.append('}');
    }

    /** The name of a field, with what comes before and after it. */
    static void name(String name, boolean first, Appendable out) throws IOException {
        if (!first) {
            out.append(',');
        }
        quote(name, out);
        out.append(':');
    }

    private static void quote(CharSequence text, Appendable out) throws IOException {
        out.append('"');
        int written = 0;
        for (int i = 0; i < text.length(); i++) {
            char letter = text.charAt(i);
            if (letter >= ' ' && letter != '"' && letter != '\\') {
                continue;
            }
            out.append(text, written, i);
            written = i + 1;
            switch (letter) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                default -> out.append("\\u00").append(hex(letter >> 4)).append(hex(letter & 15));
            }
        }
        out.append(text, written, text.length()).append('"');
    }

    private static char hex(int digit) {
        return Character.forDigit(digit, 16);
    }
}
