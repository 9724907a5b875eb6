package dev.meshdx.logs.internal.line;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A text format of the access log that somebody wrote: constant texts, and Envoy's operators between them. A value ends where the
 * next constant text begins. Source: Envoy docs, "Access logging", format strings.
 */
final class TextForm {
    /** A constant text, or an operator; the field is null where nobody asks for what the operator says. */
    private static final class Part {
        private final byte @Nullable [] constant;
        private final @Nullable AccessField field;

        Part(byte @Nullable [] constant, @Nullable AccessField field) {
            this.constant = constant;
            this.field = field;
        }
    }

    private final List<Part> parts;

    private TextForm(List<Part> parts) {
        this.parts = parts;
    }

    /** The format; empty where it has no operator that says anything of a request. */
    static Optional<TextForm> of(String format) {
        List<Part> parts = new ArrayList<>();
        StringBuilder constant = new StringBuilder();
        String text = format.strip();
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c != '%') {
                constant.append(c);
                at++;
            } else if (text.startsWith("%%", at)) {
                constant.append('%');
                at += 2;
            } else {
                int end = operatorEnd(text, at + 1);
                if (end < 0) {
                    return Optional.empty();
                }
                if (constant.length() > 0) {
                    parts.add(new Part(constant.toString().getBytes(StandardCharsets.UTF_8), null));
                    constant.setLength(0);
                }
                parts.add(new Part(null, field(text.substring(at + 1, end))));
                at = end + 1;
            }
        }
        if (constant.length() > 0) {
            parts.add(new Part(constant.toString().getBytes(StandardCharsets.UTF_8), null));
        }
        boolean tells = parts.stream().anyMatch(part -> part.field != null && part.field != AccessField.START_TIME);
        return tells ? Optional.of(new TextForm(List.copyOf(parts))) : Optional.empty();
    }

    /** The percent sign that ends an operator: one that is not within its parentheses. */
    private static int operatorEnd(String text, int from) {
        boolean inside = false;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '(') {
                inside = true;
            } else if (c == ')') {
                inside = false;
            } else if (c == '%' && !inside) {
                return i;
            }
        }
        return -1;
    }

    /** The field behind an operator such as {@code REQ(X-REQUEST-ID):36}; null where it is none of the known ones. */
    static @Nullable AccessField field(String operator) {
        int open = operator.indexOf('(');
        int close = operator.lastIndexOf(')');
        String name = open < 0 ? operator : operator.substring(0, open);
        int limit = open < 0 ? name.indexOf(':') : -1;
        name = (limit < 0 ? name : name.substring(0, limit)).strip();
        String argument = open < 0 || close < open ? "" : operator.substring(open + 1, close);
        if (name.equals("REQ") || name.equals("RESP")) {
            return AccessField.named(name + "(" + argument.toUpperCase(Locale.ROOT) + ")");
        }
        // RESPONSE_FLAGS_LONG has other words, START_TIME(…) another form: both are read where they are understood.
        return AccessField.named(name);
    }

    /** Whether it is the request line's field alone: for JSON formats, whose values are formats too. */
    @Nullable
    AccessField single() {
        return parts.size() == 1 ? parts.get(0).field : null;
    }

    /** Reads the bytes of a line's {@code values} as this format; leaves the fields alone where they are something else. */
    boolean read(Line line, int start, int end) {
        int[] bounds = new int[2 * parts.size()];
        int at = start;
        for (int i = 0; i < parts.size(); i++) {
            byte[] constant = parts.get(i).constant;
            if (constant != null) {
                if (!Bytes.startsWith(line.values, at, end, constant)) {
                    return false;
                }
                at += constant.length;
            } else {
                int stop = valueEnd(line.values, at, end, i);
                if (stop < 0) {
                    return false;
                }
                bounds[2 * i] = at;
                bounds[2 * i + 1] = stop;
                at = stop;
            }
        }
        if (at != end) {
            return false;
        }
        for (int i = 0; i < parts.size(); i++) {
            // A status is a number: a loose format must not take every line for its own.
            if (parts.get(i).field == AccessField.RESPONSE_CODE
                    && !isNumber(line.values, bounds[2 * i], bounds[2 * i + 1])) {
                return false;
            }
        }
        for (int i = 0; i < parts.size(); i++) {
            AccessField field = parts.get(i).field;
            if (field != null && !line.has(field)) {
                line.field(field.index(), bounds[2 * i], bounds[2 * i + 1]);
            }
        }
        return true;
    }

    private int valueEnd(byte[] text, int at, int end, int part) {
        if (part + 1 == parts.size()) {
            return end;
        }
        byte[] next = parts.get(part + 1).constant;
        if (next == null) {
            // Two operators side by side: where one ends cannot be told, the first has it all up to a blank.
            int blank = at;
            while (blank < end && text[blank] != ' ') {
                blank++;
            }
            return blank;
        }
        boolean last = part + 2 == parts.size();
        for (int i = at; i + next.length <= end; i++) {
            if (Bytes.startsWith(text, i, end, next) && (!last || i + next.length == end)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isNumber(byte[] text, int from, int to) {
        return Bytes.digits(text, from, to) == to || (to - from == 1 && text[from] == '-');
    }
}
