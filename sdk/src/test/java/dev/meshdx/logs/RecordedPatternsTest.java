package dev.meshdx.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Severity;
import dev.meshdx.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The failure of each recorded mesh has its pattern; the right diagnoses are those of the recordings' README. */
class RecordedPatternsTest {
    private static Set<String> patterns(String scenario) throws IOException {
        Set<String> ids = new TreeSet<>();
        try (Stream<Path> files = Files.walk(Shared.folder("real/" + scenario))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".log")).toList()) {
                LogParser.summarize(file).patterns().stream()
                        .filter(match -> match.pattern().severity() != Severity.INFO)
                        .forEach(match -> ids.add(match.id()));
            }
        }
        return ids;
    }

    @ParameterizedTest
    @CsvSource({
        "sidecar/route-case, no-route",
        "sidecar/subset-missing, no-cluster-found",
        "sidecar/host-unknown, no-cluster-found",
        "sidecar/scaled-to-zero, no-healthy-upstream",
        "sidecar/circuit-breaker, upstream-overflow",
        "sidecar/app-port-closed, connection-refused",
        "sidecar/mtls-disabled-vs-strict, connection-not-accepted upstream-connection-termination",
        "sidecar/cert-expired, tls-peer-certificate-expired upstream-connection-termination",
        "sidecar/cert-other-root, tls-unknown-issuer",
        "sidecar/istiod-down, control-plane-stream-closed connection-refused",
        "sidecar/proxy-nack, configuration-rejected nack-received",
        "sidecar/proxy-stale, control-plane-stream-closed",
        "sidecar/authz-denied, rbac-denied jwt-denied",
        "sidecar/upstream-timeout, upstream-request-timeout",
        "sidecar/rate-limited, rate-limited",
        "sidecar/envoy-hung, upstream-request-timeout",
        "sidecar/proxy-restarted, connection-refused",
        "sidecar/gateway-cert-missing, gateway-secret-missing",
        "sidecar/external-unreachable, no-route-to-host",
        "ambient/app-port-closed-ambient, ztunnel-peer-unavailable",
        "ambient/hbone-blocked, hbone-blocked",
        "ambient/l4-denied, ztunnel-policy-denied",
        "ambient/waypoint-down, unknown-waypoint",
        "ambient/ztunnel-down, ztunnel-connection-refused",
        "multicluster/root-mismatch, tls-unknown-issuer",
        "multicluster/eastwest-gateway-down, connection-refused",
        "multicluster/remote-api-unreachable, remote-cluster-failed",
        "multicluster/cluster-id-clash, cluster-id-clash"
    })
    void should_name_the_failure(String scenario, String expected) throws IOException {
        assertThat(patterns(scenario)).containsAll(List.of(expected.split(" ")));
    }

    @Test
    void should_call_what_is_meant_by_its_name_without_alarm() throws IOException {
        assertThat(LogPattern.of("fault-injected").orElseThrow().severity()).isEqualTo(Severity.INFO);
        assertThat(patterns("sidecar/fault-injection")).isEmpty();
        assertThat(patterns("sidecar/client-cancelled")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"sidecar/healthy", "multicluster/multicluster-healthy"})
    void should_be_silent_about_a_healthy_mesh(String scenario) throws IOException {
        assertThat(patterns(scenario)).isEmpty();
    }

    @Test
    void should_know_each_pattern_by_its_id() {
        Set<String> ids = LogPattern.all().stream().map(LogPattern::id).collect(Collectors.toSet());

        assertThat(ids).hasSameSizeAs(LogPattern.all()).hasSizeGreaterThan(200);
        assertThat(LogPattern.of("no-route").orElseThrow().toString())
                .startsWith("no-route: ")
                .contains("may be: ", "next: ", "MDX0404");
        assertThat(LogPattern.of("nonsense")).isEmpty();
        for (ResponseFlag flag : ResponseFlag.values()) {
            if (flag != ResponseFlag.RESPONSE_FROM_CACHE_FILTER) {
                String line =
                        "[2026-01-02T03:04:05.678Z] \"GET / HTTP/1.1\" 503 " + flag.shortName() + " - - \"-\" 0 0 0 -";
                assertThat(LogParser.read(line).patterns().all())
                        .as(flag.shortName())
                        .isNotEmpty();
            }
        }
    }
}
