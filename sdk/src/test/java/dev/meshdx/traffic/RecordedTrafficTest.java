package dev.meshdx.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.check.StepReport;
import dev.meshdx.error.MeshException;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.source.LogQuery;
import dev.meshdx.source.Session;
import dev.meshdx.testing.Shared;
import dev.meshdx.traffic.internal.checks.FailedRequest;
import dev.meshdx.traffic.internal.checks.TrafficStep;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The step over recordings of real meshes, of which the README tells what is wrong. */
class RecordedTrafficTest {
    /** Istio's default access log, as far as failed requests need it. */
    private static final Pattern LINE = Pattern.compile(
            "^\\[[^]]+] \"(\\S+) (\\S+) (\\S+)\" (\\d+) (\\S+) (\\S+) \\S+ \"[^\"]*\" \\S+ \\S+ \\S+ \\S+ \"[^\"]*\" \"[^\"]*\""
                    + " \"[^\"]*\" \"([^\"]*)\" \"[^\"]*\" (\\S+) \\S+ (\\S+) (\\S+) (\\S+) \\S+$");

    private static List<FailedRequest> failed(Session session) {
        List<FailedRequest> failed = new ArrayList<>();
        for (Resource pod : session.resources(ResourceKind.POD)) {
            if (!Pods.hasProxy(pod)) {
                continue;
            }
            List<String> lines;
            try {
                lines = session.log(LogQuery.tail(pod.namespace(), pod.name(), "istio-proxy", 2000));
            } catch (MeshException e) {
                continue;
            }
            for (String line : lines) {
                Matcher matcher = LINE.matcher(line);
                if (matcher.matches() && !matcher.group(5).equals("-")) {
                    failed.add(new FailedRequest(
                            pod.ref(),
                            dash(matcher.group(1)),
                            dash(matcher.group(7)),
                            dash(matcher.group(2)),
                            dash(matcher.group(3)),
                            Integer.parseInt(matcher.group(4)),
                            List.of(matcher.group(5).split(",")),
                            dash(matcher.group(6)),
                            dash(matcher.group(8)),
                            dash(matcher.group(9)),
                            dash(matcher.group(10)),
                            dash(matcher.group(11)),
                            line));
                }
            }
        }
        return failed;
    }

    private static String dash(String text) {
        return text.equals("-") ? "" : text;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sidecar/healthy",
                "ambient/ambient-healthy",
                "multicluster/multicluster-healthy/east",
                "multicluster/multicluster-healthy/west"
            })
    void should_stay_silent_on_a_healthy_mesh(String recording) {
        Session session = Shared.recording(recording);

        StepReport report = TrafficStep.run(session, Scope.MESH, failed(session));

        assertThat(report.findings()).isEmpty();
        assertThat(report.gaps()).allMatch(gap -> gap.what().equals("traffic of 4 ambient pods"));
        assertThat(report.summary()).contains("proxies read: routes lead to clusters");
    }

    @ParameterizedTest
    @CsvSource({
        "route-case, MDX0301, VirtualService production/bookinfo",
        "subset-missing, MDX0302, VirtualService production/reviews",
        "host-unknown, MDX0302, VirtualService production/details",
        "scaled-to-zero, MDX0303, Service production/ratings",
        "gateway-cert-missing, MDX0305, Secret istio-system/bookinfo-credential-2",
    })
    void should_name_what_is_wrong(String recording, String code, String subject) {
        Session session = Shared.recording("sidecar/" + recording);

        StepReport report = TrafficStep.run(session, Scope.MESH, failed(session));

        assertThat(report.findings())
                .filteredOn(finding -> finding.code().equals(code))
                .isNotEmpty()
                .allSatisfy(finding -> {
                    assertThat(finding.subject()).hasToString(subject);
                    assertThat(finding.evidence()).isNotEmpty();
                    assertThat(finding.remedy()).isNotEmpty();
                });
        assertThat(report.findings()).extracting(Finding::code).containsOnly(code);
    }

    @Test
    void should_say_what_a_proxy_refused() {
        Session session = Shared.recording("sidecar/proxy-nack");

        StepReport report = TrafficStep.run(session, Scope.namespace("broken"), List.of());

        assertThat(report.findings()).isNotEmpty().allSatisfy(finding -> {
            assertThat(finding.code()).isEqualTo("MDX0304");
            assertThat(finding.severity()).isEqualTo(Severity.ERROR);
            assertThat(finding.message()).contains("refused listener");
        });
    }

    @Test
    void should_go_on_without_a_proxy_that_does_not_answer() {
        Session session = Shared.recording("sidecar/admin-unreachable");

        StepReport report = TrafficStep.run(session, Scope.namespace("production"), failed(session));

        assertThat(report.findings()).isEmpty();
        assertThat(report.gaps()).anySatisfy(gap -> {
            assertThat(gap.subject()).contains(ResourceRef.of("Pod", "production", "details-v1-6q27k7gw8d-jksf6"));
            assertThat(gap.what()).isEqualTo("configuration of the proxy");
        });
        assertThat(report.summary()).contains("of 7 proxies could be read");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "app-port-closed",
                "authz-denied",
                "cert-expired",
                "cert-other-root",
                "circuit-breaker",
                "client-cancelled",
                "external-unreachable",
                "fault-injection",
                "istiod-down",
                "mtls-disabled-vs-strict",
                "proxy-restarted",
                "proxy-stale",
                "rate-limited",
                "upstream-timeout"
            })
    void should_leave_to_others_what_is_no_matter_of_routes(String recording) {
        Session session = Shared.recording("sidecar/" + recording);

        StepReport report = TrafficStep.run(session, Scope.MESH, failed(session));

        assertThat(report.findings()).isEmpty();
    }

    @Test
    void should_say_that_a_pod_without_a_proxy_has_none() {
        Session session = Shared.recording("sidecar/healthy");
        Resource legacy = session.resources(ResourceKind.POD, "legacy").get(0);

        StepReport report = TrafficStep.run(session, Scope.pod("legacy", legacy.name()), List.of());

        assertThat(report.findings()).isEmpty();
        assertThat(report.gaps()).hasSize(1);
        assertThat(report.summary()).isEqualTo("no proxies here");
    }
}
