package dev.meshdx.traffic.internal;

import dev.meshdx.envoy.FieldMatch;
import dev.meshdx.envoy.RouteMatch;
import dev.meshdx.envoy.TextMatch;
import dev.meshdx.model.Json;
import dev.meshdx.traffic.internal.Mismatch.Slip;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a route takes a request, and if not, why not: every condition that fails is named. Source: Envoy,
 * {@code config/route/v3/route_components.proto}, {@code RouteMatch}, and {@code source/common/router/config_impl.cc}.
 */
public final class RouteMatcher {
    /** Headers whose values are not repeated in explanations. */
    private static final Set<String> SECRET = Set.of("authorization", "proxy-authorization", "cookie", "x-api-key");

    private final Headers headers;
    private final String path;
    private final boolean ignoreParameters;
    private final boolean clientCertificate;
    private final Regexes regexes;

    /**
     * A request.
     *
     * @param ignoreParameters whether the route configuration ignores {@code ;…} in paths
     * @param clientCertificate whether the client showed a certificate
     */
    public RouteMatcher(Headers headers, boolean ignoreParameters, boolean clientCertificate, Regexes regexes) {
        this.headers = headers;
        this.path = Paths.plain(headers.path());
        this.ignoreParameters = ignoreParameters;
        this.clientCertificate = clientCertificate;
        this.regexes = regexes;
    }

    /** The path that is matched. */
    public String path() {
        return ignoreParameters ? Paths.withoutParameters(path) : path;
    }

    /** Every condition that the request does not meet; empty where the route takes it. */
    public List<Mismatch> mismatches(RouteMatch routeMatch) {
        List<Mismatch> failed = new ArrayList<>();
        Json match = routeMatch.raw();
        if (routeMatch.runtimeShare() == 0) {
            failed.add(new Mismatch("runtime fraction", "the route is switched off: it takes 0 % of requests", true));
        }
        grpc(routeMatch).ifPresent(failed::add);
        for (FieldMatch header : routeMatch.headers()) {
            header(header).ifPresent(failed::add);
        }
        for (FieldMatch parameter : routeMatch.queryParameters()) {
            query(parameter).ifPresent(failed::add);
        }
        for (FieldMatch cookie : routeMatch.cookies()) {
            cookie(cookie).ifPresent(failed::add);
        }
        if (routeMatch.wantsClientCertificate().orElse(clientCertificate) != clientCertificate) {
            failed.add(new Mismatch(
                    "client certificate",
                    clientCertificate ? "the client shows a certificate" : "the client shows no certificate",
                    true));
        }
        for (Json metadata : match.at("dynamic_metadata").items()) {
            failed.add(new Mismatch(
                    "metadata " + metadata.at("filter").text(""),
                    "the route depends on what a filter (such as JWT authentication) finds in the request",
                    true));
        }
        pathOf(match).ifPresent(failed::add);
        return failed;
    }

    /** Whether the route takes only a share of the requests that meet its conditions. */
    public static boolean isByChance(RouteMatch match) {
        return match.runtimeShare() > 0 && match.runtimeShare() < 100;
    }

    private Optional<Mismatch> grpc(RouteMatch match) {
        return match.isGrpcOnly() && !headers.isGrpc()
                ? Optional.of(new Mismatch(
                        "content type",
                        "the route takes gRPC only; content-type is "
                                + headers.first("content-type")
                                        .map(RouteMatcher::quote)
                                        .orElse("absent"),
                        true))
                : Optional.empty();
    }

    private Optional<Mismatch> header(FieldMatch matcher) {
        String name = matcher.name();
        List<String> values = headers.all(name);
        boolean invert = matcher.isInverted();
        boolean missingAsEmpty = matcher.treatsMissingAsEmpty();
        Optional<TextMatch> text = matcher.text();
        boolean presence = text.isEmpty() && matcher.kind() == FieldMatch.Kind.PRESENCE;
        boolean absent = values.isEmpty();
        boolean holds;
        if (presence) {
            holds = (!absent || missingAsEmpty) == matcher.wantsPresent();
        } else if (absent && !missingAsEmpty) {
            holds = false;
        } else {
            boolean any = false;
            for (String value : absent ? List.of("") : values) {
                any |= text.isPresent() ? TextMatcher.matches(text.get(), value, regexes) : isInRange(matcher, value);
            }
            holds = any != invert;
        }
        if (holds) {
            return Optional.empty();
        }
        String criterion = switch (name) {
            case ":method" -> "method";
            case ":authority" -> "authority";
            case ":scheme" -> "scheme";
            case ":path" -> "path header";
            default -> "header " + name;
        };
        String wanted = presence
                ? (matcher.wantsPresent() ? "the header to be there" : "no such header")
                : (invert ? "anything but " : "")
                        + text.map(TextMatcher::describe)
                                .orElseGet(() -> "a whole number from " + matcher.rangeStart() + " to below "
                                        + matcher.rangeEnd());
        String came = absent
                ? "it is absent"
                        + (invert && !presence ? ", and an absent header never satisfies an inverted match" : "")
                : SECRET.contains(name.toLowerCase(Locale.ROOT))
                        ? "it is another (not shown: it may be a secret)"
                        : "it is "
                                + String.join(
                                        " and ",
                                        values.stream().map(RouteMatcher::quote).toList());
        return Optional.of(new Mismatch(criterion, criterion + ": wanted " + wanted + ", " + came, true));
    }

