package dev.meshdx.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.model.Json;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Routes as typed views; {@code views.json} is what an Envoy 1.40 answered. */
class RouteViewsTest {
    private static final RouteConfiguration CONFIG =
            Views.dump().routes().named("lab").first().orElseThrow();
    private static final VirtualHost HOST = CONFIG.virtualHosts().get(0);

    private static Route route(int index) {
        return HOST.routes().get(index);
    }

    private static RouteAction.Forward forward(int index) {
        return route(index).forward().orElseThrow();
    }

    private static Route route(String json) {
        return new Route(Json.parse(json));
    }

    private static FieldMatch header(String json) {
        return FieldMatch.header(Json.parse(json));
    }

    @Test
    void should_show_the_settings_of_a_route_configuration() {
        assertThat(CONFIG.validatesClusters()).isFalse();
        assertThat(CONFIG.maxDirectResponseBodyBytes()).isEqualTo(1_048_576);
        assertThat(CONFIG.ignoresPortInHost()).isTrue();
        assertThat(CONFIG.requestHeaders().toString()).isEqualTo("x-by=gateway");
        assertThat(CONFIG.responseHeaders().removed()).containsExactly("server");
        assertThat(Views.routes(Json.object()).maxDirectResponseBodyBytes()).isEqualTo(4096);
    }

    @Test
    void should_show_the_settings_of_a_virtual_host() {
        assertThat(HOST.requireTls()).isEqualTo("EXTERNAL_ONLY");
        assertThat(HOST.includesRequestAttemptCount()).isTrue();
        assertThat(HOST.retryPolicy().orElseThrow().toString()).isEqualTo("3 retries on 5xx");
        assertThat(HOST.requestHeaders().toString()).isEqualTo("-x-debug");
        Cors cors = HOST.cors().orElseThrow();
        assertThat(cors.allowOrigins())
                .containsExactly(
                        new TextMatch(TextMatch.Kind.EXACT, "https://shop.example.com", false),
                        new TextMatch(TextMatch.Kind.REGEX, "https://.*\\.example\\.com", false));
        assertThat(cors.allowMethods()).containsExactly("GET", "POST");
        assertThat(cors.allowHeaders()).containsExactly("x-user", "content-type");
        assertThat(cors.maxAge()).contains(Duration.ofMinutes(10));
        assertThat(cors.allowCredentials()).contains(true);
        assertThat(HOST.toString()).isEqualTo("reviews [reviews.example.com, reviews] 10 routes, requires TLS");
        VirtualHost bare = new VirtualHost(Json.object());
        assertThat(bare.requireTls()).isEqualTo("NONE");
        assertThat(bare.cors()).isEmpty();
        assertThat(bare.retryPolicy()).isEmpty();
    }

    @Test
    void should_say_a_route_in_one_line() {
        assertThat(route(0).toString())
                .isEqualTo("default: prefix /api/ (case-insensitive), header x-canary=true ->"
                        + " reviews.production:9080 v2 90%, v1 10%, v3 0%; timeout 3s, 2 retries on 5xx");
        assertThat(route(2).toString())
                .isEqualTo("regex /r/[a-z]+ -> x; path ^/r/(.*) becomes /\\1, host becomes the endpoint's name");
        assertThat(route(3).toString())
                .isEqualTo("segment prefix /seg -> the cluster in header x-cluster;"
                        + " host becomes header x-host, timeout 15s (Envoy's default)");
        assertThat(route(4).toString()).startsWith("template /t/{id} -> x; path becomes /u/{id}, host becomes path ");
        assertThat(route(5).toString()).startsWith("CONNECT -> x; ").endsWith("upgrade CONNECT (terminated here)");
        assertThat(route(8).toString()).isEqualTo("prefix /closed -> answer 503 \"closed for today\"");
        assertThat(route(9).toString()).isEqualTo("prefix / -> non forwarding action");
        assertThat(HOST.routes())
                .allSatisfy(route -> assertThat(route.toString().length()).isLessThan(950));
    }

