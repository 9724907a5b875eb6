package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.List;

/**
 * The descriptors of rate limits, and token buckets, for people. Source: Envoy,
 * {@code config/route/v3/route_components.proto}, {@code RateLimit}; {@code type/v3/token_bucket.proto}.
 */
final class RateLimits {
    private RateLimits() {}

    static List<String> descriptors(Json limits) {
        return limits.items().stream().map(RateLimits::descriptor).toList();
    }

    private static String descriptor(Json limit) {
        List<String> entries = new ArrayList<>();
        for (Json action : limit.at("actions").items()) {
            entries.add(entry(action));
        }
        long stage = limit.at("stage").number(0);
        return "(" + String.join(", ", entries) + ")" + (stage == 0 ? "" : " stage " + stage);
    }

    private static String entry(Json action) {
        String kind = action.names().isEmpty() ? "nothing" : action.names().get(0);
        Json fields = action.at(kind);
        return switch (kind) {
            case "generic_key" ->
                fields.at("descriptor_key").text("generic_key") + "="
                        + fields.at("descriptor_value").text("");
            case "request_headers" -> "header " + fields.at("header_name").text("");
            case "header_value_match" ->
                "headers as " + fields.at("descriptor_value").text("");
            case "metadata", "dynamic_metadata" ->
                "metadata " + fields.at("descriptor_key").text("");
            case "extension" -> fields.at("name").text(kind);
            default -> kind.replace('_', ' ');
        };
    }

    /** {@code 2 per 60s, at most 10 at once}; empty where there is no bucket. */
    static String bucket(Json bucket) {
        if (!bucket.isObject()) {
            return "";
        }
        int max = ProtoValues.count(bucket.at("max_tokens"), 0);
        int fill = ProtoValues.count(bucket.at("tokens_per_fill"), 1);
        String per = ProtoValues.duration(bucket.at("fill_interval"))
                .map(ProtoValues::text)
                .orElse("?");
        return fill + " per " + per + (max == fill ? "" : ", at most " + max + " at once");
    }
}
