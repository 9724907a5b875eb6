package dev.meshdx.testkit.internal;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import okio.ByteString;

/**
 * A request as it was sent.
 *
 * @param method HTTP method
 * @param target path and query
 * @param headers values by name in lower case
 * @param body never chunked any more
 */
record HttpRequest(String method, String target, Map<String, List<String>> headers, ByteString body) {
    /** The path without the query, decoded. */
    String path() {
        int query = target.indexOf('?');
        String path = query < 0 ? target : target.substring(0, query);
        // A plus is a plus in a path.
        return path.contains("%") ? URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8) : path;
    }

    /** All values of a query parameter. */
    List<String> queries(String name) {
        int start = target.indexOf('?');
        if (start < 0) {
            return List.of();
        }
        List<String> values = new ArrayList<>();
        for (String pair : target.substring(start + 1).split("&", -1)) {
            int equals = pair.indexOf('=');
            String key = equals < 0 ? pair : pair.substring(0, equals);
            if (URLDecoder.decode(key, StandardCharsets.UTF_8).equals(name)) {
                values.add(equals < 0 ? "" : URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
            }
        }
        return values;
    }

    /** The first value of a query parameter; empty where there is none. */
    String query(String name) {
        List<String> values = queries(name);
        return values.isEmpty() ? "" : values.get(0);
    }

    /** The first value of a header. */
    Optional<String> header(String name) {
        List<String> values = headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
        return values.isEmpty() ? Optional.empty() : Optional.of(values.get(0));
    }

    /** The items of all headers of a name that hold comma-separated lists. */
    List<String> headerItems(String name) {
        List<String> items = new ArrayList<>();
        for (String value : headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of())) {
            for (String item : value.split(",", -1)) {
                if (!item.isBlank()) {
                    items.add(item.trim());
                }
            }
        }
        return items;
    }

    /** Whether it asks to go on with another protocol. */
    boolean upgrades(String protocol) {
        return headerItems("connection").stream().anyMatch("upgrade"::equalsIgnoreCase)
                && headerItems("upgrade").stream().anyMatch(protocol::equalsIgnoreCase);
    }
}
