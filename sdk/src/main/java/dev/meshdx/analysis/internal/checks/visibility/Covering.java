package dev.meshdx.analysis.internal.checks.visibility;

import dev.meshdx.model.Json;
import java.util.Locale;
import java.util.Map;

/**
 * Whether one match takes all that another would. Only what is certain counts: a regular expression covers its like, and
 * {@code .*} covers everything. Source: Istio, "Virtual Service", HTTPMatchRequest and StringMatch.
 */
final class Covering {
    private Covering() {}

    static boolean match(HttpRoutes.Match wide, HttpRoutes.Match narrow) {
        Json other = narrow.value();
        for (String name : wide.value().names()) {
            Json own = wide.value().at(name);
            boolean covered = switch (name) {
                case "name", "statPrefix", "ignoreUriCase", "gateways" -> true;
                case "uri" -> !own.exists() || path(own, wide.ignoresCase(), other.at("uri"), narrow.ignoresCase());
                case "scheme", "method", "authority" -> !own.exists() || text(own, false, other.at(name), false);
                case "headers", "queryParams" -> texts(own, other.at(name));
                case "withoutHeaders" -> subset(own, other.at(name));
                case "sourceLabels" -> subset(own, other.at(name));
                case "sourceNamespace" ->
                    own.text("").isEmpty() || own.text("").equals(other.at(name).text(""));
                case "port" ->
                    own.number(0) == 0 || own.number(0) == other.at(name).number(0);
                default -> !own.exists();
            };
            if (!covered) {
                return false;
            }
        }
        return true;
    }

    private static boolean texts(Json wide, Json narrow) {
        return wide.names().stream()
                .allMatch(name -> narrow.names().contains(name)
                        && (wide.at(name).size() == 0 || text(wide.at(name), false, narrow.at(name), false)));
    }

    private static boolean subset(Json wide, Json narrow) {
        return wide.names().stream()
                .allMatch(name -> narrow.names().contains(name) && wide.at(name).equals(narrow.at(name)));
    }

    static boolean path(Json wide, boolean wideIgnoresCase, Json narrow, boolean narrowIgnoresCase) {
        return wide.at("prefix").text("").equals("/")
                || wide.at("regex").text("").equals("*")
                || wide.at("regex").text("").equals("/.*")
                || text(wide, wideIgnoresCase, narrow, narrowIgnoresCase);
    }

    /** A match of text; {@code exact}, {@code prefix} or {@code regex}. */
    private static boolean text(Json wide, boolean wideIgnoresCase, Json narrow, boolean narrowIgnoresCase) {
        Map<String, String> own = wide.textMap();
        Map<String, String> other = narrow.textMap();
        if (own.containsKey("regex")) {
            return own.get("regex").equals(".*") || own.get("regex").equals(other.get("regex"));
        }
        boolean prefix = own.containsKey("prefix");
        String value = own.getOrDefault(prefix ? "prefix" : "exact", "");
        String taken = other.containsKey("exact") ? other.get("exact") : prefix ? other.get("prefix") : null;
        if (taken == null || !(prefix || own.containsKey("exact"))) {
            return false;
        }
        if (wideIgnoresCase) {
            value = value.toLowerCase(Locale.ROOT);
            taken = taken.toLowerCase(Locale.ROOT);
        } else if (narrowIgnoresCase && !value.toLowerCase(Locale.ROOT).equals(value.toUpperCase(Locale.ROOT))) {
            return false;
        }
        return prefix ? taken.startsWith(value) : taken.equals(value);
    }
}
