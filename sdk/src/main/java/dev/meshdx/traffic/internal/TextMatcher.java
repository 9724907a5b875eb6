package dev.meshdx.traffic.internal;

import com.google.re2j.Pattern;
import dev.meshdx.envoy.TextMatch;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A {@link TextMatch} made ready: compares texts as Envoy's {@code StringMatcher} does. Immutable. Source: Envoy, {@code type/matcher/v3/string.proto}. */
public final class TextMatcher {
    private final TextMatch match;
    private final TextMatch.Kind kind;
    private final boolean folds;
    private final String wanted;
    private final @Nullable Pattern expression;
    private final Regexes regexes;
    private final String part;

    private TextMatcher(TextMatch match, Regexes regexes) {
        this.match = match;
        this.regexes = regexes;
        this.kind = match.kind();
        this.folds = match.ignoreCase();
        this.wanted = fold(match.value());
        this.expression = match.kind() == TextMatch.Kind.REGEX ? regexes.pattern(match.value()) : null;
        this.part = expression == null ? "" : LiteralPart.of(match.value());
    }

    /** Makes one ready. */
    public static TextMatcher of(TextMatch match, Regexes regexes) {
        return new TextMatcher(match, regexes);
    }

    private String fold(String text) {
        return folds ? text.toLowerCase(Locale.ROOT) : text;
    }

    /** Whether a text is as wanted. An expression that is none, and a way that is not known, take nothing. */
    public boolean matches(String text) {
        return switch (kind) {
            case EXACT -> fold(text).equals(wanted);
            case PREFIX -> fold(text).startsWith(wanted);
            case SUFFIX -> fold(text).endsWith(wanted);
            case CONTAINS -> fold(text).contains(wanted);
            case REGEX -> expression != null && text.contains(part) && expression.matches(regexes.bytes(text));
            case OTHER -> false;
        };
    }

    /** The only text that it takes; null where there are more, or none. */
    @Nullable
    String only() {
        return kind == TextMatch.Kind.EXACT && !folds ? wanted : null;
    }

    /** Whether it is decided here: extensions are not. */
    public boolean isKnown() {
        return match.kind() != TextMatch.Kind.OTHER;
    }

    /** For people: {@code exactly "jason"}, {@code a value that begins with "v"}. */
    String describe() {
        String fold = match.ignoreCase() ? " in any case" : "";
        String value = match.value();
        return switch (match.kind()) {
            case EXACT -> "exactly \"" + value + "\"" + fold;
            case PREFIX -> "a value that begins with \"" + value + "\"" + fold;
            case SUFFIX -> "a value that ends with \"" + value + "\"" + fold;
            case CONTAINS -> "a value with \"" + value + "\"" + fold;
            case REGEX -> "a value that matches the whole of " + value;
            case OTHER -> "a value that fits " + value;
        };
    }
}
