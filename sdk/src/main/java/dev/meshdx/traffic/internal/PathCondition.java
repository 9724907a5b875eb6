package dev.meshdx.traffic.internal;

import com.google.re2j.Pattern;
import dev.meshdx.envoy.RouteMatch;
import dev.meshdx.envoy.RouteMatch.PathKind;
import dev.meshdx.model.internal.Nearest;
import dev.meshdx.traffic.NearMiss.Reason;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a route wants of the path, and if a path is not so, what would make it so. */
final class PathCondition extends Condition {
    private final PathKind kind;
    private final String path;
    private final String wanted;
    private final boolean fold;
    private final boolean ignoresParameters;
    private final Regexes regexes;
    private final @Nullable Pattern expression;
    private final String part;

    /**
     * Of a route.
     *
     * @param ignoresParameters whether the route configuration ignores {@code ;…} in paths
     */
    PathCondition(RouteMatch match, boolean ignoresParameters, Regexes regexes) {
        this.kind = match.pathKind();
        this.path = match.path();
        this.fold = !match.isCaseSensitive();
        this.wanted = fold ? path.toLowerCase(Locale.ROOT) : path;
        // Templates see path parameters even where the other specifiers do not.
        this.ignoresParameters = ignoresParameters && kind != PathKind.TEMPLATE;
        this.regexes = regexes;
        this.expression = switch (kind) {
            case REGEX -> regexes.pattern(path);
            case TEMPLATE -> UriTemplates.pattern(path);
            default -> null;
        };
        this.part = kind == PathKind.REGEX && expression != null ? LiteralPart.of(path) : "";
    }

    PathKind kind() {
        return kind;
    }

    /** What the path is compared with, in lower case where case does not count. */
    String wanted() {
        return wanted;
    }

    boolean folds() {
        return fold;
    }

    /** The path as it is compared. */
    String asked(RoutedRequest request) {
        return ignoresParameters ? request.pathWithoutParameters() : request.path();
    }

    @Override
    boolean holds(RoutedRequest request) {
        boolean connect = request.headers().isConnect();
        if (kind == PathKind.CONNECT) {
            return connect;
        }
        return !(connect && request.path().isEmpty()) && matches(asked(request), fold);
    }

    /** The plain rule, so that variations of the path can be tried against it. */
    private boolean matches(String candidate, boolean anyCase) {
        String literal = anyCase == fold ? wanted : path.toLowerCase(Locale.ROOT);
        String text = anyCase ? candidate.toLowerCase(Locale.ROOT) : candidate;
        return switch (kind) {
            case PREFIX -> text.startsWith(literal);
            case EXACT -> text.equals(literal);
            case SEGMENT_PREFIX ->
                text.startsWith(literal) && (text.length() == literal.length() || text.charAt(literal.length()) == '/');
            case REGEX, TEMPLATE ->
                expression != null && candidate.contains(part) && expression.matches(regexes.bytes(candidate));
            case CONNECT, UNKNOWN -> false;
        };
    }

    @Override
    Mismatch explain(RoutedRequest request) {
        if (kind == PathKind.CONNECT) {
            return new Mismatch(
                    "method",
                    "the route takes CONNECT only; the method is "
                            + request.headers().method(),
                    Reason.METHOD,
                    true);
        }
        if (request.headers().isConnect() && request.path().isEmpty()) {
            return new Mismatch("method", "the route takes no CONNECT", Reason.METHOD, false);
        }
        String asked = asked(request);
        return explain(asked, request.variations(asked));
    }

    private Mismatch explain(String path, List<Paths.Variation> variations) {
        String wants = describe();
        String asked = "the path " + path;
        if (!fold && kind != PathKind.REGEX && kind != PathKind.TEMPLATE && matches(path, true)) {
            return near(
                    Reason.PATH_CASE,
                    asked + " differs from " + wants + " only in upper and lower case; paths are case-sensitive here");
        }
        if (kind == PathKind.REGEX) {
            if (expression == null) {
                return new Mismatch(
                        "path", "the regular expression " + this.path + " cannot be read", Reason.PATH, false);
            }
            if (regexes.matches("(?i:" + this.path + ")", path)) {
                return near(
                        Reason.PATH_CASE,
                        asked + " matches the regular expression " + this.path
                                + " only without regard to case; (?i) in it would do");
            }
            if (slash(path)) {
                return near(Reason.TRAILING_SLASH, asked + " and " + wants + " differ in the slash at the end");
            }
            if (regexes.finds(this.path, path)) {
                return near(
                        Reason.PATH_TOO_LONG,
                        "the regular expression " + this.path + " matches a part of " + path
                                + ", but must match the whole of it");
            }
        }
        if (slash(path)) {
            return near(Reason.TRAILING_SLASH, asked + " and " + wants + " differ in the slash at the end");
        }
        if (kind == PathKind.EXACT && path.startsWith(this.path + "/")) {
            return near(Reason.PATH_TOO_LONG, asked + " goes on after " + wants + ", which must be the whole path");
        }
        if (kind == PathKind.SEGMENT_PREFIX && (fold ? path.toLowerCase(Locale.ROOT) : path).startsWith(wanted)) {
            return near(
                    Reason.PATH_SEGMENT,
                    asked + " goes on within the last segment of " + wants + "; only whole segments count");
        }
        for (Paths.Variation variation : variations) {
            if (matches(variation.path(), fold)) {
                return near(Reason.PATH_SPELLING, asked + " would match " + wants + " " + variation.when());
            }
        }
        boolean literal = kind == PathKind.PREFIX || kind == PathKind.EXACT || kind == PathKind.SEGMENT_PREFIX;
        if (literal && isSlip(path)) {
            return near(Reason.PATH_TYPO, asked + " is almost, but not, " + wants);
        }
        return new Mismatch("path", asked + " does not match " + wants, Reason.PATH, false);
    }

    private boolean slash(String path) {
        return matches(path + "/", fold)
                || (path.length() > 1 && path.endsWith("/") && matches(path.substring(0, path.length() - 1), fold));
    }

    private boolean isSlip(String asked) {
        String head = asked.length() > path.length() + 1 ? asked.substring(0, path.length()) : asked;
        return path.length() >= 4
                && !Nearest.to(path, List.of(head)).isEmpty()
                && Math.abs(head.length() - path.length()) <= 2;
    }

    /** How many characters the path has in common with the route's, from the left and without regard to case. */
    int likeness(RoutedRequest request) {
        String asked = asked(request);
        int same = 0;
        while (same < Math.min(path.length(), asked.length())
                && Character.toLowerCase(path.charAt(same)) == Character.toLowerCase(asked.charAt(same))) {
            same++;
        }
        return same;
    }

    private static Mismatch near(Reason reason, String because) {
        return new Mismatch("path", because, reason, true);
    }

    private String describe() {
        return switch (kind) {
            case PREFIX -> "prefix " + path;
            case EXACT -> "exact path " + path;
            case SEGMENT_PREFIX -> "segment prefix " + path;
            case REGEX -> "regular expression " + path;
            case TEMPLATE -> "template " + path;
            case CONNECT -> "CONNECT";
            case UNKNOWN -> "a way of comparing paths that is not known here";
        };
    }
}
