package dev.meshdx.traffic.internal;

import dev.meshdx.envoy.FieldMatch;
import dev.meshdx.envoy.RouteMatch;
import dev.meshdx.model.Json;
import dev.meshdx.traffic.NearMiss.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One condition of a route, made ready for many requests: whether a request meets it, and if not, why not. Source: Envoy,
 * {@code config/route/v3/route_components.proto}, {@code RouteMatch}, and {@code source/common/router/config_impl.cc}.
 */
public abstract class Condition {
    private static final int SHOWN = 60;

    abstract boolean holds(RoutedRequest request);

    /** Only for a request that does not meet it. */
    abstract Mismatch explain(RoutedRequest request);

    /** All conditions of a match except the path's, in Envoy's order. */
    static List<Condition> of(RouteMatch match, Regexes regexes) {
        List<Condition> all = new ArrayList<>();
        if (match.runtimeShare() == 0) {
            all.add(fixed(
                    request -> false,
                    request -> new Mismatch(
                            "runtime fraction",
                            "the route is switched off: it takes 0 % of requests",
                            Reason.RUNTIME_FRACTION,
                            true)));
        }
        if (match.isGrpcOnly()) {
            all.add(fixed(
                    request -> request.headers().isGrpc(),
                    request -> new Mismatch(
                            "content type",
                            "the route takes gRPC only; content-type is "
                                    + request.headers()
                                            .first("content-type")
                                            .map(Condition::quote)
                                            .orElse("absent"),
                            Reason.CONTENT_TYPE,
                            true)));
        }
        match.headers().forEach(header -> all.add(HeaderCondition.of(header, regexes)));
        match.queryParameters().forEach(parameter -> all.add(new Query(parameter, regexes)));
        match.cookies().forEach(cookie -> all.add(new Cookie(cookie, regexes)));
        match.wantsClientCertificate()
                .ifPresent(wanted -> all.add(fixed(
                        request -> request.clientCertificate() == wanted,
                        request -> new Mismatch(
                                "client certificate",
                                wanted ? "the client shows no certificate" : "the client shows a certificate",
                                Reason.CLIENT_CERTIFICATE,
                                true))));
        for (Json metadata : match.raw().at("dynamic_metadata").items()) {
            all.add(metadata(metadata, regexes));
        }
        return all;
    }

    private static Condition fixed(Predicate<RoutedRequest> holds, Function<RoutedRequest, Mismatch> explain) {
        return new Condition() {
            @Override
            boolean holds(RoutedRequest request) {
                return holds.test(request);
            }

            @Override
            Mismatch explain(RoutedRequest request) {
                return explain.apply(request);
            }
        };
    }

    private static Condition metadata(Json matcher, Regexes regexes) {
        MetadataTest test = MetadataTest.of(matcher, regexes);
        return fixed(
                request -> test.holds(request.metadata()),
                request -> new Mismatch(
                        "metadata " + matcher.at("filter").text(""),
                        "the route depends on what a filter (such as JWT authentication) finds in the request: "
                                + test.describe(),
                        Reason.METADATA,
                        true));
    }

    static String quote(String text) {
        return "\"" + (text.length() > SHOWN ? text.substring(0, SHOWN - 3) + "..." : text) + "\"";
    }

    private static final class Query extends Condition {
        private final FieldMatch matcher;
        private final String name;
        private final @Nullable TextMatcher text;

        Query(FieldMatch matcher, Regexes regexes) {
            this.matcher = matcher;
            this.name = matcher.name();
            this.text = matcher.text().map(one -> TextMatcher.of(one, regexes)).orElse(null);
        }

        @Override
        boolean holds(RoutedRequest request) {
            Optional<String> value = request.headers().query(name);
            return text != null
                    ? value.isPresent() && text.matches(value.get())
                    : value.isPresent() == matcher.wantsPresent();
        }

        @Override
        Mismatch explain(RoutedRequest request) {
            String wanted =
                    text != null ? text.describe() : matcher.wantsPresent() ? "it to be there" : "it to be absent";
            return new Mismatch(
                    "query parameter " + name,
                    "query parameter " + name + ": wanted " + wanted + ", it is "
                            + request.headers()
                                    .query(name)
                                    .map(Condition::quote)
                                    .orElse("absent"),
                    Reason.QUERY_PARAMETER,
                    true);
        }
    }

    private static final class Cookie extends Condition {
        private final String name;
        private final boolean inverted;
        private final @Nullable TextMatcher text;

        Cookie(FieldMatch matcher, Regexes regexes) {
            this.name = matcher.name();
            this.inverted = matcher.isInverted();
            this.text = matcher.text().map(one -> TextMatcher.of(one, regexes)).orElse(null);
        }

        @Override
        boolean holds(RoutedRequest request) {
            Optional<String> value = request.headers().cookie(name);
            return (value.isPresent() && text != null && text.matches(value.get())) != inverted;
        }

        @Override
        Mismatch explain(RoutedRequest request) {
            boolean present = request.headers().cookie(name).isPresent();
            return new Mismatch(
                    "cookie " + name,
                    "cookie " + name + ": wanted " + (inverted ? "anything but " : "")
                            + (text != null ? text.describe() : "a value") + ", it is "
                            + (present ? "another (not shown: it may be a secret)" : "absent"),
                    Reason.COOKIE,
                    true);
        }
    }
}
