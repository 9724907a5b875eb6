package dev.meshdx.envoy;

import dev.meshdx.annotation.Internal;
import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Which requests a route takes; all conditions have to hold. Immutable. Source: Envoy,
 * {@code config/route/v3/route_components.proto}, {@code RouteMatch}.
 */
public final class RouteMatch {
    /** How the path is compared. */
    public enum PathKind {
        /** It begins with the text, be it in the middle of a segment. */
        PREFIX,
        /** It is the text. */
        EXACT,
        /** It is the text, or goes on after it with a slash ({@code path_separated_prefix}). */
        SEGMENT_PREFIX,
        /** The whole of it matches an RE2 expression. */
        REGEX,
        /** It fits a template such as <code>/orders/{id}</code>. */
        TEMPLATE,
        /** There is none: the request is a {@code CONNECT}. */
        CONNECT,
        /** In a way that this version does not know, or not at all. */
        UNKNOWN
    }

    private final Json raw;

    /** Reads a {@code RouteMatch}, which filters have too. */
    @Internal
    public static RouteMatch of(Json raw) {
        return new RouteMatch(raw);
    }

    RouteMatch(Json raw) {
        this.raw = raw;
    }

    /** How the path is compared. */
    public PathKind pathKind() {
        if (raw.at("prefix").exists()) {
            return PathKind.PREFIX;
        }
        if (raw.at("path").exists()) {
            return PathKind.EXACT;
        }
        if (raw.at("path_separated_prefix").exists()) {
            return PathKind.SEGMENT_PREFIX;
        }
        if (raw.at("safe_regex").exists() || raw.at("regex").exists()) {
            return PathKind.REGEX;
        }
        if (raw.at("path_match_policy").exists()) {
            return PathKind.TEMPLATE;
        }
        return raw.at("connect_matcher").exists() ? PathKind.CONNECT : PathKind.UNKNOWN;
    }

    /** What the path is compared with: text, expression or template; empty for {@link PathKind#CONNECT}. */
    public String path() {
        return switch (pathKind()) {
            case PREFIX -> raw.at("prefix").text("");
            case EXACT -> raw.at("path").text("");
            case SEGMENT_PREFIX -> raw.at("path_separated_prefix").text("");
            case REGEX -> ProtoValues.regex(raw.at(raw.at("safe_regex").exists() ? "safe_regex" : "regex"));
            case TEMPLATE ->
                raw.at("path_match_policy", "typed_config", "path_template").text("");
            case CONNECT, UNKNOWN -> "";
        };
    }

    /** Whether upper and lower case differ in the path; always so for expressions and templates. */
    public boolean isCaseSensitive() {
        return switch (pathKind()) {
            case PREFIX, EXACT, SEGMENT_PREFIX -> raw.at("case_sensitive").bool(true);
            default -> true;
        };
    }

    /** The share in percent of the requests that meet the conditions, chosen by chance; 100 where none is set. */
    public double runtimeShare() {
        Json fraction = raw.at("runtime_fraction");
        return fraction.exists() ? ProtoValues.percent(fraction.at("default_value"), 0) : 100;
    }

    /** The conditions on headers, method and authority among them. */
    public List<FieldMatch> headers() {
        return all("headers", FieldMatch::header);
    }

    /** The conditions on query parameters; the first one of a name counts. */
    public List<FieldMatch> queryParameters() {
        return all("query_parameters", FieldMatch::parameter);
    }

    /** The conditions on cookies. */
    public List<FieldMatch> cookies() {
        return all("cookies", FieldMatch::cookie);
    }

    private List<FieldMatch> all(String field, Function<Json, FieldMatch> type) {
        List<Json> items = raw.at(field).items();
        if (items.isEmpty()) {
            // Tracing asks this of every route.
            return List.of();
        }
        List<FieldMatch> all = new ArrayList<>(items.size());
        for (Json item : items) {
            all.add(type.apply(item));
        }
        return Collections.unmodifiableList(all);
    }

