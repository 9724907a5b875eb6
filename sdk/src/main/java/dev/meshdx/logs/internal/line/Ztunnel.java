package dev.meshdx.logs.internal.line;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * What ztunnel says of a connection, in the words of Envoy's access log: {@code key=value} pairs after the message, texts in quotes.
 * Source: ztunnel, {@code src/proxy/metrics.rs} and {@code src/telemetry.rs}.
 */
final class Ztunnel {
    private static final Map<String, AccessField> KEYS = Map.of(
            "src.addr", AccessField.DOWNSTREAM_REMOTE_ADDRESS,
            "dst.addr", AccessField.UPSTREAM_HOST,
            "dst.hbone_addr", AccessField.DOWNSTREAM_LOCAL_ADDRESS,
            "dst.service", AccessField.AUTHORITY,
            "direction", AccessField.DIRECTION,
            "bytes_sent", AccessField.BYTES_SENT,
            "bytes_recv", AccessField.BYTES_RECEIVED,
            "duration", AccessField.DURATION,
            "error", AccessField.UPSTREAM_TRANSPORT_FAILURE_REASON);

    private static final Map<Integer, Map<String, AccessField>> BY_LENGTH = byLength();

    private Ztunnel() {}

    private static Map<Integer, Map<String, AccessField>> byLength() {
        Map<Integer, Map<String, AccessField>> lengths = new HashMap<>();
        KEYS.forEach((key, field) ->
                lengths.computeIfAbsent(key.length(), length -> new HashMap<>()).put(key, field));
        return lengths;
    }

    /** Which field each of its keys is. */
    static Map<String, AccessField> keys() {
        return KEYS;
    }

    /** Reads the pairs that follow the message. */
    static void pairs(Line line, int start, int end) {
        byte[] text = line.values;
        int at = start;
        while (at < end) {
            int equals = at;
            while (equals < end && text[equals] != '=' && text[equals] != ' ') {
                equals++;
            }
            if (equals >= end || text[equals] == ' ') {
                at = equals + 1;
                continue;
            }
            int from = equals + 1;
            int to = from;
            boolean quoted = from < end && text[from] == '"';
            if (quoted) {
                from++;
                to = from;
                while (to < end && text[to] != '"') {
                    to += text[to] == '\\' ? 2 : 1;
                }
                to = Math.min(to, end);
            } else {
                while (to < end && text[to] != ' ') {
                    to++;
                }
            }
            set(line, at, equals, from, to);
            at = quoted ? to + 2 : to + 1;
        }
    }

    private static void set(Line line, int keyStart, int keyEnd, int from, int to) {
        Map<String, AccessField> candidates = BY_LENGTH.get(keyEnd - keyStart);
        if (candidates == null) {
            return;
        }
        AccessField field =
                candidates.get(new String(line.values, keyStart, keyEnd - keyStart, StandardCharsets.ISO_8859_1));
        if (field != null) {
            line.field(field.index(), from, field == AccessField.DURATION ? Bytes.digits(line.values, from, to) : to);
        }
    }
}
