package dev.meshdx.health.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Severity;
import org.junit.jupiter.api.Test;

class ProxyStaleCheckTest {
    private static final String TYPE = "envoy.config.cluster.v3.Cluster";

    private final ProxyStaleCheck check = new ProxyStaleCheck();

    private static HealthModel.Builder sent(String time, String acked) {
        HealthModel.Builder model = HealthFixtures.model();
        model.proxies = HealthFixtures.proxies(HealthFixtures.resourcesOf(
                "web.shop", TYPE, "'sent':'b','acked':'" + acked + "','sentTime':'" + time + "'"));
        return model;
    }

    @Test
    void should_report_MDX0104_for_what_was_not_acknowledged() {
        Finding finding =
                HealthFixtures.run(check, sent("2026-01-02T11:58:00Z", "a")).get(0);

        assertThat(finding.code()).isEqualTo("MDX0104");
        assertThat(finding.severity()).isEqualTo(Severity.ERROR);
        assertThat(finding.message()).contains("CDS", "120 s ago");
        assertThat(finding.subject().name()).isEqualTo("web");
    }

    @Test
    void should_only_inform_right_after_a_push() {
        assertThat(HealthFixtures.run(check, sent("2026-01-02T11:59:50Z", "a"))
                        .get(0)
                        .severity())
                .isEqualTo(Severity.INFO);
    }

    @Test
    void should_stay_silent_when_acknowledged() {
        assertThat(HealthFixtures.run(check, sent("2026-01-02T11:58:00Z", "b"))).isEmpty();
    }

    @Test
    void should_tell_how_old_what_the_proxy_runs_with_is() {
        HealthModel.Builder model = HealthFixtures.model();
        model.proxies = HealthFixtures.proxies(HealthFixtures.resourcesOf(
                "web.shop",
                TYPE,
                "'sent':'2026-01-02T11:58:00Z/23cf656f22-8537-42e0-88b6-17e519570a6c',"
                        + "'acked':'2026-01-02T09:00:00Z/203f31e608-116c-4057-ac30-9727afdcbf02',"
                        + "'sentTime':'2026-01-02T11:58:00Z'"));

        assertThat(HealthFixtures.run(check, model).get(0).evidence().get(0).value())
                .isEqualTo("STALE, sent 2026-01-02T11:58:00Z, push 2026-01-02T11:58:00Z/23, acknowledged"
                        + " 2026-01-02T09:00:00Z/20");
    }
}
