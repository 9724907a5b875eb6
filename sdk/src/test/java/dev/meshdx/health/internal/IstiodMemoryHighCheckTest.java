package dev.meshdx.health.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class IstiodMemoryHighCheckTest {
    private final IstiodMemoryHighCheck check = new IstiodMemoryHighCheck();

    @Test
    void should_report_MDX0103_above_4_GB_and_near_the_limit() {
        HealthModel.Builder model = HealthFixtures.model();
        model.istiods = List.of(
                HealthFixtures.istiod("istiod-1", true, 0, null, null, 4_100_000_000L, -1, null),
                HealthFixtures.istiod("istiod-2", true, 0, null, null, 830L << 20, 1L << 30, null));

        assertThat(HealthFixtures.run(check, model))
                .extracting(finding -> finding.code() + " " + finding.message())
                .satisfiesExactly(
                        big -> assertThat(big).startsWith("MDX0103").contains("3.8 GiB", "more than 4 GB"),
                        near -> assertThat(near).startsWith("MDX0103").contains("81 % of its limit of 1.0 GiB"));
    }

    @Test
    void should_stay_silent_below_and_where_memory_is_not_known() {
        HealthModel.Builder model = HealthFixtures.model();
        model.istiods = List.of(
                HealthFixtures.istiod("istiod-1", true, 0, null, null, 1L << 30, 2L << 30, null),
                HealthFixtures.istiod("istiod-2", true));

        assertThat(HealthFixtures.run(check, model)).isEmpty();
    }

    @Test
    void should_read_quantities() {
        assertThat(Quantities.bytes("2Gi")).isEqualTo(2L << 30);
        assertThat(Quantities.bytes("1500M")).isEqualTo(1_500_000_000L);
        assertThat(Quantities.bytes("1e3")).isEqualTo(1000);
        assertThat(Quantities.bytes("250000m")).isEqualTo(250);
        assertThat(Quantities.bytes("")).isEqualTo(-1);
        assertThat(Quantities.bytes("1e999999999")).isEqualTo(-1);
        assertThat(Quantities.bytes("much")).isEqualTo(-1);
    }
}
