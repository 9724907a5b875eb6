package dev.meshdx.diagnosis.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import java.util.List;
import org.junit.jupiter.api.Test;

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
}