    @Test
    void should_type_every_condition_of_a_match() {
        RouteMatch match = route(1).match();

        assertThat(match.pathKind()).isEqualTo(RouteMatch.PathKind.EXACT);
        assertThat(match.path()).isEqualTo("/exact");
        assertThat(match.isCaseSensitive()).isTrue();
        assertThat(match.headers())
                .extracting(FieldMatch::toString)
                .containsExactly(
                        "method=GET",
                        "header end-user not: begins with ja (any case)",
                        "header x-num from 1 to below 5",
                        "header x-there present",
                        "header x-gone absent",
                        "header authorization with a value (not shown: it may be a secret)");
        assertThat(match.headers())
                .extracting(FieldMatch::kind)
                .containsExactly(
                        FieldMatch.Kind.TEXT,
                        FieldMatch.Kind.TEXT,
                        FieldMatch.Kind.RANGE,
                        FieldMatch.Kind.PRESENCE,
                        FieldMatch.Kind.PRESENCE,
                        FieldMatch.Kind.TEXT);
        assertThat(match.queryParameters())
                .extracting(FieldMatch::toString)
                .containsExactly("query parameter q present", "query parameter v ends with z");
        assertThat(match.isGrpcOnly()).isTrue();
        assertThat(match.wantsClientCertificate()).contains(true);
        assertThat(match.wantsValidatedCertificate()).contains(false);
        assertThat(match.dynamicConditions())
                .containsExactly("metadata envoy.filters.http.jwt_authn payload.group admin", "filter state k v");
        assertThat(match.runtimeShare()).isEqualTo(0.25);
        assertThat(route(0).match().isCaseSensitive()).isFalse();
        assertThat(route(0).match().runtimeShare()).isEqualTo(100);
        assertThat(HOST.routes())
                .extracting(route -> route.match().pathKind())
                .startsWith(
                        RouteMatch.PathKind.PREFIX,
                        RouteMatch.PathKind.EXACT,
                        RouteMatch.PathKind.REGEX,
                        RouteMatch.PathKind.SEGMENT_PREFIX,
                        RouteMatch.PathKind.TEMPLATE,
                        RouteMatch.PathKind.CONNECT);
    }

    @Test
    void should_read_older_forms_of_header_matches() {
        assertThat(header("{\"name\": \"a\", \"exact_match\": \"b\"}").toString())
                .isEqualTo("header a=b");
        assertThat(header("{\"name\": \"a\", \"exact_match\": \"b\", \"invert_match\": true}")
                        .toString())
                .isEqualTo("header a!=b");
        assertThat(header("{\"name\": \"a\", \"exact_match\": \"\"}").toString())
                .isEqualTo("header a present");
        assertThat(header("{\"name\": \"a\", \"invert_match\": true}").toString())
                .isEqualTo("header a absent");
        assertThat(header("{\"name\": \"a\", \"prefix_match\": \"b\"}").text())
                .contains(new TextMatch(TextMatch.Kind.PREFIX, "b", false));
        assertThat(header("{\"name\": \"a\", \"suffix_match\": \"b\"}").text())
                .contains(new TextMatch(TextMatch.Kind.SUFFIX, "b", false));
        assertThat(header("{\"name\": \"a\", \"contains_match\": \"b\"}").text())
                .contains(new TextMatch(TextMatch.Kind.CONTAINS, "b", false));
        assertThat(header("{\"name\": \"a\", \"safe_regex_match\": {\"google_re2\": {}, \"regex\": \"b+\"}}")
                        .text())
                .contains(new TextMatch(TextMatch.Kind.REGEX, "b+", false));
        assertThat(header("{\"name\": \"a\", \"regex_match\": \"b+\"}").toString())
                .isEqualTo("header a matches b+");
    }

    @Test
    void should_share_requests_by_weight() {
        assertThat(forward(0).weightedClusters())
                .extracting(WeightedCluster::toString)
                .containsExactly(
                        "outbound|9080|v2|reviews.production.svc.cluster.local 90%",
                        "outbound|9080|v1|reviews.production.svc.cluster.local 10%",
                        "outbound|9080|v3|reviews.production.svc.cluster.local 0%");
        assertThat(forward(0).weightedClusters().get(0).requestHeaders().toString())
                .isEqualTo("+x-v=2");
        assertThat(route(0).clusters()).hasSize(2);
        assertThat(forward(0).cluster()).isEmpty();
        assertThat(route(0).operation()).contains("reviews:9080/*");
    }

    @Test
    void should_show_what_forwarding_does() {
        RouteAction.Forward forward = forward(1);

        assertThat(forward.cluster()).contains("outbound|80||web.shop.svc.cluster.local");
        assertThat(forward.prefixRewrite()).contains("/new");
        assertThat(forward.hostRewriteLiteral()).contains("web.example.com");
        assertThat(forward.timeout()).as("Envoy's default").isEqualTo(Duration.ofSeconds(15));
        assertThat(forward.idleTimeout()).contains(Duration.ofSeconds(30));
        assertThat(forward.maxStreamDuration()).contains(Duration.ofMinutes(1));
        assertThat(forward.grpcTimeoutMax()).contains(Duration.ZERO);
        assertThat(forward.clusterNotFoundStatus()).isEqualTo(500);
        assertThat(forward.mirrors())
                .containsExactly(
                        new RouteAction.Mirror("outbound|80|v3|web.shop.svc.cluster.local", "", 10),
                        new RouteAction.Mirror("shadow", "", 100));
        assertThat(forward.hashPolicies())
                .containsExactly(
                        "header x-user (then no other)", "cookie session 30m", "source IP", "query parameter q");
        assertThat(forward.rateLimits()).containsExactly("(remote address, header x-api, generic_key=web)");
        assertThat(forward.upgrades())
                .containsExactly(new Upgrade("websocket", true, false), new Upgrade("CONNECT", false, false));
        assertThat(forward(2).timeout()).isZero();
        assertThat(forward(2).isAutoHostRewrite()).isTrue();
        assertThat(forward(2).regexRewrite()).contains(new RouteAction.RegexRewrite("^/r/(.*)", "/\\1"));
        assertThat(forward(3).clusterHeader()).contains("x-cluster");
        assertThat(forward(4).templateRewrite()).contains("/u/{id}");
        assertThat(forward(4).hostRewrite()).isEqualTo("path ^/(.*)/ becomes \\1");
        assertThat(forward(0).clusterNotFoundStatus()).isEqualTo(503);
    }

