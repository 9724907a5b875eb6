package dev.meshdx.configuration.internal;

import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.List;

/** What a rule asks of a request, in words. Source: Istio, "Virtual Service", HTTPMatchRequest, L4MatchAttributes, TLSMatchAttributes. */
public final class Matches {
    private Matches() {}

    /** One alternative of a rule. */
    public static String text(Json match) {
        List<String> parts = new ArrayList<>();
        add(parts, "method", match.at("method"));
        add(parts, "path", match.at("uri"), match.at("ignoreUriCase").bool(false) ? " in any case" : "");
        add(parts, "scheme", match.at("scheme"));
        add(parts, "authority", match.at("authority"));
        match.at("headers").forEachField((name, value) -> add(parts, "header " + name, value));
        match.at("withoutHeaders").forEachField((name, value) -> add(parts, "no header " + name, value));
        match.at("queryParams").forEachField((name, value) -> add(parts, "parameter " + name, value));
        if (match.at("port").exists()) {
            parts.add("port " + match.at("port").text(""));
        }
        if (match.at("sniHosts").size() > 0) {
            parts.add("SNI " + String.join(" or ", match.at("sniHosts").texts()));
        }
        if (match.at("destinationSubnets").size() > 0) {
            parts.add("destination "
                    + String.join(" or ", match.at("destinationSubnets").texts()));
        }
        if (match.at("sourceLabels").size() > 0) {
            parts.add("from pods with " + match.at("sourceLabels").textMap());
        }
        if (match.at("sourceNamespace").exists()) {
            parts.add("from namespace " + match.at("sourceNamespace").text(""));
        }
        if (match.at("gateways").size() > 0) {
            parts.add("at " + String.join(" or ", match.at("gateways").texts()));
        }
        return parts.isEmpty() ? "everything" : String.join(", ", parts);
    }

    private static void add(List<String> parts, String what, Json matcher) {
        add(parts, what, matcher, "");
    }

    private static void add(List<String> parts, String what, Json matcher, String suffix) {
        if (!matcher.exists()) {
            return;
        }
        String text = matcher.at("exact")
                .text()
                .map(value -> " is " + value)
                .or(() -> matcher.at("prefix").text().map(value -> " begins with " + value))
                .or(() -> matcher.at("regex").text().map(value -> " matches " + value))
                .orElse(" is there");
        parts.add(what + text + suffix);
    }
}