    /** Whether only gRPC requests are taken, by their content type. */
    public boolean isGrpcOnly() {
        return raw.at("grpc").exists();
    }

    /** Where the client's certificate counts: whether one has to be shown. */
    public Optional<Boolean> wantsClientCertificate() {
        Json presented = raw.at("tls_context", "presented");
        return presented.exists() ? Optional.of(presented.bool(false)) : Optional.empty();
    }

    /** Where it counts: whether the client's certificate has to be one that the proxy trusts. */
    public Optional<Boolean> wantsValidatedCertificate() {
        Json validated = raw.at("tls_context", "validated");
        return validated.exists() ? Optional.of(validated.bool(false)) : Optional.empty();
    }

    /** What filters before the router have to have found out: claims of a token, filter state; each readable. */
    public List<String> dynamicConditions() {
        List<String> conditions = new ArrayList<>();
        for (Json metadata : raw.at("dynamic_metadata").items()) {
            List<String> path = new ArrayList<>();
            metadata.at("path").items().forEach(key -> path.add(key.at("key").text("")));
            conditions.add("metadata " + metadata.at("filter").text("") + (path.isEmpty() ? "" : " ")
                    + String.join(".", path)
                    + (metadata.at("invert").bool(false) ? " not" : "") + value(metadata.at("value")));
        }
        for (Json state : raw.at("filter_state").items()) {
            conditions.add("filter state " + state.at("key").text("") + value(state));
        }
        return List.copyOf(conditions);
    }

    /** Source: Envoy, {@code type/matcher/v3/value.proto}. */
    private static String value(Json matcher) {
        if (matcher.at("string_match").exists()) {
            return " " + TextMatch.of(matcher.at("string_match"));
        }
        if (matcher.at("list_match").exists()) {
            return " with" + value(matcher.at("list_match", "one_of"));
        }
        if (matcher.at("or_match").exists()) {
            List<String> parts = new ArrayList<>();
            matcher.at("or_match", "value_matchers")
                    .items()
                    .forEach(part -> parts.add(value(part).strip()));
            return " " + String.join(" or ", parts);
        }
        if (matcher.at("bool_match").exists()) {
            return " " + matcher.at("bool_match").bool(false);
        }
        return matcher.at("present_match").exists() ? " present" : "";
    }

    /** The whole match as Envoy prints it. */
    public Json raw() {
        return raw;
    }

    /** The path alone, for people: {@code prefix /api/ (case-insensitive)}. */
    String pathText() {
        String text = switch (pathKind()) {
            case PREFIX -> "prefix " + path();
            case EXACT -> "path " + path();
            case SEGMENT_PREFIX -> "segment prefix " + path();
            case REGEX -> "regex " + path();
            case TEMPLATE -> "template " + path();
            case CONNECT -> "CONNECT";
            case UNKNOWN -> "any path";
        };
        return isCaseSensitive() ? text : text + " (case-insensitive)";
    }

    /** One line: {@code prefix /api/ (case-insensitive), header x-canary=true}. */
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        parts.add(pathText());
        headers().forEach(header -> parts.add(header.toString()));
        queryParameters().forEach(parameter -> parts.add(parameter.toString()));
        cookies().forEach(cookie -> parts.add(cookie.toString()));
        if (isGrpcOnly()) {
            parts.add("gRPC only");
        }
        wantsClientCertificate()
                .ifPresent(wanted -> parts.add(wanted ? "with a client certificate" : "without a client certificate"));
        wantsValidatedCertificate()
                .ifPresent(wanted -> parts.add(wanted ? "certificate validated" : "certificate not validated"));
        parts.addAll(dynamicConditions());
        if (runtimeShare() < 100) {
            parts.add(ProtoValues.percentText(runtimeShare()) + " of them by chance");
        }
        return String.join(", ", parts);
    }
}
