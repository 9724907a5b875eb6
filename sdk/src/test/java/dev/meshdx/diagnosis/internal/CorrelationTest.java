package dev.meshdx.diagnosis.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CorrelationTest {
    private static Finding finding(String code, Severity severity, String kind, String name, String evidence) {
        return Finding.of(new FindingCode(code, code, severity, "title"), ResourceRef.of(kind, "production", name))
                .evidence("seen", "", evidence)
                .build();
    }

    @Test
    void should_put_the_cause_before_what_it_explains() {
        Finding effect = finding(
                "MDX0405",
                Severity.ERROR,
                "Pod",
                "sleep-v1-abc-def",
                "outbound|9080|v9|reviews.production.svc.cluster.local");
        Finding cause =
                finding("IST0101", Severity.ERROR, "VirtualService", "reviews", "reviews.production.svc.cluster.local");

        Correlation correlation = Correlation.of(List.of(effect, cause), Scope.MESH);

        assertThat(correlation.causes()).containsExactly(cause);
        assertThat(correlation.others()).containsExactly(effect);
        assertThat(correlation.effectsOf(cause)).containsExactly(effect);
    }

    @Test
    void should_not_blame_something_else() {
        Finding effect = finding(
                "MDX0405",
                Severity.ERROR,
                "Pod",
                "sleep-v1-abc-def",
                "outbound|9080||ratings.production.svc.cluster.local");
        Finding unrelated =
                finding("IST0101", Severity.ERROR, "VirtualService", "reviews", "reviews.production.svc.cluster.local");

        assertThat(Correlation.of(List.of(effect, unrelated), Scope.MESH).causes())
                .containsExactlyInAnyOrder(effect, unrelated);
    }

    @Test
    void should_never_take_an_information_for_a_cause() {
        Finding info = finding("IST0102", Severity.INFO, "Namespace", "production", "");

        Correlation correlation = Correlation.of(List.of(info), Scope.MESH);

        assertThat(correlation.causes()).isEmpty();
        assertThat(correlation.others()).containsExactly(info);
    }

    private static Finding log(String code, Severity severity, String pod, String message, String upstream) {
        return Finding.of(new FindingCode(code, code, severity, "title"), ResourceRef.of("Pod", "production", pod))
                .message(message)
                .evidence("upstream host", "log of production/" + pod, upstream)
                .evidence("example", "log of production/" + pod, "[2026-01-02T03:04:05.000Z] \"GET / HTTP/1.1\" 503")
                .build();
    }

    @Test
    void should_not_tie_two_failures_together_because_the_same_pod_saw_them_at_the_same_time() {
        Finding one = log(
                "MDX0401",
                Severity.ERROR,
                "sleep-v1-6d8f5c-x2x9k",
                "The proxy of sleep-v1-6d8f5c-x2x9k cannot connect to details.production.svc.cluster.local:9080.",
                "10.0.0.7:9080");
        Finding other = log(
                "MDX0402",
                Severity.ERROR,
                "sleep-v1-6d8f5c-x2x9k",
                "The proxy of sleep-v1-6d8f5c-x2x9k has no healthy endpoint for ratings.production.svc.cluster.local:9080.",
                "");
        Finding same = log(
                "MDX0402",
                Severity.ERROR,
                "web-v1-6d8f5c-x2x9k",
                "The proxy of web-v1-6d8f5c-x2x9k has no healthy endpoint for details.production.svc.cluster.local:9080.",
                "");

        Correlation correlation = Correlation.of(List.of(one, other, same), Scope.MESH);

        assertThat(correlation.causes()).containsExactlyInAnyOrder(one, other);
        assertThat(correlation.effectsOf(one)).containsExactly(same);
    }

    @Test
    void should_blame_the_server_for_what_its_client_passes_on() {
        Finding relayed = log(
                "MDX0415",
                Severity.WARNING,
                "sleep-v1-6d8f5c-x2x9k",
                "details.production.svc.cluster.local:9080 answers the proxy of sleep-v1-6d8f5c-x2x9k 3 requests with 503.",
                "10.0.0.7:9080");
        Finding server = log(
                "MDX0401",
                Severity.ERROR,
                "details-v1-6d8f5c-x2x9k",
                "The application of details-v1-6d8f5c-x2x9k does not listen on port 9080.",
                "10.0.0.7:9080");
        Finding bystander = log(
                "MDX0402",
                Severity.ERROR,
                "web-v1-6d8f5c-x2x9k",
                "The proxy of web-v1-6d8f5c-x2x9k has no healthy endpoint for details.production.svc.cluster.local:9080.",
                "");

        Correlation correlation = Correlation.of(List.of(relayed, server, bystander), Scope.MESH);

        assertThat(correlation.effectsOf(server)).contains(relayed);
        assertThat(correlation.effectsOf(bystander)).isEmpty();
    }

    @Test
    void should_not_blame_the_control_plane_for_an_application_that_does_not_listen() {
        Finding istiod = finding("MDX0101", Severity.ERROR, "Pod", "istiod-6d8f5c-x2x9k", "");
        Finding server = log(
                "MDX0401",
                Severity.ERROR,
                "details-v1-6d8f5c-x2x9k",
                "The application of details-v1-6d8f5c-x2x9k does not listen on port 9080.",
                "10.0.0.7:9080");
        Finding lost = log("MDX0414", Severity.WARNING, "web-0", "The proxy of web-0 has lost its connection.", "");

        assertThat(Correlation.of(List.of(istiod, server, lost), Scope.MESH).causes())
                .containsExactlyInAnyOrder(istiod, server);
    }

    @Test
    void should_refuse_whoever_holds_a_bad_certificate_at_both_ends() {
        Finding expired = finding("MDX0502", Severity.ERROR, "Pod", "details-v1-6d8f5c-x2x9k", "");
        Finding asServer = log(
                "MDX0403",
                Severity.ERROR,
                "sleep-v1-6d8f5c-x2x9k",
                "TLS between the proxy of sleep-v1-6d8f5c-x2x9k and details.production.svc.cluster.local:9080 fails.",
                "10.0.0.7:9080");
        Finding asClient = log(
                "MDX0412",
                Severity.ERROR,
                "details-v1-6d8f5c-x2x9k",
                "payments.payments.svc.cluster.local:8080 closed the connection to details-v1-6d8f5c-x2x9k.",
                "10.0.0.9:8080");
        Finding neither = log(
                "MDX0412",
                Severity.ERROR,
                "sleep-v1-6d8f5c-x2x9k",
                "payments.payments.svc.cluster.local:8080 closed the connection to sleep-v1-6d8f5c-x2x9k.",
                "10.0.0.9:8080");

        Correlation correlation = Correlation.of(List.of(asServer, asClient, neither, expired), Scope.MESH);

        assertThat(correlation.causes()).containsExactlyInAnyOrder(expired, neither);
    }

    @Test
    void should_be_as_bad_as_what_it_brings_about() {
        Finding cause = finding("MDX0109", Severity.WARNING, "Service", "ratings", "");
        Finding effect = finding("MDX0303", Severity.ERROR, "Service", "ratings", "");
        Finding other = finding("IST0101", Severity.ERROR, "VirtualService", "details", "");

        Correlation correlation = Correlation.of(List.of(cause, effect, other), Scope.MESH);

        assertThat(correlation.severity(cause)).isEqualTo(Severity.ERROR);
        assertThat(correlation.causes()).containsExactly(cause, other);
    }

    @Test
    void should_put_what_is_about_the_pod_first() {
        Finding elsewhere = finding("IST0101", Severity.ERROR, "VirtualService", "details", "");
        Finding own = finding("MDX0502", Severity.ERROR, "Pod", "web-0", "");

        assertThat(Correlation.of(List.of(elsewhere, own), Scope.pod("production", "web-0"))
                        .causes())
                .containsExactly(own, elsewhere);
        assertThat(Correlation.of(List.of(elsewhere, own), Scope.MESH).causes()).containsExactly(elsewhere, own);
    }

    private static Finding of(String code, Severity severity, String subject, String message) {
        String kind = subject.substring(0, subject.indexOf(' '));
        String namespace = subject.substring(kind.length() + 1, subject.indexOf('/'));
        return Finding.of(
                        new FindingCode(code, code, severity, "title"),
                        ResourceRef.of(kind, namespace, subject.substring(subject.indexOf('/') + 1)))
                .message(message)
                .build();
    }

    /** What happens where the second is explained by the first, and what it must not explain. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "IST0115 | DestinationRule a/b | mutual TLS to billing.legacy:80 | MDX0403 | Pod a/web-0"
                        + " | TLS to billing.legacy.svc.cluster.local:80 fails. | TLS to stock.legacy.svc.cluster.local:80 fails.",
                "MDX0212 | DestinationRule a/b | plain text to billing.legacy | MDX0412 | Pod a/web-0"
                        + " | billing.legacy.svc.cluster.local:80 closed it. | stock.legacy.svc.cluster.local:80 closed it.",
                "MDX0214 | PeerAuthentication a/b | None makes clients use it for reviews.production. | MDX0413"
                        + " | Pod production/reviews-v1-6d8f5c-x2x9k | It refuses plain text. | -",
                "MDX0217 | PeerAuthentication a/b | No workload such as reviews-v1-6d8f5c-x2x9k has port 80. | MDX0413"
                        + " | Pod production/reviews-v1-6d8f5c-x2x9k | It refuses plain text. | -",
                "MDX0237 | HTTPRoute a/b | Service reviews-v3.production does not exist. | MDX0302 | HTTPRoute a/b"
                        + " | No cluster for reviews-v3.production. | -",
                "MDX0238 | HTTPRoute a/b | reviews.production is not granted. | MDX0405 | Pod a/web-0"
                        + " | The route for reviews.production:80 leads nowhere. | The route for ratings.production:80 leads nowhere.",
                "MDX0267 | DestinationRule a/b | It lacks subset v2 of reviews.production. | MDX0405 | Pod a/web-0"
                        + " | The route for reviews.production:80 leads nowhere. | The route for ratings.production:80 leads nowhere.",
                "MDX0230 | VirtualService a/shop | Of shop.example.com a match is never used. | MDX0404 | Pod a/gw-0"
                        + " | No route matches requests to shop.example.com. | No route matches requests to www.example.com.",
                "MDX0235 | HTTPRoute a/shop | The parent of shop.example.com does not exist. | MDX0404 | Pod a/gw-0"
                        + " | No route matches requests to shop.example.com. | No route matches requests to www.example.com.",
                "MDX0236 | HTTPRoute a/shop | No listener admits shop.example.com. | MDX0301 | HTTPRoute a/shop"
                        + " | GET / for host shop.example.com found no route. | -",
                "MDX0237 | HTTPRoute a/b | Service reviews-v3 does not exist. | IST0171 | HTTPRoute a/b"
                        + " | The condition ResolvedRefs is False. | -",
                "MDX0242 | Gateway a/b | No class. | IST0171 | Gateway a/b | The condition Programmed is Unknown. | -",
                "IST0173 | DestinationRule a/reviews | No pod for subset v2. | MDX0402 | Pod a/web-0"
                        + " | No endpoint for reviews.production:80. | No endpoint for ratings.production:80.",
                "MDX0222 | Service production/reviews | No such port. | MDX0303 | Service production/reviews"
                        + " | reviews.production has no endpoint. | -",
                "MDX0286 | VirtualService a/b | The HTTP routes for reviews.production are never used. | MDX0402 | Pod a/web-0"
                        + " | No endpoint for reviews.production:80. | No endpoint for ratings.production:80.",
                "MDX0286 | VirtualService a/b | The HTTP routes for reviews.production are never used. | MDX0411 | Pod a/web-0"
                        + " | Clients of reviews.production:80 went away. | Clients of ratings.production:80 went away.",
                "MDX0268 | Sidecar a/b | It leaves out reviews.production. | MDX0416 | Pod a/web-0"
                        + " | It refuses requests to reviews.production:80. | It refuses requests to ratings.production:80.",
                "MDX0269 | Service a/reviews | It is not exported. | MDX0405 | Pod a/web-0"
                        + " | The route for reviews.a:80 leads nowhere. | The route for ratings.a:80 leads nowhere.",
                "MDX0269 | VirtualService a/b | The gateway does not get shop.example.com. | MDX0404 | Pod a/gw-0"
                        + " | No route matches requests to shop.example.com. | No route matches requests to www.example.com.",
                "MDX0224 | Sidecar a/b | Nobody offers api.example.com. | MDX0416 | Pod a/web-0"
                        + " | It refuses requests to api.example.com:80. | It refuses requests to www.example.com:80.",
                "MDX0272 | Deployment a/b | It names api.example.com:443. | MDX0416 | Pod a/web-0"
                        + " | It refuses requests to api.example.com:443. | It refuses requests to www.example.com:443.",
                "IST0161 | Gateway a/b | The credential shop-tls has no key. | MDX0305 | Secret a/shop-tls"
                        + " | It waits for the credential shop-tls. | -",
                "MDX0280 | Gateway a/b | Secret shop-tls does not exist. | MDX0507 | Pod a/gw-0"
                        + " | It waits for kubernetes://shop-tls. | It waits for kubernetes://other-tls.",
                "MDX0281 | Gateway a/b | Secret shop-tls is not granted. | MDX0507 | Pod a/gw-0"
                        + " | It waits for kubernetes://shop-tls. | It waits for kubernetes://other-tls.",
                "MDX0282 | Gateway a/b | Secret shop-tls has no key. | IST0171 | Gateway a/b | ResolvedRefs is False. | -",
                "MDX0285 | Gateway a/b | Secret shop-tls-cacert has no authority. | MDX0305 | Secret a/shop-tls-cacert"
                        + " | It waits for the credential shop-tls-cacert. | -",
                "MDX0308 | Pod a/gw-0 | Listener 0.0.0.0_8080 has no routes. | MDX0404 | Pod a/gw-0"
                        + " | No route matches requests to shop.example.com. | -",
                "MDX0310 | Secret a/shop-tls | It needs kubernetes://shop-tls. | MDX0507 | Pod a/gw-0"
                        + " | It waits for kubernetes://shop-tls. | It waits for kubernetes://other-tls.",
                "MDX0304 | Pod a/gw-0 | It refused route configuration http.8080. | MDX0308 | Pod a/gw-0"
                        + " | Listener 0.0.0.0_8080 asks for http.8080. | -",
                "MDX0109 | Service a/reviews | No pod of reviews.a is ready. | MDX0309 | Service a/reviews"
                        + " | 2 of 3 endpoints of reviews.a are not healthy. | -",
                "MDX0290 | VirtualService a/shop | Retries. | MDX0407 | Pod a/web-0"
                        + " | No answer. The timeout is set by VirtualService a/shop."
                        + " | No answer. The timeout is set by VirtualService a/shop-2.",
                "MDX0292 | VirtualService a/shop | Connecting. | MDX0407 | Pod a/web-0"
                        + " | No answer. The timeout is set by VirtualService a/shop. | No answer.",
                "MDX0291 | VirtualService a/reviews | A delay. | MDX0411 | Pod a/web-0"
                        + " | Clients of reviews.a:80 went away. | Clients of ratings.a:80 went away.",
                "MDX0295 | Namespace a/shop | web-7d9f-x2x9k runs without a sidecar. | IST0115 | DestinationRule a/c"
                        + " | mutual TLS to web.shop:80 | mutual TLS to api.shop:80",
                "MDX0206 | AuthorizationPolicy a/api-allow | No method. | MDX0408 | Pod a/api-7d9f-x2x9k"
                        + " | The application of api-7d9f-x2x9k: none of them matches."
                        + " | The application of api-7d9f-x2x9k: AuthorizationPolicy a/deny matches them.",
                "MDX0208 | AuthorizationPolicy a/deny | No identity. | MDX0408 | Pod a/web-0"
                        + " | It denies requests: AuthorizationPolicy a/deny matches them."
                        + " | It denies requests: AuthorizationPolicy a/deny-all matches them.",
            })
    void should_explain(
            String cause,
            String causeSubject,
            String causeMessage,
            String effect,
            String effectSubject,
            String message,
            String otherMessage) {
        Finding first = of(cause, Severity.WARNING, causeSubject, causeMessage);
        Finding second = of(effect, Severity.ERROR, effectSubject, message);

        Correlation correlation = Correlation.of(List.of(second, first), Scope.MESH);

        assertThat(correlation.causes()).containsExactly(first);
        assertThat(correlation.effectsOf(first)).containsExactly(second);
        Finding unrelated = otherMessage.equals("-")
                ? of(effect, Severity.ERROR, effectSubject.replaceAll("/.*", "/something-else"), "Elsewhere.")
                : of(effect, Severity.ERROR, effectSubject, otherMessage);
        assertThat(Correlation.of(List.of(unrelated, first), Scope.MESH).causes())
                .contains(unrelated);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "IST0133", "IST0151", "MDX0205", "MDX0209", "MDX0220", "MDX0221", "MDX0227", "MDX0228", "MDX0266",
                "MDX0288", "MDX0289", "MDX0293"
            })
    void should_never_call_advice_a_cause(String code) {
        Finding advice = of(code, Severity.WARNING, "VirtualService a/reviews", "About reviews.a.");
        Finding failure =
                of("MDX0407", Severity.ERROR, "Pod a/web-0", "No answer from reviews.a:80. VirtualService a/reviews.");

        Correlation correlation = Correlation.of(List.of(advice, failure), Scope.MESH);

        assertThat(correlation.causes()).containsExactly(failure);
        assertThat(Correlation.of(List.of(advice), Scope.MESH).causes()).isEmpty();
        assertThat(Correlation.isAdvice(advice)).isTrue();
        assertThat(Correlation.causesInRules()).doesNotContain(code);
    }

    @Test
    void should_blame_a_risk_only_for_what_is_seen_and_has_no_other_cause() {
        Finding risk = of("MDX0290", Severity.WARNING, "VirtualService a/reviews", "Too many retries.");
        Finding failure = of(
                "MDX0407",
                Severity.ERROR,
                "Pod a/web-0",
                "No answer from reviews.a:80. It is set by VirtualService a/reviews.");
        Finding hung = of("MDX0107", Severity.ERROR, "Pod a/reviews-v1-6d8f5c-x2x9k", "Envoy hangs.");

        assertThat(Correlation.of(List.of(risk), Scope.MESH).causes()).isEmpty();
        assertThat(Correlation.of(List.of(risk, failure), Scope.MESH).causes()).containsExactly(risk);
        assertThat(Verdict.of(
                        "the mesh",
                        new Setting("", false, false),
                        Correlation.of(List.of(risk, failure), Scope.MESH),
                        List.of()))
                .isEqualTo("Broken: Too many retries. [MDX0290, VirtualService a/reviews]"
                        + " It shows: No answer from reviews.a:80.");
        assertThat(Correlation.of(List.of(risk, failure, hung), Scope.MESH).causes())
                .containsExactly(hung);
    }

    @Test
    void should_take_for_a_cause_what_is_sure_to_break_something() {
        Finding error = of("MDX0225", Severity.ERROR, "Sidecar a/b", "It breaks.");

        assertThat(Correlation.of(List.of(error), Scope.MESH).causes()).containsExactly(error);
    }

    /** Resources are seldom called like the host that they are about, and in its own namespace that needs no dots. */
    @Test
    void should_know_a_host_that_is_written_short() {
        Finding cause = Finding.of(
                        new FindingCode("MDX0286", "Name", Severity.ERROR, "title"),
                        ResourceRef.of("VirtualService", "production", "routes"))
                .message("The HTTP routes for ratings are never used.")
                .evidence("spec.hosts[0]", "VirtualService production/routes", "\"ratings\"")
                .build();
        Finding effect = log(
                "MDX0402",
                Severity.ERROR,
                "web-v1-6d8f5c-x2x9k",
                "The proxy of web-v1-6d8f5c-x2x9k has no healthy endpoint for ratings.production.svc.cluster.local:9080.",
                "");

        assertThat(Correlation.of(List.of(cause, effect), Scope.MESH).effectsOf(cause))
                .containsExactly(effect);
    }
}
