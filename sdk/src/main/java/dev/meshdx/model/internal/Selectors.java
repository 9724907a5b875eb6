package dev.meshdx.model.internal;

import dev.meshdx.model.Json;
import java.util.List;
import java.util.Map;

/** Kubernetes label selectors. Source: Kubernetes, "Labels and Selectors". */
public final class Selectors {
    private Selectors() {}

    /** Whether labels satisfy a plain map, as a Service's selector or an Istio workload selector; an empty one matches all. */
    public static boolean matchesMap(Map<String, String> selector, Map<String, String> labels) {
        for (Map.Entry<String, String> wanted : selector.entrySet()) {
            if (!wanted.getValue().equals(labels.get(wanted.getKey()))) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether labels satisfy a LabelSelector with {@code matchLabels} and {@code matchExpressions}. One that Kubernetes refuses
     * is satisfied by none. Source: apimachinery, {@code LabelSelectorAsSelector}.
     */
    public static boolean matches(Json selector, Map<String, String> labels) {
        if (!matchesMap(selector.at("matchLabels").textMap(), labels)) {
            return false;
        }
        for (Json expression : selector.at("matchExpressions").items()) {
            String value = labels.get(expression.at("key").text(""));
            List<String> values = expression.at("values").texts();
            boolean holds = switch (expression.at("operator").text("")) {
                case "In" -> value != null && values.contains(value);
                case "NotIn" -> !values.isEmpty() && (value == null || !values.contains(value));
                case "Exists" -> values.isEmpty() && value != null;
                case "DoesNotExist" -> values.isEmpty() && value == null;
                default -> false;
            };
            if (!holds) {
                return false;
            }
        }
        return true;
    }
}
