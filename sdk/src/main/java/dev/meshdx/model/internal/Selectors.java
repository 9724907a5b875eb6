package dev.meshdx.model.internal;

import dev.meshdx.model.Json;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
            if (!holds(expression, labels)) {
                return false;
            }
        }
        return true;
    }

    private static boolean holds(Json expression, Map<String, String> labels) {
        String value = labels.get(expression.at("key").text(""));
        List<String> values = expression.at("values").texts();
        return switch (expression.at("operator").text("")) {
            case "In" -> value != null && values.contains(value);
            case "NotIn" -> !values.isEmpty() && (value == null || !values.contains(value));
            case "Exists" -> values.isEmpty() && value != null;
            case "DoesNotExist" -> values.isEmpty() && value == null;
            default -> false;
        };
    }

    /**
     * One condition of a selector.
     *
     * @param key the label's name
     * @param text as a person would write it: {@code istio-injection in (enabled)}
     */
    public record Requirement(String key, String text) {}

    /** The first condition that the labels do not satisfy; empty where {@link #matches} is true. */
    public static Optional<Requirement> refusing(Json selector, Map<String, String> labels) {
        for (Map.Entry<String, String> wanted :
                selector.at("matchLabels").textMap().entrySet()) {
            if (!wanted.getValue().equals(labels.get(wanted.getKey()))) {
                return Optional.of(new Requirement(wanted.getKey(), wanted.getKey() + " = " + wanted.getValue()));
            }
        }
        for (Json expression : selector.at("matchExpressions").items()) {
            if (!holds(expression, labels)) {
                return Optional.of(requirement(expression));
            }
        }
        return Optional.empty();
    }

    /** The first condition that the labels satisfy with a label that is there; empty where they do so only by lacking some. */
    public static Optional<Requirement> admitting(Json selector, Map<String, String> labels) {
        for (Map.Entry<String, String> wanted :
                selector.at("matchLabels").textMap().entrySet()) {
            if (wanted.getValue().equals(labels.get(wanted.getKey()))) {
                return Optional.of(new Requirement(wanted.getKey(), wanted.getKey() + " = " + wanted.getValue()));
            }
        }
        for (Json expression : selector.at("matchExpressions").items()) {
            if (labels.containsKey(expression.at("key").text("")) && holds(expression, labels)) {
                return Optional.of(requirement(expression));
            }
        }
        return Optional.empty();
    }

    private static Requirement requirement(Json expression) {
        String key = expression.at("key").text("");
        List<String> values = expression.at("values").texts();
        String list = "(" + String.join(", ", values) + ")";
        String text = switch (expression.at("operator").text("")) {
            case "In" -> key + " in " + list;
            case "NotIn" -> key + " notin " + list;
            case "Exists" -> key + " exists" + (values.isEmpty() ? "" : " " + list);
            case "DoesNotExist" -> key + " does not exist" + (values.isEmpty() ? "" : " " + list);
            default -> key + " " + expression.at("operator").text("?") + " " + list;
        };
        return new Requirement(key, text);
    }
}
