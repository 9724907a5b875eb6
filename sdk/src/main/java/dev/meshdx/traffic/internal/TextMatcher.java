package dev.meshdx.traffic.internal;

import dev.meshdx.model.Json;
import java.util.Locale;

/** Envoy's {@code StringMatcher}. Source: Envoy, {@code type/matcher/v3/string.proto}. */
final class TextMatcher {
    private TextMatcher() {}

    static boolean matches(Json matcher, String value, Regexes regexes) {
        boolean fold = matcher.at("ignore_case").bool(false);
        if (matcher.at("exact").exists()) {
            String wanted = matcher.at("exact").text("");
            return fold ? value.equalsIgnoreCase(wanted) : value.equals(wanted);
        }
        String text = fold ? value.toLowerCase(Locale.ROOT) : value;
        if (matcher.at("prefix").exists()) {
            return text.startsWith(wanted(matcher, "prefix", fold));
        }
        if (matcher.at("suffix").exists()) {
            return text.endsWith(wanted(matcher, "suffix", fold));
        }
        if (matcher.at("contains").exists()) {
            return text.contains(wanted(matcher, "contains", fold));
        }
        if (matcher.at("safe_regex").exists()) {
            return regexes.matches(matcher.at("safe_regex", "regex").text(""), value);
        }
        return false;
    }

    private static String wanted(Json matcher, String field, boolean fold) {
        String wanted = matcher.at(field).text("");
        return fold ? wanted.toLowerCase(Locale.ROOT) : wanted;
    }

    /** For people: {@code exactly "jason"}, {@code a value that begins with "v"}. */
    static String describe(Json matcher) {
        String fold = matcher.at("ignore_case").bool(false) ? " in any case" : "";
        if (matcher.at("exact").exists()) {
            return "exactly \"" + matcher.at("exact").text("") + "\"" + fold;
        }
        for (String[] kind : new String[][] {
            {"prefix", "a value that begins with "},
            {"suffix", "a value that ends with "},
            {"contains", "a value with "}
        }) {
            if (matcher.at(kind[0]).exists()) {
                return kind[1] + "\"" + matcher.at(kind[0]).text("") + "\"" + fold;
            }
        }
        return "a value that matches the whole of "
                + matcher.at("safe_regex", "regex").text("");
    }
}
