package dev.meshdx.logs.internal;

import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.LineKind;
import dev.meshdx.logs.LogLine;
import dev.meshdx.model.Json;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells who wrote a line of {@code istio-proxy}'s log, and takes it apart. Tolerant: fields after the known ones are ignored,
 * older formats that lack some are read by their shape, and what is none of the known forms is kept as it is.
 */
public final class LineParser {
    private static final int MAX_LINE = 64 * 1024;

    private static final Pattern ENVOY_PLAIN = Pattern.compile(
            "^\\[(\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d+)\\]\\s?\\[(\\d+)\\]\\s?\\[(\\w+)\\]\\s?\\[([\\w.]+)\\]\\s?(.*)$");
    private static final Pattern SCOPE = Pattern.compile("[A-Za-z][A-Za-z0-9_-]*");
    private static final DateTimeFormatter SPACED = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss[.SSS]");

    /** Fields after the flags in Istio's format. Source: Istio, pkg/config/mesh (default access log format). */
    private static final List<String> ISTIO = List.of(
            "response_code_details",
            "connection_termination_details",
            "upstream_transport_failure_reason",
            "bytes_received",
            "bytes_sent",
            "duration",
            "upstream_service_time",
            "x_forwarded_for",
            "user_agent",
            "request_id",
            "authority",
            "upstream_host",
            "upstream_cluster",
            "upstream_local_address",
            "downstream_local_address",
            "downstream_remote_address",
            "requested_server_name",
            "route_name");

    /** Fields that JSON formats may have under another name. */
    private static final Map<String, String> ALIASES = Map.of(
            "requested_path", "path", "x_request_id", "request_id", "flags", "response_flags", "host", "authority");

    /** Forwarded-for, user agent, request id, authority, upstream host. */
    private static final int QUOTED = 5;

    /** Cluster, two addresses of the proxy, the client's address, server name, route. */
    private static final int AFTER_QUOTED = 6;

    private LineParser() {}

    private record Token(String text, boolean quoted) {}

    /** Parses one line. */
    public static LogLine parse(String text) {
        if (text.length() <= MAX_LINE && !text.isEmpty()) {
            LogLine line = switch (text.charAt(0)) {
                case '[' -> bracketed(text);
                case '{' -> json(text);
                default -> tabbed(text);
            };
            if (line != null) {
                return line;
            }
        }
        return new LogLine(text, LineKind.OTHER, null, "", "", text, null);
    }

    private static @Nullable LogLine bracketed(String text) {
        Matcher plain = ENVOY_PLAIN.matcher(text);
        if (plain.matches()) {
            return new LogLine(
                    text, LineKind.ENVOY, time(plain.group(1)), plain.group(3), plain.group(4), plain.group(5), null);
        }
        int close = text.indexOf(']');
        Instant time = close < 0 ? null : time(text.substring(1, close));
        if (time == null) {
            return null;
        }
        List<Token> tokens = tokens(text, close + 1);
        if (tokens.size() < 3 || !tokens.get(0).quoted()) {
            return null;
        }
        Map<String, String> fields = new HashMap<>();
        request(tokens.get(0).text(), fields);
        put(fields, "response_code", tokens.get(1).text());
        put(fields, "response_flags", tokens.get(2).text());
        if (!isNumber(tokens.get(1).text())) {
            return null;
        }
        List<Token> rest = tokens.subList(3, tokens.size());
        rest(rest, fields);
        return new LogLine(text, LineKind.ACCESS, time, "", "", text, new AccessLogEntry(fields, time, text));
    }

    /** {@code METHOD PATH PROTOCOL}; a path may hold blanks that a client did not encode. */
    private static void request(String line, Map<String, String> fields) {
        int first = line.indexOf(' ');
        int last = line.lastIndexOf(' ');
        if (first < 0 || last == first) {
            return;
        }
        put(fields, "method", line.substring(0, first));
        put(fields, "path", line.substring(first + 1, last));
        put(fields, "protocol", line.substring(last + 1));
    }

    private static void rest(List<Token> rest, Map<String, String> fields) {
        int from = 0;
        if (!rest.isEmpty() && rest.get(0).quoted()) {
            // Before Istio 1.9: quoted texts (mixer status, transport failure) stand where the details stand now.
            int quoted = 0;
            while (quoted < rest.size() && rest.get(quoted).quoted()) {
                quoted++;
            }
            put(
                    fields,
                    "upstream_transport_failure_reason",
                    rest.get(quoted - 1).text());
            rest = rest.subList(quoted, rest.size());
            from = 3;
        } else if (!rest.isEmpty() && isNumber(rest.get(0).text())) {
            // Envoy's own default format goes on with the byte counts.
            from = 3;
        }
        List<Token> sound = withoutStrayQuotes(rest, ISTIO.indexOf("x_forwarded_for") - from);
        for (int i = 0; i < sound.size() && from + i < ISTIO.size(); i++) {
            put(fields, ISTIO.get(from + i), sound.get(i).text());
        }
    }

