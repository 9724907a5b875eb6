package dev.meshdx.traffic.internal;

import dev.meshdx.envoy.RouteMatch;
import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a rule of a VirtualService or of an HTTPRoute asks of a request, as the match that istiod makes of it. Sources:
 * istio/istio, {@code pilot/pkg/networking/core/route/route.go}, {@code TranslateRouteMatch}; {@code
 * pilot/pkg/config/kube/gateway/conversion.go}, {@code createURIMatch} and its neighbours.
 */
public final class RuleMatches {
    private RuleMatches() {}

    /**
     * One {@code http[].match[]} of a VirtualService; a missing one takes everything. Where it is for, such as
     * {@code sourceLabels}, {@code gateways} and {@code port}, is not part of it: istiod decides that.
     *
     * @return empty where it asks for claims of a token, which a request does not tell
     */
    public static Optional<RouteMatch> ofVirtualService(Json match) {
        for (String field : List.of("headers", "withoutHeaders")) {
            if (match.at(field).names().stream().anyMatch(name -> name.startsWith("@"))) {
                return Optional.empty();
            }
        }
        Map<String, Object> out = new TreeMap<>();
        Json uri = match.at("uri");
        if (uri.at("exact").exists()) {
            out.put("path", uri.at("exact").text(""));
        } else if (uri.at("regex").exists()) {
            out.put("safe_regex", Json.object("regex", uri.at("regex").text("")));
        } else {
            out.put("prefix", uri.at("prefix").text("/"));
        }
        out.put("case_sensitive", !match.at("ignoreUriCase").bool(false));
        List<Json> headers = new ArrayList<>();
        fields(match.at("headers")).forEach((name, value) -> headers.add(condition(name, value, false)));
        fields(match.at("withoutHeaders")).forEach((name, value) -> headers.add(condition(name, value, true)));
        for (String pseudo : List.of("method", "authority", "scheme")) {
            if (match.at(pseudo).exists()) {
                headers.add(condition(":" + pseudo, match.at(pseudo), false));
            }
        }
        out.put("headers", headers);
        List<Json> parameters = new ArrayList<>();
        fields(match.at("queryParams")).forEach((name, value) -> parameters.add(condition(name, value, false)));
        out.put("query_parameters", parameters);
        return Optional.of(RouteMatch.of(Json.of(out)));
    }

    /** One {@code rules[].matches[]} of an HTTPRoute; a missing one takes everything. */
    public static RouteMatch ofHttpRoute(Json match) {
        Map<String, Object> out = new TreeMap<>();
        String path = match.at("path", "value").text("/");
        switch (match.at("path", "type").text("PathPrefix")) {
            case "Exact" -> out.put("path", path);
            case "RegularExpression" -> out.put("safe_regex", Json.object("regex", path));
            default -> {
                String segments = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
                out.put(segments.isEmpty() ? "prefix" : "path_separated_prefix", segments.isEmpty() ? "/" : segments);
            }
        }
        List<Json> headers = new ArrayList<>();
        match.at("headers").items().forEach(header -> headers.add(named(header)));
        match.at("method")
                .text()
                .ifPresent(method -> headers.add(condition(":method", Json.object("exact", method), false)));
        out.put("headers", headers);
        out.put(
                "query_parameters",
                match.at("queryParams").items().stream().map(RuleMatches::named).toList());
        return RouteMatch.of(Json.of(out));
    }

    private static Json named(Json matcher) {
        String kind = matcher.at("type").text("Exact").equals("RegularExpression") ? "regex" : "exact";
        return condition(
                matcher.at("name").text(""),
                Json.object(kind, matcher.at("value").text("")),
                false);
    }

    private static Map<String, Json> fields(Json object) {
        Map<String, Json> fields = new TreeMap<>();
        object.forEachField(fields::put);
        return fields;
    }

    /** Nothing, or the expression {@code *}, asks for presence only. An absent header satisfies what asks for none such. */
    private static Json condition(String name, Json wanted, boolean inverted) {
        boolean presence = (!wanted.at("exact").exists()
                        && !wanted.at("prefix").exists()
                        && !wanted.at("regex").exists())
                || wanted.at("regex").text("").equals("*");
        if (presence) {
            return Json.object("name", name, "present_match", true, "invert_match", inverted);
        }
        Json text = wanted.at("regex").exists()
                ? Json.object(
                        "safe_regex", Json.object("regex", wanted.at("regex").text("")))
                : wanted.at("prefix").exists()
                        ? Json.object("prefix", wanted.at("prefix").text(""))
                        : Json.object("exact", wanted.at("exact").text(""));
        return Json.object(
                "name",
                name,
                "string_match",
                text,
                "invert_match",
                inverted,
                "treat_missing_header_as_empty",
                inverted);
    }
}
