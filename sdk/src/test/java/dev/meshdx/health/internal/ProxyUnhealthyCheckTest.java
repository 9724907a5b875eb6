package dev.meshdx.health.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Severity;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProxyUnhealthyCheckTest {
    private final ProxyUnhealthyCheck check = new ProxyUnhealthyCheck();

    private static HealthModel.Builder proxy(String status) {
        HealthModel.Builder model = HealthFixtures.model();
        model.pods = List.of(HealthFixtures.pod("web", status));
        return model;
    }

    @Test
    void should_report_MDX0107_for_a_proxy_that_hangs() {
        HealthModel.Builder model = proxy(HealthFixtures.RUNNING.replace("'ready':true", "'ready':false"));
        model.proxies = HealthFixtures.proxies(
                HealthFixtures.resourcesOf("web.shop", "envoy.config.cluster.v3.Cluster", "'sent':'b','acked':'a'"));

        Finding finding = HealthFixtures.run(check, model).get(0);

        assertThat(finding.code()).isEqualTo("MDX0107");
        assertThat(finding.severity()).isEqualTo(Severity.ERROR);
        assertThat(finding.message()).contains("Envoy hangs");
    }

    @Test
    void should_report_a_proxy_that_does_not_come_up() {
        assertThat(HealthFixtures.run(
                                check,
                                proxy("{'name':'istio-proxy','ready':false,'restartCount':3,"
                                        + "'state':{'waiting':{'reason':'CrashLoopBackOff'}}}"))
                        .get(0)
                        .message())
                .contains("waits in CrashLoopBackOff");
    }

    @Test
    void should_only_inform_while_it_starts() {
        assertThat(HealthFixtures.run(
                                check,
                                proxy("{'name':'istio-proxy','ready':false,"
                                        + "'state':{'running':{'startedAt':'2026-01-02T11:59:50Z'}}}"))
                        .get(0)
                        .severity())
                .isEqualTo(Severity.INFO);
    }

    @Test
    void should_stay_silent_when_ready_or_about_to_be_created() {
        assertThat(HealthFixtures.run(check, proxy(HealthFixtures.RUNNING))).isEmpty();
        assertThat(HealthFixtures.run(
                        check,
                        proxy("{'name':'istio-proxy','ready':false,"
                                + "'state':{'waiting':{'reason':'PodInitializing'}}}")))
                .isEmpty();
    }
}