    private static boolean isInRange(FieldMatch matcher, String value) {
        if (!value.matches("[+-]?\\d{1,19}")) {
            return false;
        }
        try {
            long number = Long.parseLong(value);
            return number >= matcher.rangeStart() && number < matcher.rangeEnd();
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private Optional<Mismatch> query(FieldMatch matcher) {
        String name = matcher.name();
        Optional<String> value = headers.query(name);
        Optional<TextMatch> text = matcher.text();
        boolean holds = text.isPresent()
                ? value.map(came -> TextMatcher.matches(text.get(), came, regexes))
                        .orElse(false)
                : value.isPresent() == matcher.wantsPresent();
        if (holds) {
            return Optional.empty();
        }
        String wanted =
                text.map(TextMatcher::describe).orElse(matcher.wantsPresent() ? "it to be there" : "it to be absent");
        return Optional.of(new Mismatch(
                "query parameter " + name,
                "query parameter " + name + ": wanted " + wanted + ", it is "
                        + value.map(RouteMatcher::quote).orElse("absent"),
                true));
    }

    private Optional<Mismatch> cookie(FieldMatch matcher) {
        String name = matcher.name();
        Optional<String> value = headers.cookie(name);
        Optional<TextMatch> text = matcher.text();
        boolean matches =
                value.isPresent() && text.isPresent() && TextMatcher.matches(text.get(), value.get(), regexes);
        boolean invert = matcher.isInverted();
        return matches != invert
                ? Optional.empty()
                : Optional.of(new Mismatch(
                        "cookie " + name,
                        "cookie " + name + ": wanted " + (invert ? "anything but " : "")
                                + text.map(TextMatcher::describe).orElse("a value") + ", it is "
                                + (value.isPresent() ? "another (not shown: it may be a secret)" : "absent"),
                        true));
    }

    /** How a path specifier looks at a path: the plain rule, so that variations of the path can be tried against it. */
    private boolean pathMatches(Json match, String candidate, boolean fold) {
        String text = fold ? candidate.toLowerCase(Locale.ROOT) : candidate;
        if (match.at("prefix").exists()) {
            return text.startsWith(fold(match.at("prefix").text(""), fold));
        }
        if (match.at("path").exists()) {
            return text.equals(fold(match.at("path").text(""), fold));
        }
        if (match.at("path_separated_prefix").exists()) {
            String prefix = fold(match.at("path_separated_prefix").text(""), fold);
            return text.equals(prefix) || text.startsWith(prefix + "/");
        }
        if (match.at("safe_regex").exists()) {
            return regexes.matches(match.at("safe_regex", "regex").text(""), candidate);
        }
        if (match.at("path_match_policy").exists()) {
            return UriTemplates.matches(
                    match.at("path_match_policy", "typed_config", "path_template")
                            .text(""),
                    candidate);
        }
        return false;
    }

    private static String fold(String text, boolean fold) {
        return fold ? text.toLowerCase(Locale.ROOT) : text;
    }

    private Optional<Mismatch> pathOf(Json match) {
        boolean connect = headers.isConnect();
        if (match.at("connect_matcher").exists()) {
            return connect
                    ? Optional.empty()
                    : Optional.of(new Mismatch(
                            "method", "the route takes CONNECT only; the method is " + headers.method(), true));
        }
        if (connect && path.isEmpty()) {
            return Optional.of(new Mismatch("method", "the route takes no CONNECT", false));
        }
        boolean fold = !match.at("case_sensitive").bool(true);
        // Templates see path parameters even where the other specifiers do not.
        if (pathMatches(match, match.at("path_match_policy").exists() ? path : path(), fold)) {
            return Optional.empty();
        }
        return Optional.of(explain(match, fold));
    }

    private Mismatch explain(Json match, boolean fold) {
        String wanted = describePath(match);
        String asked = "the path " + path();
        if (!fold && !match.at("safe_regex").exists() && pathMatches(match, path(), true)) {
            return near(
                    Slip.CASE,
                    asked + " differs from " + wanted + " only in upper and lower case; paths are case-sensitive here");
        }
        if (match.at("safe_regex").exists()) {
            String regex = match.at("safe_regex", "regex").text("");
            if (!regexes.isValid(regex)) {
                return new Mismatch("path", "the regular expression " + regex + " cannot be read", false);
            }
            if (regexes.matches("(?i:" + regex + ")", path())) {
                return near(
                        Slip.CASE,
                        asked + " matches the regular expression " + regex
                                + " only without regard to case; (?i) in it would do");
            }
            if (slash(match, fold)) {
                return near(Slip.SLASH, asked + " and " + wanted + " differ in the slash at the end");
            }
            if (regexes.finds(regex, path())) {
                return near(
                        Slip.LENGTH,
                        "the regular expression " + regex + " matches a part of " + path()
                                + ", but must match the whole of it");
            }
        }
        if (slash(match, fold)) {
            return near(Slip.SLASH, asked + " and " + wanted + " differ in the slash at the end");
        }
        if (match.at("path").exists() && path().startsWith(match.at("path").text("") + "/")) {
            return near(Slip.LENGTH, asked + " goes on after " + wanted + ", which must be the whole path");
        }
        if (match.at("path_separated_prefix").exists()
                && fold(path(), fold)
                        .startsWith(fold(match.at("path_separated_prefix").text(""), fold))) {
            return near(
                    Slip.OTHER,
                    asked + " goes on within the last segment of " + wanted + "; only whole segments count");
        }
        for (String[] variation : variations()) {
            if (!variation[1].equals(path()) && pathMatches(match, variation[1], fold)) {
                return near(Slip.OTHER, asked + " would match " + wanted + " " + variation[0]);
            }
        }
        String literal = match.at("prefix")
                .text(match.at("path").text(match.at("path_separated_prefix").text("")));
        if (!literal.isEmpty() && isSlip(literal)) {
            return near(Slip.OTHER, asked + " is almost, but not, " + wanted);
        }
        return new Mismatch("path", asked + " does not match " + wanted, false);
    }

    private boolean slash(Json match, boolean fold) {
        String asked = path();
        return pathMatches(match, asked + "/", fold)
                || (asked.length() > 1
                        && asked.endsWith("/")
                        && pathMatches(match, asked.substring(0, asked.length() - 1), fold));
    }

    private List<String[]> variations() {
        return List.of(
                new String[] {"if its repeated slashes were merged", path().replaceAll("/{2,}", "/")},
                new String[] {"if it were normalised", Paths.canonical(path())},
                new String[] {"if its escaped slashes were decoded", path().replaceAll("%2[fF]", "/")},
                new String[] {"if it began with a slash", "/" + path()},
                new String[] {"if it were decoded", decode(path())},
                new String[] {"without its path parameters", Paths.withoutParameters(path())});
    }

    private static String decode(String path) {
        try {
            return java.net.URLDecoder.decode(path.replace("+", "%2B"), java.nio.charset.StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return path;
        }
    }

    private boolean isSlip(String literal) {
        String head = path().length() > literal.length() + 1 ? path().substring(0, literal.length()) : path();
        return literal.length() >= 4
                && !dev.meshdx.model.internal.Nearest.to(literal, List.of(head)).isEmpty()
                && Math.abs(head.length() - literal.length()) <= 2;
    }

    /** How many characters the path has in common with the route's, from the left and without regard to case. */
    public int likeness(RouteMatch routeMatch) {
        Json match = routeMatch.raw();
        String literal = match.at("prefix")
                .text(match.at("path")
                        .text(match.at("path_separated_prefix")
                                .text(match.at("safe_regex", "regex")
                                        .text(match.at("path_match_policy", "typed_config", "path_template")
                                                .text("")))));
        String asked = path();
        int same = 0;
        while (same < Math.min(literal.length(), asked.length())
                && Character.toLowerCase(literal.charAt(same)) == Character.toLowerCase(asked.charAt(same))) {
            same++;
        }
        return same;
    }

    private static Mismatch near(Slip slip, String because) {
        return new Mismatch("path", because, slip);
    }

    private static String describePath(Json match) {
        if (match.at("prefix").exists()) {
            return "prefix " + match.at("prefix").text("");
        }
        if (match.at("path").exists()) {
            return "exact path " + match.at("path").text("");
        }
        if (match.at("path_separated_prefix").exists()) {
            return "segment prefix " + match.at("path_separated_prefix").text("");
        }
        if (match.at("safe_regex").exists()) {
            return "regular expression " + match.at("safe_regex", "regex").text("");
        }
        return "template "
                + match.at("path_match_policy", "typed_config", "path_template").text("");
    }

    private static String quote(String text) {
        return "\"" + (text.length() > 60 ? text.substring(0, 57) + "..." : text) + "\"";
    }
}
