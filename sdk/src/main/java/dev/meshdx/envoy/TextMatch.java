package dev.meshdx.envoy;

import dev.meshdx.annotation.Internal;
import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;

/**
 * What a text has to look like. Source: Envoy, {@code type/matcher/v3/string.proto}, {@code StringMatcher}.
 *
 * @param kind how the text is compared
 * @param value what it is compared with; for {@link Kind#REGEX} an RE2 expression that has to match the whole text
 * @param ignoreCase whether upper and lower case are the same; regular expressions say so themselves, with {@code (?i)}
 */
public record TextMatch(Kind kind, String value, boolean ignoreCase) {
    /** How a text is compared. */
    public enum Kind {
        /** It is the value. */
        EXACT,
        /** It begins with the value. */
        PREFIX,
        /** It ends with the value. */
        SUFFIX,
        /** The value is somewhere in it. */
        CONTAINS,
        /** The whole of it matches. */
        REGEX,
        /** By an extension, whose name is the value; or in a way that this version does not know. */
        OTHER
    }

    /** Reads a {@code StringMatcher}. */
    @Internal
    public static TextMatch of(Json matcher) {
        boolean ignoreCase = matcher.at("ignore_case").bool(false);
        if (matcher.at("exact").exists()) {
            return new TextMatch(Kind.EXACT, matcher.at("exact").text(""), ignoreCase);
        }
        if (matcher.at("prefix").exists()) {
            return new TextMatch(Kind.PREFIX, matcher.at("prefix").text(""), ignoreCase);
        }
        if (matcher.at("safe_regex").exists()) {
            return new TextMatch(Kind.REGEX, ProtoValues.regex(matcher.at("safe_regex")), false);
        }
        if (matcher.at("suffix").exists()) {
            return new TextMatch(Kind.SUFFIX, matcher.at("suffix").text(""), ignoreCase);
        }
        if (matcher.at("contains").exists()) {
            return new TextMatch(Kind.CONTAINS, matcher.at("contains").text(""), ignoreCase);
        }
        if (matcher.at("regex").exists()) {
            // Before safe_regex.
            return new TextMatch(Kind.REGEX, matcher.at("regex").text(""), false);
        }
        // Nothing set is not the empty text, which is printed.
        String field = matcher.names().isEmpty() ? "nothing" : matcher.names().get(0);
        return new TextMatch(Kind.OTHER, matcher.at("custom", "name").text(field), false);
    }

    /** For people, as what follows a name: {@code =jason}, {@code begins with v}. */
    String after(String name, boolean inverted) {
        String not = inverted ? "not: " : "";
        String text = switch (kind) {
            case EXACT -> name + (inverted ? "!=" : "=") + value;
            case PREFIX -> name + " " + not + "begins with " + value;
            case SUFFIX -> name + " " + not + "ends with " + value;
            case CONTAINS -> name + " " + not + "contains " + value;
            case REGEX -> name + " " + not + "matches " + value;
            case OTHER -> name + " " + not + "by " + value;
        };
        return ignoreCase ? text + " (any case)" : text;
    }

    /** {@code jason}, {@code v*}, {@code *.example.com}, {@code *canary*}, {@code regex v[0-9]+}. */
    @Override
    public String toString() {
        String text = switch (kind) {
            case EXACT -> value;
            case PREFIX -> value + "*";
            case SUFFIX -> "*" + value;
            case CONTAINS -> "*" + value + "*";
            case REGEX -> "regex " + value;
            case OTHER -> "by " + value;
        };
        return ignoreCase ? text + " (any case)" : text;
    }
}
