package dev.meshdx.envoy;

import dev.meshdx.annotation.Internal;
import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import dev.meshdx.model.internal.SecretHeaders;
import java.util.List;
import java.util.Optional;

/**
 * What a header, a query parameter or a cookie has to be like. Immutable. Source: Envoy,
 * {@code config/route/v3/route_components.proto}, {@code HeaderMatcher}, {@code QueryParameterMatcher}, {@code CookieMatcher}.
 */
public final class FieldMatch {
    private enum Part {
        HEADER,
        PARAMETER,
        COOKIE
    }

    /** What is asked of the field. */
    public enum Kind {
        /** That it is there, or that it is not: {@link FieldMatch#wantsPresent()}. */
        PRESENCE,
        /** That its value looks like {@link FieldMatch#text()}. */
        TEXT,
        /** That its value is a whole number in a range: {@link FieldMatch#rangeStart()} to below {@link FieldMatch#rangeEnd()}. */
        RANGE
    }

    private final Json raw;
    private final Part part;

    private FieldMatch(Json raw, Part part) {
        this.raw = raw;
        this.part = part;
    }

    /** Reads a {@code HeaderMatcher}. */
    @Internal
    public static FieldMatch header(Json raw) {
        return new FieldMatch(raw, Part.HEADER);
    }

    static FieldMatch parameter(Json raw) {
        return new FieldMatch(raw, Part.PARAMETER);
    }

    static FieldMatch cookie(Json raw) {
        return new FieldMatch(raw, Part.COOKIE);
    }

    /** Its name: {@code x-canary}; {@code :method}, {@code :authority}, {@code :scheme} and {@code :path} are headers too. */
    public String name() {
        return raw.at("name").text("");
    }

    /** What is asked of it. */
    public Kind kind() {
        if (raw.at("range_match").exists()) {
            return Kind.RANGE;
        }
        return matcher().isPresent() ? Kind.TEXT : Kind.PRESENCE;
    }

    /** What its value has to look like, before {@link #isInverted()} is looked at. */
    public Optional<TextMatch> text() {
        Optional<TextMatch> text = matcher();
        return text.isPresent() && raw.at("range_match").exists() ? Optional.empty() : text;
    }

    private Optional<TextMatch> matcher() {
        Json text = raw.at("string_match");
        if (text.exists()) {
            return Optional.of(TextMatch.of(text));
        }
        // The forms before string_match. An empty exact_match stands for presence.
        Optional<String> exact = ProtoValues.text(raw.at("exact_match"));
        if (exact.isPresent()) {
            return Optional.of(new TextMatch(TextMatch.Kind.EXACT, exact.get(), false));
        }
        if (raw.at("prefix_match").exists()) {
            return Optional.of(old(TextMatch.Kind.PREFIX, "prefix_match"));
        }
        if (raw.at("suffix_match").exists()) {
            return Optional.of(old(TextMatch.Kind.SUFFIX, "suffix_match"));
        }
        if (raw.at("contains_match").exists()) {
            return Optional.of(old(TextMatch.Kind.CONTAINS, "contains_match"));
        }
        for (String field : List.of("safe_regex_match", "regex_match")) {
            if (raw.at(field).exists()) {
                return Optional.of(new TextMatch(TextMatch.Kind.REGEX, ProtoValues.regex(raw.at(field)), false));
            }
        }
        return Optional.empty();
    }

    private TextMatch old(TextMatch.Kind kind, String field) {
        return new TextMatch(kind, raw.at(field).text(""), false);
    }

    /** Where its presence is asked for: whether it has to be there, {@link #isInverted()} taken into account. */
    public boolean wantsPresent() {
        return raw.at("present_match").bool(true) != isInverted();
    }

    /** The smallest number that a range takes; 0 where there is no range. */
    public long rangeStart() {
        return raw.at("range_match", "start").number(0);
    }

    /** The first number above a range; 0 where there is no range. */
    public long rangeEnd() {
        return raw.at("range_match", "end").number(0);
    }

    /** Whether the opposite is asked for. A header that is absent satisfies neither, unless {@link #treatsMissingAsEmpty()}. */
    public boolean isInverted() {
        return raw.at("invert_match").bool(false);
    }

    /** Whether a header that is absent is looked at as if it were there and empty. */
    public boolean treatsMissingAsEmpty() {
        return raw.at("treat_missing_header_as_empty").bool(false);
    }

    /** The whole matcher as Envoy prints it. */
    public Json raw() {
        return raw;
    }

    /** {@code header x-canary=true}, {@code query parameter q present}; values of headers with secrets are not shown. */
    @Override
    public String toString() {
        String label = label();
        if (kind() == Kind.PRESENCE) {
            return label + (wantsPresent() ? " present" : " absent");
        }
        if (part == Part.COOKIE || (part == Part.HEADER && SecretHeaders.contains(name()))) {
            return label + (isInverted() ? " not" : "") + " with a value (not shown: it may be a secret)";
        }
        if (kind() == Kind.RANGE) {
            return label + (isInverted() ? " not" : "") + " from " + rangeStart() + " to below " + rangeEnd();
        }
        return matcher().map(text -> text.after(label, isInverted())).orElse(label);
    }

    private String label() {
        return switch (part) {
            case PARAMETER -> "query parameter " + name();
            case COOKIE -> "cookie " + name();
            case HEADER -> name().startsWith(":") ? name().substring(1) : "header " + name();
        };
    }
}
