package dev.meshdx.health.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Severity;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProxyRestartedCheckTest {
    private final ProxyRestartedCheck check = new ProxyRestartedCheck();

    private static HealthModel.Builder ended(String finishedAt) {
        HealthModel.Builder model = HealthFixtures.model();
        model.pods = List.of(HealthFixtures.pod(
                "web",
                "{'name':'istio-proxy','ready':true,'restartCount':3,'state':{'running':{}},'lastState':{'terminated':"
                        + "{'reason':'OOMKilled','exitCode':137,'finishedAt':'" + finishedAt + "'}}}"));
        return model;
    }

    @Test
    void should_report_MDX0108_for_a_recent_kill() {
        Finding finding =
                HealthFixtures.run(check, ended("2026-01-02T11:50:00Z")).get(0);

        assertThat(finding.code()).isEqualTo("MDX0108");
        assertThat(finding.severity()).isEqualTo(Severity.WARNING);
        assertThat(finding.message()).contains("3 times", "OOMKilled, exit code 137");
        assertThat(finding.remedy()).contains("--previous", "proxyMemoryLimit");
    }

    @Test
    void should_only_inform_when_it_was_long_ago() {
        assertThat(HealthFixtures.run(check, ended("2026-01-01T11:50:00Z"))
                        .get(0)
                        .severity())
                .isEqualTo(Severity.INFO);
    }

    @Test
    void should_stay_silent_without_restarts() {
        HealthModel.Builder model = HealthFixtures.model();
        model.pods = List.of(HealthFixtures.pod("web", HealthFixtures.RUNNING));

        assertThat(HealthFixtures.run(check, model)).isEmpty();
    }
}