    @Test
    void should_show_when_requests_are_tried_again() {
        RetryPolicy policy = forward(1).retryPolicy().orElseThrow();

        assertThat(policy.retryOn())
                .containsExactly("connect-failure", "refused-stream", "retriable-status-codes", "retriable-headers");
        assertThat(policy.retries()).as("Envoy's default").isEqualTo(1);
        assertThat(policy.perTryTimeout()).contains(Duration.ofMillis(250));
        assertThat(policy.perTryIdleTimeout()).contains(Duration.ofSeconds(1));
        assertThat(policy.retriableStatusCodes()).containsExactly(503, 429);
        assertThat(policy.retriableHeaders())
                .extracting(FieldMatch::toString)
                .containsExactly("header x-retry present");
        assertThat(policy.hostPredicates()).containsExactly("previous_hosts");
        assertThat(policy.hostSelectionAttempts()).isEqualTo(5);
        assertThat(policy.backOffBase()).isEqualTo(Duration.ofMillis(100));
        assertThat(policy.backOffMax()).isEqualTo(Duration.ofSeconds(2));
        RetryPolicy plain =
                RetryPolicy.of(Json.parse("{\"retry_on\": \"5xx\"}")).orElseThrow();
        assertThat(plain.backOffBase()).isEqualTo(Duration.ofMillis(25));
        assertThat(plain.backOffMax()).isEqualTo(Duration.ofMillis(250));
        assertThat(RetryPolicy.of(Json.object()).orElseThrow().toString()).isEqualTo("no retries");
    }

    @Test
    void should_show_faults_and_other_differences_of_filters() {
        Route route = route(1);

        FaultInjection fault = route.fault().orElseThrow();
        assertThat(fault.abortPercent()).isEqualTo(0.1);
        assertThat(fault.abortStatus()).isEqualTo(503);
        assertThat(fault.delayPercent()).isEqualTo(50);
        assertThat(fault.delay()).contains(Duration.ofSeconds(7));
        assertThat(fault.toString()).isEqualTo("abort 503 for 0.1%, delay 7s for 50%, with header x-fault=yes");
        assertThat(route.filterOverrides())
                .extracting(HttpFilter::toString)
                .containsExactlyInAnyOrder(
                        "envoy.filters.http.fault: abort 503 for 0.1%, delay 7s for 50%, with header x-fault=yes",
                        "envoy.filters.http.ext_authz: switched off",
                        "envoy.filters.http.jwt_authn: switched off",
                        "envoy.filters.http.lua: switched off",
                        "envoy.filters.http.rbac: DENY shop/no",
                        "envoy.filters.http.local_ratelimit: 10 per 1s, at most 100 at once, enforced for 50%");
        Route older = route("""
                {"route": {"cors": {"allow_origin": ["*"]}},
                 "per_filter_config": {"envoy.fault": {"delay": {"fixed_duration": "2s", "percent": 30}}}}""");
        assertThat(older.fault().orElseThrow().toString()).isEqualTo("delay 2s for 30%");
        assertThat(older.cors().orElseThrow().toString()).isEqualTo("origins *");
    }

    @Test
    void should_show_redirects_and_answers() {
        RouteAction.Redirect redirect = route(6).redirect().orElseThrow();
        assertThat(redirect.status()).isEqualTo(308);
        assertThat(redirect.scheme()).contains("https");
        assertThat(redirect.host()).contains("new.example.com");
        assertThat(redirect.port()).contains(8443);
        assertThat(redirect.path()).contains("/new?x=1");
        assertThat(redirect.toString()).isEqualTo("redirect 308 to https://new.example.com:8443/new?x=1");
        assertThat(route(7).redirect().orElseThrow().toString())
                .isEqualTo("redirect 302 to custom://(same host), prefix becomes /n, without the query");
        assertThat(route("{\"redirect\": {}}").toString()).isEqualTo("any path -> redirect 301");
        RouteAction.DirectResponse answer = route(8).directResponse().orElseThrow();
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.body()).contains("closed\nfor today");
        assertThat(route(8).responseHeaders().added())
                .containsExactly(new HeaderChanges.Added("retry-after", "60", HeaderChanges.Action.ADD_IF_ABSENT));
        assertThat(route(9).action()).isInstanceOf(RouteAction.Other.class);
        assertThat(route(9).clusters()).isEqualTo(List.of());
    }
}
