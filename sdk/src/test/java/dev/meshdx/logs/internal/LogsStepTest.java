package dev.meshdx.logs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.check.StepReport;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Severity;
import dev.meshdx.logs.AccessLog;
import dev.meshdx.logs.LogLines;
import dev.meshdx.logs.LogMatch;
import dev.meshdx.logs.LogParser;
import dev.meshdx.logs.PodLogs;
import dev.meshdx.model.Json;
import dev.meshdx.model.Scope;
import dev.meshdx.testing.Shared;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The step on recordings of a real mesh; the right diagnoses are those of the recordings' README. */
class LogsStepTest {
    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "admin-unreachable, none",
                "app-port-closed, MDX0401 error details-v1 + MDX0415 warning sleep-v1",
                "authz-denied, MDX0408 error payments-v1 + MDX0408 warning sleep-v1",
                "cert-expired, MDX0403 error sleep-v1 + MDX0412 error details-v1",
                "cert-other-root, MDX0403 error details-v1 + MDX0403 error sleep-v1",
                "circuit-breaker, MDX0406 error sleep-v1",
                "client-cancelled, MDX0411 info details-v1 + MDX0411 info sleep-v1",
                "envoy-hung, MDX0402 error sleep-v1 + MDX0407 error sleep-v1",
                "external-unreachable, MDX0401 error sleep-v1",
                "fault-injection, MDX0410 info sleep-v1 + MDX0410 warning sleep-v1",
                "gateway-cert-missing, none",
                "healthy, none",
                "host-unknown, MDX0405 error sleep-v1",
                "istiod-down, MDX0401 error sleep-v1 + MDX0414 warning reviews-v1 + MDX0414 warning sleep-v1",
                "mtls-disabled-vs-strict, MDX0412 error sleep-v1 + MDX0413 error payments-v1",
                "proxy-nack, none",
                "proxy-restarted, MDX0401 warning sleep-v1",
                "proxy-stale, MDX0414 warning details-v1",
                "rate-limited, MDX0409 warning ratings-v1",
                "route-case, MDX0404 error istio-ingressgateway + MDX0413 info istio-ingressgateway",
                "scaled-to-zero, MDX0402 error sleep-v1",
                "subset-missing, MDX0405 error sleep-v1",
                "upstream-timeout, MDX0407 error sleep-v1 + MDX0411 info details-v1",
            })
    void should_find_what_the_proxies_say_and_nothing_else(String scenario, @Nullable String expected) {
        StepReport report = LogsStep.run(Shared.recording("sidecar/" + scenario), Scope.MESH);

        String found = report.findings().stream()
                .map(finding -> finding.code() + " " + finding.severity() + " "
                        + finding.subject().name().replaceAll("-[a-z0-9]{10}-[a-z0-9]{5}$", ""))
                .distinct()
                .sorted()
                .collect(Collectors.joining(" + "));
        assertThat(found).isEqualTo(expected == null ? "" : expected);
        assertThat(report.gaps()).allMatch(gap -> gap.reason() == Reason.NOT_RECORDED);
    }

    /** Other recordings in which everything works: denials on purpose may be mentioned, not more. */
    @ParameterizedTest
    @CsvSource({
        "ambient/ambient-healthy",
        "multicluster/multicluster-healthy/east",
        "multicluster/multicluster-healthy/west"
    })
    void should_be_silent_where_everything_works(String recording) {
        assertThat(LogsStep.run(Shared.recording(recording), Scope.MESH).findings())
                .noneMatch(finding -> finding.severity().atLeast(Severity.WARNING));
    }

    /** The recordings say for each request what the access logs of all proxies hold: code, flags and details. */
    @Test
    void should_read_code_flags_and_details_of_every_recorded_request() throws IOException {
        int compared = 0;
        for (Path scenario : scenarios()) {
            Set<String> lines = new TreeSet<>();
            try (Stream<Path> logs = Files.walk(scenario.resolve("logs"))) {
                for (Path log : logs.filter(Files::isRegularFile).toList()) {
                    LogParser.read(Files.readString(log))
                            .accessLog()
                            .forEach(entry -> lines.add(entry.requestId() + " " + entry.responseCode() + " "
                                    + (entry.flags().isEmpty() ? "-" : String.join(",", entry.flags())) + " "
                                    + entry.details()));
                }
            }
            for (Json request : Json.parse(Files.readString(scenario.resolve("requests.json")))
                    .items()) {
                for (String line : accessLines(request)) {
                    // Their line, taken apart here in the simplest way: after the quoted request line come the three.
                    String[] words = line.substring(line.indexOf("\" ") + 2).split(" ", -1);
                    String wanted = words[0] + " " + words[1] + " " + words[2];
                    assertThat(lines).as(scenario + " " + line).anyMatch(known -> known.endsWith(" " + wanted));
                    compared++;
                }
            }
        }
        assertThat(compared).isGreaterThan(50);
    }

    private static List<String> accessLines(Json value) {
        List<String> lines = new ArrayList<>();
        value.text()
                .filter(text -> text.startsWith("[20") && text.contains("] \""))
                .ifPresent(lines::add);
        value.items().forEach(item -> lines.addAll(accessLines(item)));
        value.forEachField((name, field) -> lines.addAll(accessLines(field)));
        return lines;
    }

    private static List<Path> scenarios() throws IOException {
        try (Stream<Path> folders = Files.list(Shared.folder("real/sidecar"))) {
            return folders.filter(folder -> Files.isRegularFile(folder.resolve("requests.json")))
                    .sorted()
                    .toList();
        }
    }

    /** Nothing in real logs of sidecars is left over, but continuations. */
    @Test
    void should_tell_the_writer_of_every_line() throws IOException {
        for (Path scenario : scenarios()) {
            try (Stream<Path> logs = Files.walk(scenario.resolve("logs"))) {
                logs.filter(Files::isRegularFile).forEach(log -> {
                    try {
                        LogLines lines = LogParser.read(Files.readString(log));
                        assertThat(lines.all())
                                .as(log.toString())
                                .allSatisfy(line -> assertThat(line.kind() == dev.meshdx.logs.LineKind.OTHER
                                                && line.text().matches("^(\\[\\d{4}|\\d{4}-\\d\\d-\\d\\dT).*"))
                                        .as(line.text())
                                        .isFalse());
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
            }
        }
    }

    @Test
    void should_say_what_it_means() {
        StepReport closed = LogsStep.run(
                Shared.recording("sidecar/app-port-closed"), Scope.pod("production", "details-v1-6q27k7gw8d-jksf6"));
        assertThat(closed.findings())
                .singleElement()
                .extracting(Finding::message)
                .asString()
                .contains("does not listen on port 9080", "9 requests failed");

        StepReport expired = LogsStep.run(
                Shared.recording("sidecar/cert-expired"), Scope.pod("production", "sleep-v1-gj4j8s7g7h-nftvm"));
        assertThat(expired.findings().get(0).message())
                .contains("details.production.svc.cluster.local:9080 subset v1 at 10.99.2.20:9080", "has expired");

        StepReport denied = LogsStep.run(
                Shared.recording("sidecar/authz-denied"), Scope.pod("payments", "payments-v1-lhtgkpfglt-sqg8x"));
        assertThat(denied.findings())
                .extracting(Finding::message)
                .anyMatch(message -> message.contains("AuthorizationPolicy payments/deny-admin"))
                .anyMatch(message -> message.contains("Jwt is expired"))
                .anyMatch(message -> message.contains("ALLOW policies apply to it and none of them matches"));
    }

    @Test
    void should_find_the_patterns_of_the_routine() {
        assertThat(ids("app-port-closed", "details-v1-6q27k7gw8d-jksf6"))
                .containsExactlyInAnyOrder(
                        "upstream-connect-error", "connection-refused", "upstream-retry-limit-exceeded");
        assertThat(ids("scaled-to-zero", "sleep-v1-gj4j8s7g7h-nftvm")).containsExactly("no-healthy-upstream");
        assertThat(ids("cert-expired", "sleep-v1-gj4j8s7g7h-nftvm"))
                .containsExactlyInAnyOrder(
                        "tls-failure", "tls-peer-certificate-expired", "upstream-retry-limit-exceeded");
        assertThat(ids("subset-missing", "sleep-v1-gj4j8s7g7h-nftvm")).containsExactly("no-cluster-found");
        assertThat(ids("healthy", "sleep-v1-gj4j8s7g7h-nftvm")).isEmpty();
    }

    private static List<String> ids(String scenario, String pod) {
        var session = Shared.recording("sidecar/" + scenario);
        return new PodLogs(() -> session, "production", pod)
                .patterns().stream().map(LogMatch::id).toList();
    }

    @Test
    void should_hand_out_the_access_log_of_a_pod() {
        AccessLog log = LogsStep.accessLog(
                Shared.recording("sidecar/circuit-breaker"), "production", "sleep-v1-gj4j8s7g7h-nftvm", 1);

        assertThat(log.byFlag()).containsEntry("UO", 5);
        assertThat(log.byCode()).containsEntry(503, 5).containsEntry(200, 3);
        assertThat(log.failures()).hasSize(5);
        assertThat(log.slowest().get(0).duration().toMillis()).isGreaterThan(900);
        assertThat(log.toString()).startsWith("8 entries, 5 failed").hasSizeLessThan(900);
    }

    @Test
    void should_read_fewer_lines_of_each_of_many_proxies() {
        assertThat(LogsStep.linesFor(1)).isEqualTo(1000);
        assertThat(LogsStep.linesFor(30)).isEqualTo(1000);
        assertThat(LogsStep.linesFor(LogsStep.MAX_PODS)).isEqualTo(150);
    }
}
