package dev.meshdx.traffic.internal;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/** The headers of a request as Envoy holds them when it looks for a route. */
public final class Headers {
    /** Headers of which Envoy joins several values. Source: measured on Envoy 1.40; {@code envoy/http/header_map.h}. */
    private static final Set<String> JOINED = Set.of(
            "accept",
            "accept-encoding",
            "access-control-request-method",
            "access-control-request-headers",
            "authorization",
            "cache-control",
            "content-type",
            "content-encoding",
            "expect",
            "if-match",
            "if-none-match",
            "if-modified-since",
            "origin",
            "pragma",
            "referer",
            "user-agent",
            "via",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-proto",
            "x-forwarded-port",
            "x-request-id",
            "x-client-trace-id",
            "x-envoy-original-path",
            "x-envoy-external-address",
            "x-envoy-decorator-operation",
            "x-envoy-attempt-count",
            "grpc-timeout",
            "grpc-accept-encoding");

    private final Map<String, List<String>> values = new LinkedHashMap<>();
    private final boolean http2;

    /** Headers in the order of the request; names in any case. */
    public Headers(List<Map.Entry<String, String>> headers, boolean http2) {
        this.http2 = http2;
        for (Map.Entry<String, String> header : headers) {
            List<String> one = List.of(header.getValue().strip());
            values.merge(header.getKey().toLowerCase(Locale.ROOT), one, Headers::both);
        }
    }

    private static List<String> both(List<String> some, List<String> more) {
        List<String> both = new ArrayList<>(some);
        both.addAll(more);
        return Collections.unmodifiableList(both);
    }

    /** Puts one value in the place of all that the name had. */
    public void set(String name, String value) {
        values.put(name.toLowerCase(Locale.ROOT), List.of(value));
    }

    /** Takes a header away. */
    public void remove(String name) {
        values.remove(name.toLowerCase(Locale.ROOT));
    }

    /** The values of a header, one for each that is looked at by itself. */
    public List<String> all(String name) {
        List<String> found = values.get(name);
        if (found == null) {
            String lower = name.toLowerCase(Locale.ROOT);
            boolean isHost = lower.equals("host");
            found = isHost || !lower.equals(name) ? values.get(isHost ? ":authority" : lower) : null;
        }
        if (found == null) {
            return List.of();
        }
        if (found.size() > 1) {
            String lower = name.toLowerCase(Locale.ROOT);
            if (JOINED.contains(lower)) {
                return List.of(String.join(",", found));
            }
            if (http2 && lower.equals("cookie")) {
                return List.of(String.join("; ", found));
            }
        }
        return found;
    }

    /** The first value. */
    public Optional<String> first(String name) {
        List<String> all = all(name);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(0));
    }

    /** The same for a name in lower case of a header that has no second name, and whose values are not joined. */
    private String only(String name) {
        List<String> found = values.get(name);
        return found == null ? "" : found.get(0);
    }

    /** All names and values, the pseudo headers among them, in the order of the request. */
    public void forEach(BiConsumer<String, String> action) {
        values.forEach((name, some) -> some.forEach(value -> action.accept(name, value)));
    }

    /** The method. */
    public String method() {
        return only(":method");
    }

    /** The path with query; empty text for none. */
    public String path() {
        return only(":path");
    }

    /** The host. */
    public String authority() {
        return only(":authority");
    }

    /** The scheme. */
    public String scheme() {
        return only(":scheme");
    }

    /** Whether it is a {@code CONNECT}. */
    public boolean isConnect() {
        return method().equals("CONNECT");
    }

    /** Whether it is a gRPC request: it has a path, and the content type. */
    public boolean isGrpc() {
        String type = first("content-type").orElse("");
        return !isConnect() && isGrpc(type);
    }

    private static boolean isGrpc(String type) {
        return type.equals("application/grpc") || type.startsWith("application/grpc+");
    }

    /** The value of a cookie. */
    public Optional<String> cookie(String name) {
        for (String header : all("cookie")) {
            for (String pair : header.split(";", -1)) {
                int equals = pair.indexOf('=');
                if (equals >= 0 && pair.substring(0, equals).strip().equals(name)) {
                    String value = pair.substring(equals + 1).strip();
                    return Optional.of(
                            value.length() > 1 && value.startsWith("\"") && value.endsWith("\"")
                                    ? value.substring(1, value.length() - 1)
                                    : value);
                }
            }
        }
        return Optional.empty();
    }

    /** The first occurrence of a query parameter, not decoded. */
    public Optional<String> query(String name) {
        String path = path();
        int fragment = path.indexOf('#');
        path = fragment < 0 ? path : path.substring(0, fragment);
        int start = path.indexOf('?');
        if (start < 0) {
            return Optional.empty();
        }
        for (String pair : path.substring(start + 1).split("&", -1)) {
            int equals = pair.indexOf('=');
            String key = equals < 0 ? pair : pair.substring(0, equals);
            if (key.equals(name)) {
                return Optional.of(equals < 0 ? "" : pair.substring(equals + 1));
            }
        }
        return Optional.empty();
    }
}
