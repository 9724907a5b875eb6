package dev.meshdx.health;

/**
 * What a selector of a webhook says of labels.
 *
 * @param matches whether the labels satisfy it
 * @param condition the condition that decided: the one that is not satisfied, or the one that a label satisfies; {@code
 *     istio-injection in (enabled)}. Empty where there is no selector, or where all conditions only ask that labels be absent
 * @param label the label that it is about, as it is: {@code istio-injection=disabled}, or {@code no label istio-injection};
 *     empty with an empty condition
 */
public record SelectorMatch(boolean matches, String condition, String label) {
    /** One line. */
    @Override
    public String toString() {
        return condition.isEmpty() ? (matches ? "matches" : "does not match") : condition + ": " + label;
    }
}
