package dev.meshdx.envoy;

import dev.meshdx.model.Json;
import java.util.List;

/**
 * What a subject alternative name of the other side's certificate has to look like. Source: Envoy,
 * {@code extensions/transport_sockets/tls/v3/common.proto}, {@code SubjectAltNameMatcher}.
 *
 * @param type {@code URI}, {@code DNS}, {@code EMAIL}, {@code IP_ADDRESS}…; empty for any (the older form has no type)
 * @param kind {@code exact}, {@code prefix}, {@code suffix}, {@code contains}, {@code safe_regex}, {@code custom}
 * @param value the text, such as {@code spiffe://cluster.local/ns/shop/sa/cart}
 */
public record SanMatcher(String type, String kind, String value) {
    static SanMatcher of(String type, Json matcher) {
        for (String kind : List.of("exact", "prefix", "suffix", "contains")) {
            if (matcher.at(kind).exists()) {
                return new SanMatcher(type, kind, matcher.at(kind).text(""));
            }
        }
        if (matcher.at("safe_regex").exists() || matcher.at("regex").exists()) {
            return new SanMatcher(
                    type,
                    "safe_regex",
                    matcher.at("safe_regex", "regex").text(matcher.at("regex").text("")));
        }
        return new SanMatcher(type, "custom", matcher.at("custom", "name").text(""));
    }

    /** The value; with what it is unless the whole name has to be equal. */
    @Override
    public String toString() {
        return (type.isEmpty() ? "" : type + " ") + (kind.equals("exact") ? "" : kind + " ") + value;
    }
}
