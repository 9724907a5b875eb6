package dev.meshdx.health.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Severity;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProxyNotConnectedCheckTest {
    private final ProxyNotConnectedCheck check = new ProxyNotConnectedCheck();

    private static HealthModel.Builder asked(int asked, int answered) {
        HealthModel.Builder model = HealthFixtures.model();
        model.istiods = List.of(HealthFixtures.istiod("istiod-1", true));
        model.asked = asked;
        model.answered = answered;
        model.pods = List.of(HealthFixtures.pod("web", HealthFixtures.RUNNING));
        return model;
    }

    @Test
    void should_report_MDX0106_for_a_proxy_that_no_istiod_knows() {
        assertThat(HealthFixtures.run(check, asked(1, 1))).singleElement().satisfies(finding -> {
            assertThat(finding.code()).isEqualTo("MDX0106");
            assertThat(finding.severity()).isEqualTo(Severity.ERROR);
            assertThat(finding.message()).contains("web is connected to no istiod");
        });
    }

    @Test
    void should_only_inform_while_istiod_has_just_started() {
        HealthModel.Builder model = asked(1, 1);
        model.istiods = List.of(HealthFixtures.istiod("istiod-1", true, 0, null, null, -1, -1, Duration.ofSeconds(20)));

        assertThat(HealthFixtures.run(check, model).get(0).severity()).isEqualTo(Severity.INFO);
    }

    @Test
    void should_stay_silent_when_an_istiod_of_its_revision_did_not_answer() {
        HealthModel.Builder some = asked(2, 1);
        some.silentIstiods = List.of(HealthFixtures.istiodPod("istiod-2", "default"));

        assertThat(HealthFixtures.run(check, some)).isEmpty();
        assertThat(HealthFixtures.run(check, asked(1, 0))).isEmpty();
    }

    @Test
    void should_report_where_only_an_istiod_did_not_answer_that_cannot_know_it() {
        HealthModel.Builder other = asked(2, 1);
        other.silentIstiods = List.of(HealthFixtures.istiodPod("istiod-2", "canary"));
        other.pods = List.of(HealthFixtures.revised("web", "default"));

        assertThat(HealthFixtures.run(check, other)).hasSize(1);
    }

    @Test
    void should_stay_silent_for_connected_proxies_and_for_those_that_just_started() {
        HealthModel.Builder connected = asked(1, 1);
        connected.proxies = HealthFixtures.proxies("[{'proxy':'web.shop'}]");
        HealthModel.Builder started = asked(1, 1);
        started.pods = List.of(HealthFixtures.pod(
                "web", "{'name':'istio-proxy','ready':true,'state':{'running':{'startedAt':'2026-01-02T11:59:50Z'}}}"));

        assertThat(HealthFixtures.run(check, connected)).isEmpty();
        assertThat(HealthFixtures.run(check, started)).isEmpty();
    }
}