    /**
     * Envoy does not escape quotes in what clients send. Of the five quoted fields in a row only the user agent, the second, is
     * free text: whatever is too much belongs to it.
     *
     * @param start the first of the five
     */
    private static List<Token> withoutStrayQuotes(List<Token> tokens, int start) {
        int end = tokens.size() - 1 - AFTER_QUOTED;
        while (end > start && !tokens.get(end).quoted()) {
            end--;
        }
        int surplus = end - start + 1 - QUOTED;
        if (surplus <= 0) {
            return tokens;
        }
        List<Token> sound = new ArrayList<>(tokens.subList(0, start + 1));
        StringBuilder agent = new StringBuilder();
        for (Token part : tokens.subList(start + 1, start + 2 + surplus)) {
            agent.append(agent.isEmpty() ? "" : " ").append(part.text());
        }
        sound.add(new Token(agent.toString(), true));
        sound.addAll(tokens.subList(start + 2 + surplus, tokens.size()));
        return sound;
    }

    private static void put(Map<String, String> fields, String name, String value) {
        if (!value.isEmpty() && !value.equals("-")) {
            fields.put(name, value);
        }
    }

    /** Words between blanks; a quoted one ends at a quote that is followed by a blank or the end. */
    private static List<Token> tokens(String text, int start) {
        List<Token> tokens = new ArrayList<>();
        int at = start;
        while (at < text.length()) {
            if (text.charAt(at) == ' ') {
                at++;
                continue;
            }
            int end;
            boolean quoted = text.charAt(at) == '"';
            if (quoted) {
                end = text.indexOf('"', at + 1);
                while (end >= 0 && end + 1 < text.length() && text.charAt(end + 1) != ' ') {
                    end = text.indexOf('"', end + 1);
                }
                if (end < 0) {
                    end = text.length();
                }
                tokens.add(new Token(text.substring(at + 1, end), true));
                at = end + 1;
            } else {
                end = text.indexOf(' ', at);
                end = end < 0 ? text.length() : end;
                tokens.add(new Token(text.substring(at, end), false));
                at = end;
            }
        }
        return tokens;
    }

    private static boolean isNumber(String text) {
        if (text.isEmpty()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    private static @Nullable LogLine json(String text) {
        Json object;
        try {
            object = Json.parse(text);
        } catch (MeshProtocolException | java.io.UncheckedIOException e) {
            return null;
        }
        if (object.at("start_time").exists() || object.at("response_code").exists()) {
            Map<String, String> fields = new HashMap<>();
            object.forEachField((name, value) -> value.text().ifPresent(item -> put(fields, name, item)));
            ALIASES.forEach((alias, name) -> {
                String value = fields.get(alias);
                if (value != null) {
                    fields.putIfAbsent(name, value);
                }
            });
            Instant time = time(object.at("start_time").text(""));
            return new LogLine(text, LineKind.ACCESS, time, "", "", text, new AccessLogEntry(fields, time, text));
        }
        String message = object.at("msg").text(object.at("message").text(""));
        String level = object.at("level").text(object.at("severity").text(""));
        if (message.isEmpty() && level.isEmpty()) {
            return null;
        }
        String scope = object.at("scope").text(object.at("logger").text(""));
        boolean envoy = scope.startsWith("envoy ");
        return new LogLine(
                text,
                envoy ? LineKind.ENVOY : LineKind.AGENT,
                time(object.at("time").text(object.at("timestamp").text(""))),
                level.toLowerCase(java.util.Locale.ROOT),
                envoy ? scope.substring("envoy ".length()) : scope,
                message,
                null);
    }

    private static @Nullable LogLine tabbed(String text) {
        int first = text.indexOf('\t');
        int second = first < 0 ? -1 : text.indexOf('\t', first + 1);
        Instant time = first < 0 ? null : time(text.substring(0, first));
        if (time == null || second < 0) {
            return null;
        }
        String level = text.substring(first + 1, second);
        String rest = text.substring(second + 1);
        int third = rest.indexOf('\t');
        String head = third < 0 ? rest : rest.substring(0, third);
        if (head.startsWith("envoy ")) {
            String[] words = head.split(" ", -1);
            String message = third < 0 ? "" : rest.substring(third + 1);
            int thread = message.lastIndexOf("\tthread=");
            return new LogLine(
                    text,
                    LineKind.ENVOY,
                    time,
                    level,
                    words.length > 1 ? words[1] : "",
                    thread < 0 ? message : message.substring(0, thread),
                    null);
        }
        boolean scoped = third >= 0 && SCOPE.matcher(head).matches();
        return new LogLine(
                text, LineKind.AGENT, time, level, scoped ? head : "", scoped ? rest.substring(third + 1) : rest, null);
    }

    private static @Nullable Instant time(String text) {
        // Cheap refusals first: most lines that are no time at all are long.
        if (text.length() < 19 || text.length() > 40 || text.charAt(4) != '-') {
            return null;
        }
        try {
            if (text.endsWith("Z")) {
                return Instant.parse(text);
            }
            if (text.charAt(10) == ' ') {
                return LocalDateTime.parse(text, SPACED).toInstant(ZoneOffset.UTC);
            }
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }
}
