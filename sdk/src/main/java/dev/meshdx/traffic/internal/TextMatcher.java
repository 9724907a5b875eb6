package dev.meshdx.traffic.internal;

import dev.meshdx.envoy.TextMatch;
import java.util.Locale;

/** Compares texts as Envoy's {@code StringMatcher} does. Source: Envoy, {@code type/matcher/v3/string.proto}. */
final class TextMatcher {
    private TextMatcher() {}

    static boolean matches(TextMatch matcher, String value, Regexes regexes) {
        if (matcher.kind() == TextMatch.Kind.REGEX) {
            return regexes.matches(matcher.value(), value);
        }
        String text = matcher.ignoreCase() ? value.toLowerCase(Locale.ROOT) : value;
        String wanted = matcher.ignoreCase() ? matcher.value().toLowerCase(Locale.ROOT) : matcher.value();
        return switch (matcher.kind()) {
            case EXACT -> matcher.ignoreCase() ? value.equalsIgnoreCase(matcher.value()) : value.equals(wanted);
            case PREFIX -> text.startsWith(wanted);
            case SUFFIX -> text.endsWith(wanted);
            case CONTAINS -> text.contains(wanted);
            case REGEX, OTHER -> false;
        };
    }

    /** For people: {@code exactly "jason"}, {@code a value that begins with "v"}. */
    static String describe(TextMatch matcher) {
        String fold = matcher.ignoreCase() ? " in any case" : "";
        return switch (matcher.kind()) {
            case EXACT -> "exactly \"" + matcher.value() + "\"" + fold;
            case PREFIX -> "a value that begins with \"" + matcher.value() + "\"" + fold;
            case SUFFIX -> "a value that ends with \"" + matcher.value() + "\"" + fold;
            case CONTAINS -> "a value with \"" + matcher.value() + "\"" + fold;
            case REGEX -> "a value that matches the whole of " + matcher.value();
            case OTHER -> "a value that fits " + matcher.value();
        };
    }
}
