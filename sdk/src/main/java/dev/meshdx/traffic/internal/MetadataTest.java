package dev.meshdx.traffic.internal;

import dev.meshdx.envoy.TextMatch;
import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks at what filters found out about a request: the claims of a token, mostly. Source: Envoy,
 * {@code type/matcher/v3/metadata.proto}, {@code value.proto}.
 */
public final class MetadataTest {
    /** The name under which the JWT filter leaves the claims. */
    public static final String JWT = "envoy.filters.http.jwt_authn";

    private final String filter;
    private final List<String> path = new ArrayList<>();
    private final Value value;
    private final boolean inverted;

    private MetadataTest(Json matcher, Regexes regexes) {
        this.filter = matcher.at("filter").text("");
        matcher.at("path").items().forEach(key -> path.add(key.at("key").text("")));
        this.value = Value.of(matcher.at("value"), regexes);
        this.inverted = matcher.at("invert").bool(false);
    }

    /** Makes a {@code MetadataMatcher} ready. */
    public static MetadataTest of(Json matcher, Regexes regexes) {
        return new MetadataTest(matcher, regexes);
    }

    /** The filter whose findings it looks at. */
    public String filter() {
        return filter;
    }

    /** Whether what the filters found is as wanted. */
    public boolean holds(Json metadata) {
        return value.holds(metadata.at(filter).at(path.toArray(String[]::new))) != inverted;
    }

    /** For people: {@code claim payload.groups with admin}. */
    public String describe() {
        return (filter.equals(JWT) ? "claim" : "metadata " + filter) + " " + String.join(".", path)
                + (inverted ? " not " : " ") + value.describe();
    }

    /** What a value has to be. */
    private record Value(Kind kind, @Nullable TextMatcher text, List<Value> inner, boolean wanted, double number) {
        private enum Kind {
            TEXT,
            LIST,
            ANY_OF,
            PRESENT,
            BOOL,
            NUMBER,
            NULL,
            OTHER
        }

        static Value of(Json matcher, Regexes regexes) {
            if (matcher.at("string_match").exists()) {
                TextMatcher text = TextMatcher.of(TextMatch.of(matcher.at("string_match")), regexes);
                return new Value(Kind.TEXT, text, List.of(), true, 0);
            }
            if (matcher.at("list_match").exists()) {
                return new Value(Kind.LIST, null, List.of(of(matcher.at("list_match", "one_of"), regexes)), true, 0);
            }
            if (matcher.at("or_match").exists()) {
                List<Value> inner = matcher.at("or_match", "value_matchers").items().stream()
                        .map(one -> of(one, regexes))
                        .toList();
                return new Value(Kind.ANY_OF, null, inner, true, 0);
            }
            if (matcher.at("present_match").exists()) {
                return new Value(
                        Kind.PRESENT,
                        null,
                        List.of(),
                        matcher.at("present_match").bool(false),
                        0);
            }
            if (matcher.at("bool_match").exists()) {
                return new Value(
                        Kind.BOOL, null, List.of(), matcher.at("bool_match").bool(false), 0);
            }
            if (matcher.at("double_match", "exact").exists()) {
                return new Value(
                        Kind.NUMBER,
                        null,
                        List.of(),
                        true,
                        matcher.at("double_match", "exact").decimal(0));
            }
            return new Value(matcher.at("null_match").exists() ? Kind.NULL : Kind.OTHER, null, List.of(), true, 0);
        }

        boolean holds(Json found) {
            return switch (kind) {
                case TEXT -> text != null && found.isText() && text.matches(found.text(""));
                case LIST -> found.isArray() && found.items().stream().anyMatch(inner.get(0)::holds);
                case ANY_OF -> inner.stream().anyMatch(one -> one.holds(found));
                case PRESENT -> found.exists() && wanted;
                case BOOL -> found.isBool() && found.bool(false) == wanted;
                case NUMBER -> found.isNumber() && found.decimal(0) == number;
                case NULL -> found.isNull();
                case OTHER -> false;
            };
        }

        String describe() {
            return switch (kind) {
                case TEXT -> text == null ? "" : text.describe();
                case LIST -> "with " + inner.get(0).describe();
                case ANY_OF ->
                    String.join(" or ", inner.stream().map(Value::describe).toList());
                case PRESENT -> "present";
                case BOOL -> String.valueOf(wanted);
                case NUMBER -> String.valueOf(number);
                case NULL -> "null";
                case OTHER -> "by a matcher that is not known here";
            };
        }
    }
}
