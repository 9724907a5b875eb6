package dev.meshdx.health.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.check.StepReport;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Severity;
import dev.meshdx.health.ControlPlaneHealth;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.health.ProxyStatuses;
import dev.meshdx.health.SyncState;
import dev.meshdx.health.XdsType;
import dev.meshdx.model.Scope;
import dev.meshdx.source.internal.recorded.RecordedSource;
import dev.meshdx.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The step on recordings of a real mesh; the right diagnoses are those of the recordings' README. */
class HealthStepTest {
    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "admin-unreachable, none",
                "app-port-closed, none",
                "authz-denied, none",
                "cert-expired, none",
                "cert-other-root, none",
                "circuit-breaker, none",
                "client-cancelled, none",
                "envoy-hung, MDX0104 reviews-v1 + MDX0107 reviews-v1",
                "external-unreachable, none",
                "fault-injection, none",
                "gateway-cert-missing, none",
                "healthy, none",
                "host-unknown, none",
                "istiod-down, MDX0101 istiod + MDX0109 ratings",
                "mtls-disabled-vs-strict, none",
                "proxy-nack, MDX0105 gadget-v1",
                "proxy-restarted, MDX0108 details-v1",
                "proxy-stale, MDX0104 details-v1",
                "rate-limited, none",
                "route-case, none",
                "scaled-to-zero, MDX0109 ratings",
                "subset-missing, none",
                "upstream-timeout, none",
            })
    void should_find_what_is_unwell_and_nothing_else(
            String scenario, @org.jspecify.annotations.Nullable String expected) {
        StepReport report = HealthStep.run(Shared.recording("sidecar/" + scenario), Scope.MESH);

        List<String> found = report.findings().stream()
                .filter(finding -> finding.severity().atLeast(Severity.WARNING))
                .map(finding ->
                        finding.code() + " " + finding.subject().name().replaceAll("-[a-z0-9]{10}-[a-z0-9]{5}$", ""))
                .toList();
        assertThat(String.join(" + ", found)).isEqualTo(expected == null ? "" : expected);
        assertThat(report.summary()).contains("istiod");
    }

    /** Other recordings in which everything works; in east a service has its pods in the other cluster only. */
    @ParameterizedTest
    @CsvSource({
        "ambient/ambient-healthy",
        "multicluster/multicluster-healthy/east",
        "multicluster/multicluster-healthy/west"
    })
    void should_be_silent_where_everything_works(String recording) {
        assertThat(HealthStep.run(Shared.recording(recording), Scope.MESH).findings())
                .isEmpty();
    }

    /** A ztunnel that is gone from istiod's list is not seen in its own namespace only. */
    @ParameterizedTest
    @CsvSource({
        "ztunnel-down, '', MDX0143 Node node-2",
        "ztunnel-down, shop, MDX0143 Node node-2",
        "ztunnel-disconnected, '', MDX0106 Pod istio-system/ztunnel-rzfkz",
        "ztunnel-disconnected, shop, MDX0143 Node node-2",
    })
    void should_find_the_ztunnel_that_no_istiod_knows(String scenario, String namespace, String expected) {
        ProxyStatuses statuses = ProxyStatusReader.read(
                Shared.recording("ambient/" + scenario), namespace.isEmpty() ? Scope.MESH : Scope.namespace(namespace));

        assertThat(statuses.findings())
                .extracting(finding -> finding.code() + " " + finding.subject())
                .containsExactly(expected);
        assertThat(statuses.inconclusive()).isEmpty();
    }

    @Test
    void should_report_a_service_whose_pods_in_another_cluster_are_not_known() {
        assertThat(HealthStep.run(Shared.recording("multicluster/remote-secret-missing/east"), Scope.MESH)
                        .findings())
                .extracting(finding -> finding.code() + " " + finding.subject())
                .containsExactly("MDX0109 Service sample/orders");
    }

    @Test
    void should_name_the_EnvoyFilter_behind_a_refused_listener() {
        Finding finding = HealthStep.run(Shared.recording("sidecar/proxy-nack"), Scope.MESH)
                .findings()
                .get(0);

        assertThat(finding.message()).contains("EnvoyFilter broken/bad-listener", "example.unknown");
        assertThat(finding.evidence()).isNotEmpty();
    }

    /** Every recording, asked for the whole control plane: what is wrong elsewhere does not show there. */
    @ParameterizedTest
    @ValueSource(strings = {"sidecar", "ambient", "multicluster"})
    void should_find_what_is_wrong_with_the_control_plane_and_nothing_else(String bench) throws IOException {
        List<String> found = new ArrayList<>();
        int recordings = 0;
        try (Stream<Path> folders = Files.walk(Shared.folder("real/" + bench), 2)) {
            for (Path folder : folders.filter(one -> Files.isDirectory(one.resolve("api")))
                    .sorted()
                    .toList()) {
                recordings++;
                ControlPlaneHealth health = ControlPlaneReader.read(Shared.session(RecordedSource.open(folder)));
                health.findings()
                        .forEach(finding -> found.add(folder.getFileName() + " " + finding.code() + " "
                                + finding.severity().name()));
            }
        }

        assertThat(recordings).isGreaterThan(10);
        assertThat(found)
                .containsExactlyElementsOf(bench.equals("sidecar") ? List.of("istiod-down MDX0101 ERROR") : List.of());
    }

    @Test
    void should_look_at_one_pod_only() {
        var session = Shared.recording("sidecar/envoy-hung");

        assertThat(HealthStep.run(session, Scope.pod("production", "sleep-v1-gj4j8s7g7h-nftvm"))
                        .findings())
                .isEmpty();
        assertThat(HealthStep.run(session, Scope.pod("production", "reviews-v1-sft6dx7h8d-6dh8f"))
                        .findings())
                .extracting(Finding::code)
                .containsExactly("MDX0104", "MDX0107");
    }

    @Test
    void should_say_that_an_istiod_did_not_answer() {
        StepReport report = HealthStep.run(Shared.recording("sidecar/istiod-down"), Scope.MESH);

        assertThat(report.summary()).isEqualTo("0 of 1 istiods ready, proxies not seen");
        assertThat(report.gaps()).anyMatch(gap -> gap.what().contains("connected to istiod"));
    }

    @Test
    void should_read_proxies_and_control_plane() {
        var session = Shared.recording("sidecar/healthy");
        ProxyStatuses statuses = ProxyStatusReader.read(session, Scope.MESH);
        ControlPlaneHealth controlPlane = ControlPlaneReader.read(session);

        assertThat(statuses.size()).isEqualTo(10);
        assertThat(statuses.notSynced()).isEmpty();
        assertThat(statuses.findings()).isEmpty();
        assertThat(statuses.inconclusive()).isEmpty();
        assertThat(statuses.toString()).startsWith("10 proxies, 10 in sync").hasSizeLessThan(900);
        assertThat(controlPlane.instances()).singleElement().satisfies(istiod -> {
            assertThat(istiod.ready()).isTrue();
            assertThat(istiod.revision()).isEqualTo("default");
            assertThat(istiod.version()).isEqualTo("1.32-alpha.86c9f01fd735fb01d8192f5bcaf0d424afb7f14c");
            assertThat(istiod.memoryUsedBytes()).hasValue(140599296L);
        });
        assertThat(controlPlane.findings()).isEmpty();
        assertThat(controlPlane.toString()).startsWith("1 istiod, 1 ready").contains("134 MiB");
    }

    /** istioctl's table of the same recording, which shows a state for each of its columns. */
    @ParameterizedTest
    @CsvSource({"healthy", "proxy-nack", "proxy-stale", "envoy-hung", "gateway-cert-missing"})
    void should_show_the_states_that_istioctl_shows(String scenario) throws IOException {
        Path file = Shared.folder("real/sidecar/" + scenario + "/expected").resolve("proxy-status.txt");
        ProxyStatuses statuses = ProxyStatusReader.read(Shared.recording("sidecar/" + scenario), Scope.MESH);
        List<String> lines = Files.readAllLines(file);
        String[] header = lines.get(0).split("\\s{2,}", -1);
        List<String> theirs = new ArrayList<>();
        List<String> ours = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split("\\s{2,}", -1);
            int dot = cells[0].lastIndexOf('.');
            ProxyStatus proxy = statuses.of(cells[0].substring(dot + 1), cells[0].substring(0, dot))
                    .orElse(null);
            if (proxy == null) {
                continue; // istioctl looked a moment later, and saw a proxy that had connected in between
            }
            for (XdsType type : XdsType.core()) {
                int column = List.of(header).indexOf(type.shortName());
                theirs.add(cells[0] + " " + type + " " + cells[column].replaceFirst(" \\(.*", ""));
                SyncState state = proxy.type(type).state();
                ours.add(cells[0] + " " + type + " " + state);
            }
        }
        assertThat(ours).isNotEmpty().isEqualTo(theirs);
    }
}
