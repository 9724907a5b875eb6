package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.IstioConfig;
import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A route of a virtual host: which requests it takes, and what happens to them. Immutable. */
public final class Route {
    private final Json raw;

    Route(Json raw) {
        this.raw = raw;
    }

    /** Its name; empty where it has none. */
    public String name() {
        return raw.at("name").text("");
    }

    /** Its {@code match}. */
    public Json match() {
        return raw.at("match");
    }

    /** The path that it takes, as istioctl writes it: {@code /api*}, {@code /exact}, {@code regex /a/.*}. */
    public String matchText() {
        return matchText(match());
    }

    static String matchText(Json match) {
        if (!match.at("prefix").text("").isEmpty()) {
            return match.at("prefix").text("") + "*";
        }
        if (match.at("path_separated_prefix").exists()) {
            return "PathPrefix:" + match.at("path_separated_prefix").text("");
        }
        if (match.at("path").exists()) {
            return match.at("path").text("");
        }
        if (match.at("safe_regex").exists()) {
            return "regex " + match.at("safe_regex", "regex").text("");
        }
        return "";
    }

    /** Everything that a request must have, in one line, for people. */
    public String requirements() {
        List<String> parts = new ArrayList<>();
        Json match = match();
        String path = matchText();
        if (path.isEmpty()) {
            path = match.at("connect_matcher").exists()
                    ? "CONNECT"
                    : match.at("path_match_policy", "typed_config", "path_template")
                            .text()
                            .map(template -> "template " + template)
                            .orElse("*");
        }
        parts.add(path);
        for (Json header : match.at("headers").items()) {
            parts.add("header " + header.at("name").text(""));
        }
        for (Json parameter : match.at("query_parameters").items()) {
            parts.add("query parameter " + parameter.at("name").text(""));
        }
        return String.join(", ", parts);
    }

    /** The clusters that it may send to: one, or several with weights (those with weight 0 left out). */
    public List<String> clusters() {
        Json action = raw.at("route");
        List<String> clusters = new ArrayList<>();
        action.at("cluster").text().ifPresent(clusters::add);
        for (Json weighted : action.at("weighted_clusters", "clusters").items()) {
            if (weighted.at("weight").number(0) > 0) {
                weighted.at("name").text().ifPresent(clusters::add);
            }
        }
        return List.copyOf(clusters);
    }

    /** The Istio resource behind it, usually a VirtualService. */
    public Optional<ResourceRef> configuredBy() {
        return IstioConfig.of(raw.at("metadata"));
    }

    String configuredByCell() {
        return IstioConfig.cell(raw.at("metadata"));
    }

    /** The whole route as Envoy prints it. */
    public Json raw() {
        return raw;
    }

    /** One line. */
    @Override
    public String toString() {
        String action = raw.at("route").exists()
                ? String.join(", ", clusters())
                : raw.at("redirect").exists()
                        ? "redirect"
                        : raw.at("direct_response").exists()
                                ? "answer "
                                        + raw.at("direct_response", "status").number(0)
                                : "no action";
        return (name().isEmpty() ? "" : name() + ": ") + requirements() + " -> " + action;
    }
}
