package dev.meshdx.health.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.envoy.diff.ConfigDiff;
import dev.meshdx.envoy.diff.ConfigDiff.Section;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.source.Session;
import dev.meshdx.testing.Shared;
import org.junit.jupiter.api.Test;

/** On recordings: what a real istiod said that it would send, against what the proxies had in the same minute. */
class SentConfigurationReaderTest {
    private static ConfigDiff read(Session session, String namespace, String pod) {
        return SentConfigurationReader.read(session, namespace, pod);
    }

    @Test
    void should_find_no_difference_in_a_healthy_mesh() {
        ConfigDiff diff = read(Shared.recording("sidecar/healthy"), "production", "sleep-v1-gj4j8s7g7h-nftvm");

        assertThat(diff.rows()).isEmpty();
        assertThat(diff.compared()).contains(Section.CLUSTERS, Section.LISTENERS, Section.ROUTES);
        assertThat(diff.inconclusive()).extracting(Inconclusive::what).containsExactly("endpoints");
    }

    @Test
    void should_not_take_another_proxys_page() {
        ConfigDiff diff = read(Shared.recording("sidecar/healthy"), "production", "details-v1-6q27k7gw8d-jksf6");

        assertThat(diff.compared()).isEmpty();
        assertThat(diff.inconclusive())
                .extracting(Inconclusive::what, Inconclusive::reason)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("what istiod would send", Reason.NOT_RECORDED));
    }

    @Test
    void should_say_that_a_ztunnel_has_none() {
        ConfigDiff diff = read(Shared.recording("ambient/ambient-healthy"), "istio-system", "ztunnel-rzfkz");

        assertThat(diff.compared()).isEmpty();
        assertThat(diff.inconclusive())
                .anySatisfy(gap -> assertThat(gap.message()).contains("ztunnel"));
    }
}
