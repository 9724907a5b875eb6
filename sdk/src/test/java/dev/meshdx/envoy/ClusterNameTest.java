package dev.meshdx.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ClusterNameTest {
    @Test
    void should_take_names_apart() {
        assertThat(ClusterName.parse("outbound|9080|v1|reviews.production.svc.cluster.local"))
                .isEqualTo(new ClusterName(
                        "outbound|9080|v1|reviews.production.svc.cluster.local",
                        TrafficDirection.OUTBOUND,
                        9080,
                        "v1",
                        "reviews.production.svc.cluster.local",
                        false));
        assertThat(ClusterName.parse("inbound|8080||").host()).isEmpty();
        assertThat(ClusterName.parse("inbound-vip|80|http|a.b.svc.cluster.local")
                        .direction())
                .isEqualTo(TrafficDirection.INBOUND_VIP);
    }

    @Test
    void should_take_server_names_apart() {
        ClusterName name = ClusterName.parse("outbound_.80_._.a.b.svc.cluster.local");

        assertThat(name.serverNameForm()).isTrue();
        assertThat(name.port()).isEqualTo(80);
        assertThat(name.subset()).isEmpty();
        assertThat(name.host()).isEqualTo("a.b.svc.cluster.local");
    }

    @Test
    void should_keep_other_names_whole() {
        ClusterName name = ClusterName.parse("one|pipe");

        assertThat(name.isStructured()).isFalse();
        assertThat(name.host()).isEqualTo("one|pipe");
    }
}
