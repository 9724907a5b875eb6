package dev.meshdx.traffic.internal;

import dev.meshdx.envoy.FieldMatch;
import dev.meshdx.envoy.TextMatch;
import dev.meshdx.model.internal.SecretHeaders;
import dev.meshdx.traffic.NearMiss.Reason;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A condition on a header, of routes, faults and authorization rules alike. Immutable. Source: Envoy,
 * {@code config/route/v3/route_components.proto}, {@code HeaderMatcher}; measured on Envoy 1.40.
 */
public final class HeaderCondition extends Condition {
    private final String name;
    private final boolean inverted;
    private final boolean missingAsEmpty;
    private final boolean presence;
    private final boolean wantsPresent;
    private final boolean present;
    private final long start;
    private final long end;
    private final @Nullable TextMatcher text;

    private HeaderCondition(FieldMatch matcher, Regexes regexes) {
        this.name = matcher.name().toLowerCase(Locale.ROOT);
        this.inverted = matcher.isInverted();
        this.missingAsEmpty = matcher.treatsMissingAsEmpty();
        Optional<TextMatch> match = matcher.text();
        this.text = match.map(one -> TextMatcher.of(one, regexes)).orElse(null);
        this.presence = match.isEmpty() && matcher.kind() == FieldMatch.Kind.PRESENCE;
        this.wantsPresent = matcher.wantsPresent();
        this.present = matcher.raw().at("present_match").bool(true);
        this.start = matcher.rangeStart();
        this.end = matcher.rangeEnd();
    }

    /** Makes one ready. */
    public static HeaderCondition of(FieldMatch matcher, Regexes regexes) {
        return new HeaderCondition(matcher, regexes);
    }

    /** The header, in lower case. */
    String name() {
        return name;
    }

    /** The value that one of the header's has to be; null where others do, or the header may be absent. */
    @Nullable
    String onlyValue() {
        return text == null || inverted || missingAsEmpty ? null : text.only();
    }

    @Override
    boolean holds(RoutedRequest request) {
        return holds(request.headers());
    }

    /** Whether the headers are so. */
    public boolean holds(Headers headers) {
        List<String> values = headers.all(name);
        if (presence) {
            return (!values.isEmpty() || missingAsEmpty) == present != inverted;
        }
        if (values.isEmpty()) {
            return missingAsEmpty && matches("") != inverted;
        }
        boolean any = false;
        for (String value : values) {
            any |= matches(value);
        }
        return any != inverted;
    }

    private boolean matches(String value) {
        return text != null ? text.matches(value) : isInRange(value);
    }

    private boolean isInRange(String value) {
        if (value.isEmpty() || value.length() > 20) {
            return false;
        }
        try {
            long number = Long.parseLong(value);
            return number >= start && number < end;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    @Override
    Mismatch explain(RoutedRequest request) {
        List<String> values = request.headers().all(name);
        boolean absent = values.isEmpty();
        String criterion = switch (name) {
            case ":method" -> "method";
            case ":authority" -> "authority";
            case ":scheme" -> "scheme";
            case ":path" -> "path header";
            default -> "header " + name;
        };
        String wanted = presence
                ? (wantsPresent ? "the header to be there" : "no such header")
                : (inverted ? "anything but " : "")
                        + (text != null ? text.describe() : "a whole number from " + start + " to below " + end);
        String came = absent
                ? "it is absent"
                        + (inverted && !presence ? ", and an absent header never satisfies an inverted match" : "")
                : SecretHeaders.contains(name)
                        ? "it is another (not shown: it may be a secret)"
                        : "it is "
                                + String.join(
                                        " and ",
                                        values.stream().map(Condition::quote).toList());
        Reason reason = switch (name) {
            case ":method" -> Reason.METHOD;
            case ":scheme" -> Reason.SCHEME;
            default -> absent ? Reason.HEADER_MISSING : Reason.HEADER_VALUE;
        };
        return new Mismatch(criterion, criterion + ": wanted " + wanted + ", " + came, reason, true);
    }
}
