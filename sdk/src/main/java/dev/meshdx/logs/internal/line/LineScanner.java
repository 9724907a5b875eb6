package dev.meshdx.logs.internal.line;

import dev.meshdx.logs.LineKind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Tells who wrote a line of a proxy's log, and finds its parts. Tolerant: fields after the known ones are ignored, older formats
 * that lack some are read by their shape, and what is none of the known forms stays {@link LineKind#OTHER}. Not safe for use by
 * several threads.
 */
public final class LineScanner {
    private static final byte[] ENVOY = "envoy ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] THREAD = "\tthread=".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ACCESS_SCOPE = "access".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CONNECTION = "connection ".getBytes(StandardCharsets.US_ASCII);

    /** Fields after the flags in Istio's format. */
    private static final int FIRST = AccessField.RESPONSE_CODE_DETAILS.index();

    private static final int ISTIO_FIELDS = AccessField.ROUTE_NAME.index() - FIRST + 1;

    private static final int FORWARDED_FOR = AccessField.X_FORWARDED_FOR.index();

    /** Which of the fields after the flags are quoted in Istio's format. */
    private static final long ISTIO_QUOTES = quotes();

    /** Forwarded-for, user agent, request id, authority, upstream host. */
    private static final int QUOTED = 5;

    /** Cluster, two addresses of the proxy, the client's address, server name, route. */
    private static final int AFTER_QUOTED = 6;

    private static final int MAX_TOKENS = 63;
    private static final int LONGEST_TIME = 40;

    private final List<TextForm> forms = new ArrayList<>();
    private final JsonForm json = new JsonForm();
    private final int[] tokenStart = new int[MAX_TOKENS + 1];
    private final int[] tokenEnd = new int[MAX_TOKENS + 1];
    private int tokens;
    private long quoted;

    /** For the usual forms. */
    public LineScanner() {
        this(List.of(), List.of());
    }

    /**
     * For the usual forms and some that somebody defined.
     *
     * @param textFormats format strings of Envoy's access log
     * @param jsonFormats keys and what they hold, as format strings; keys of nested objects are {@code outer.inner}
     */
    public LineScanner(List<String> textFormats, List<Map<String, String>> jsonFormats) {
        textFormats.forEach(format -> TextForm.of(format).ifPresent(forms::add));
        jsonFormats.forEach(format -> format.forEach(json::learn));
    }

    private static long quotes() {
        long quotes = 0;
        for (AccessField field : List.of(
                AccessField.UPSTREAM_TRANSPORT_FAILURE_REASON,
                AccessField.X_FORWARDED_FOR,
                AccessField.USER_AGENT,
                AccessField.REQUEST_ID,
                AccessField.AUTHORITY,
                AccessField.UPSTREAM_HOST)) {
            quotes |= 1L << (field.index() - FIRST);
        }
        return quotes;
    }

    /**
     * Reads one line.
     *
     * @param start its first byte
     * @param end its end, without the line break
     */
    public void scan(byte[] text, int start, int end, Line line) {
        line.reset(text, start, end);
        if (start == end) {
            return;
        }
        boolean known = switch (text[start]) {
            case '[' -> bracketed(line);
            case '{' -> json.read(line);
            default -> tabbed(line);
        };
        if (!known) {
            line.reset(text, start, end);
            for (TextForm form : forms) {
                if (form.read(line, start, end)) {
                    line.kind = LineKind.ACCESS;
                    line.time = accessTime(line);
                    return;
                }
            }
        } else if (line.kind == LineKind.ACCESS && !forms.isEmpty() && text[start] == '[') {
            own(line);
        }
    }

    /** A format of somebody's own may look like Istio's at its beginning: where it fits as a whole, it is right. */
    private void own(Line line) {
        if (tokens == ISTIO_FIELDS && quoted == ISTIO_QUOTES) {
            return;
        }
        byte[] text = line.text;
        int start = line.start;
        int end = line.end;
        for (TextForm form : forms) {
            line.reset(text, start, end);
            if (form.read(line, start, end)) {
                line.kind = LineKind.ACCESS;
                line.time = accessTime(line);
                return;
            }
        }
        line.reset(text, start, end);
        bracketed(line);
    }

    /** The time of a request, where its log has one: ISO 8601, or seconds or milliseconds since 1970. */
    static long accessTime(Line line) {
        int from = line.from(AccessField.START_TIME);
        int to = line.to(AccessField.START_TIME);
        if (to - from > 2 && line.values[from] == '[') {
            from++;
            to--;
        }
        long micros = Timestamps.micros(line.values, from, to);
        if (micros != Timestamps.NONE || to - from < 10 || to - from > 17) {
            return micros;
        }
        long number = 0;
        int digits = 0;
        for (int at = from; at < to; at++) {
            int digit = line.values[at] - '0';
            if (digit >= 0 && digit <= 9) {
                number = number * 10 + digit;
                digits++;
            } else if (line.values[at] != '.' || at - from != 10) {
                return Timestamps.NONE;
            }
        }
        for (; digits < 16; digits++) {
            number *= 10;
        }
        return digits == 16 ? number : Timestamps.NONE;
    }

    private boolean bracketed(Line line) {
        byte[] text = line.text;
        int close = line.start + 1;
        int limit = Math.min(line.end, close + LONGEST_TIME);
        while (close < limit && text[close] != ']') {
            close++;
        }
        if (close >= limit) {
            return false;
        }
        line.time = Timestamps.micros(text, line.start + 1, close);
        if (line.time == Timestamps.NONE) {
            return false;
        }
        int at = close + 1;
        if (at + 2 < line.end && text[at] == ' ' && text[at + 1] == '"') {
            line.field(AccessField.START_TIME.index(), line.start + 1, close);
            return access(line, at + 1);
        }
        return envoyPlain(line, at);
    }

    /** {@code [time][thread][level][logger] [file:line] message}. */
    private static boolean envoyPlain(Line line, int start) {
        int[] from = new int[3];
        int[] to = new int[3];
        int at = start;
        for (int i = 0; i < 3; i++) {
            if (at < line.end && line.text[at] == ' ') {
                at++;
            }
            if (at >= line.end || line.text[at] != '[') {
                return false;
            }
            from[i] = at + 1;
            while (at < line.end && line.text[at] != ']') {
                at++;
            }
            to[i] = at++;
        }
        if (at > line.end || to[0] == from[0] || Bytes.digits(line.text, from[0], to[0]) != to[0]) {
            return false;
        }
        line.kind = LineKind.ENVOY;
        line.levelStart = from[1];
        line.levelEnd = to[1];
        line.scopeStart = from[2];
        line.scopeEnd = to[2];
        while (at < line.end && line.text[at] == ' ') {
            at++;
        }
        line.messageStart = at;
        line.messageEnd = line.end;
        return true;
    }

    private boolean access(Line line, int quote) {
        byte[] text = line.text;
        int end = line.end;
        int stop = quoteEnd(text, quote + 1, end);
        int at = request(line, quote + 1, stop);
        at = Math.min(at + 1, end);
        // Code and flags.
        int codeStart = at + 1;
        int codeEnd = wordEnd(text, codeStart, end);
        int flagsStart = codeEnd + 1;
        if (at >= end
                || flagsStart > end
                || Bytes.digits(text, codeStart, codeEnd) != codeEnd
                || codeEnd == codeStart) {
            return false;
        }
        int flagsEnd = wordEnd(text, flagsStart, end);
        if (flagsEnd == flagsStart) {
            return false;
        }
        line.kind = LineKind.ACCESS;
        line.field(AccessField.RESPONSE_CODE.index(), codeStart, codeEnd);
        line.field(AccessField.RESPONSE_FLAGS.index(), flagsStart, flagsEnd);
        tokenize(text, flagsEnd, end);
        if (tokens == ISTIO_FIELDS && quoted == ISTIO_QUOTES) {
            for (int i = 0; i < ISTIO_FIELDS; i++) {
                line.field(FIRST + i, tokenStart[i], tokenEnd[i]);
            }
        } else {
            unusual(line);
        }
        return true;
    }

    /** {@code METHOD PATH PROTOCOL}; a path may hold blanks that a client did not encode. Returns where it ends. */
    private static int request(Line line, int start, int end) {
        byte[] text = line.text;
        int first = start;
        while (first < end && text[first] != ' ') {
            first++;
        }
        int last = end - 1;
        while (last > first && text[last] != ' ') {
            last--;
        }
        if (last > first) {
            line.field(AccessField.METHOD.index(), start, first);
            line.field(AccessField.PATH.index(), first + 1, last);
            line.field(AccessField.PROTOCOL.index(), last + 1, end);
        }
        return end;
    }

    private static int wordEnd(byte[] text, int start, int end) {
        int at = Math.min(start, end);
        while (at < end && text[at] != ' ') {
            at++;
        }
        return at;
    }

    /** A quoted text ends at a quote that is followed by a blank or the end. */
    private static int quoteEnd(byte[] text, int start, int end) {
        for (int at = start; at < end; at++) {
            if (text[at] == '"' && (at + 1 == end || text[at + 1] == ' ')) {
                return at;
            }
        }
        return end;
    }

    /** Words between blanks, and quoted texts. */
    private void tokenize(byte[] text, int start, int end) {
        int at = start;
        int count = 0;
        long quotes = 0;
        while (at < end) {
            byte c = text[at];
            if (c == ' ') {
                at++;
                continue;
            }
            if (count == MAX_TOKENS) {
                break;
            }
            if (c == '"') {
                int stop = quoteEnd(text, at + 1, end);
                quotes |= 1L << count;
                tokenStart[count] = at + 1;
                tokenEnd[count++] = stop;
                at = stop + 1;
            } else {
                tokenStart[count] = at;
                while (at < end && text[at] != ' ') {
                    at++;
                }
                tokenEnd[count++] = at;
            }
        }
        tokens = count;
        quoted = quotes;
    }

    private boolean isQuoted(int token) {
        return (quoted >> token & 1) != 0;
    }

    /** The fields after the flags, where they are not exactly those of Istio's format. */
    private void unusual(Line line) {
        int token = 0;
        int field = FIRST;
        if (tokens > 0 && isQuoted(0)) {
            // Before Istio 1.9: quoted texts (mixer status, transport failure) stand where the details stand now.
            while (token < tokens && isQuoted(token)) {
                token++;
            }
            line.field(
                    AccessField.UPSTREAM_TRANSPORT_FAILURE_REASON.index(), tokenStart[token - 1], tokenEnd[token - 1]);
            field = AccessField.BYTES_RECEIVED.index();
        } else if (tokens > 0 && Bytes.digits(line.text, tokenStart[0], tokenEnd[0]) == tokenEnd[0]) {
            // Envoy's own default format goes on with the byte counts.
            field = AccessField.BYTES_RECEIVED.index();
        }
        int agent = token + AccessField.USER_AGENT.index() - field;
        int surplus = surplus(token + FORWARDED_FOR - field);
        for (int at = token; at < tokens && field <= AccessField.ROUTE_NAME.index(); at++, field++) {
            int from = tokenStart[at];
            if (at == agent && surplus > 0) {
                at += surplus;
            }
            line.field(field, from, tokenEnd[at]);
        }
    }

    /**
     * Envoy does not escape quotes in what clients send. Of the five quoted fields in a row only the user agent, the second, is
     * free text: whatever is too much belongs to it.
     *
     * @param start the first of the five
     */
    private int surplus(int start) {
        int end = tokens - 1 - AFTER_QUOTED;
        while (end > start && !isQuoted(end)) {
            end--;
        }
        return Math.max(0, end - start + 1 - QUOTED);
    }

    private static boolean tabbed(Line line) {
        byte[] text = line.text;
        int first = tab(text, line.start, Math.min(line.end, line.start + LONGEST_TIME));
        int second = first < 0 ? -1 : tab(text, first + 1, line.end);
        if (second < 0) {
            return false;
        }
        line.time = Timestamps.micros(text, line.start, first);
        if (line.time == Timestamps.NONE) {
            return false;
        }
        line.levelStart = first + 1;
        line.levelEnd = second;
        line.messageStart = second + 1;
        line.messageEnd = line.end;
        int third = tab(text, second + 1, line.end);
        int headEnd = third < 0 ? line.end : third;
        if (third >= 0 && (Bytes.startsWith(text, second + 1, headEnd, ENVOY) || isScope(text, second + 1, headEnd))) {
            line.scopeStart = second + 1;
            line.scopeEnd = headEnd;
            line.messageStart = third + 1;
        }
        messageKind(line);
        return true;
    }

    private static int tab(byte[] text, int from, int to) {
        for (int at = from; at < to; at++) {
            if (text[at] == '\t') {
                return at;
            }
        }
        return -1;
    }

    /** A word without blanks; ztunnel's are {@code xds::client:xds{id=3}}. */
    private static boolean isScope(byte[] text, int from, int to) {
        if (from == to || !isLetter(text[from])) {
            return false;
        }
        for (int at = from + 1; at < to; at++) {
            byte c = text[at];
            if (c == '{') {
                return text[to - 1] == '}';
            }
            if (!isLetter(c) && !(c >= '0' && c <= '9') && c != '_' && c != '-' && c != ':' && c != '/') {
                return false;
            }
        }
        return true;
    }

    private static boolean isLetter(byte c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    /** Whose message it is: tells Envoy's from those of Istio's Go programs and of ztunnel by its scope. */
    static void messageKind(Line line) {
        byte[] parts = line.parts;
        if (Bytes.startsWith(parts, line.scopeStart, line.scopeEnd, ENVOY)) {
            line.kind = LineKind.ENVOY;
            line.scopeStart += ENVOY.length;
            int at = line.scopeStart;
            while (at < line.scopeEnd && parts[at] != ' ') {
                at++;
            }
            line.scopeEnd = at;
            int thread = line.messageEnd - THREAD.length;
            while (thread > line.messageStart && !Bytes.startsWith(parts, thread, line.messageEnd, THREAD)) {
                thread--;
            }
            if (thread > line.messageStart) {
                line.messageEnd = thread;
            }
            return;
        }
        if (Bytes.is(parts, line.scopeStart, line.scopeEnd, ACCESS_SCOPE)
                && Bytes.startsWith(parts, line.messageStart, line.messageEnd, CONNECTION)) {
            connection(line);
            return;
        }
        boolean rust = false;
        for (int at = line.scopeStart; at + 1 < line.scopeEnd; at++) {
            rust |= parts[at] == ':' && (parts[at + 1] == ':' || isLetter(parts[at + 1]));
        }
        line.kind = rust ? LineKind.ZTUNNEL : LineKind.AGENT;
    }

    private static void connection(Line line) {
        line.kind = LineKind.ZTUNNEL;
        int end = line.messageEnd;
        int tab = tab(line.parts, line.messageStart, end);
        if (tab > 0) {
            line.values = line.parts;
            Ztunnel.pairs(line, tab + 1, end);
        }
        int stop = tab < 0 ? end : tab;
        // In JSON the pairs are keys of their own and were read before; a duration still has its unit.
        int duration = AccessField.DURATION.index();
        line.to[duration] = Bytes.digits(line.values, line.from[duration], line.to[duration]);
        line.field(AccessField.RESPONSE_CODE_DETAILS.index(), line.messageStart, stop);
    }
}
