package dev.meshdx.health.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.health.Termination;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class IstiodUnstableCheckTest {
    private final IstiodUnstableCheck check = new IstiodUnstableCheck();

    @Test
    void should_report_MDX0102_for_a_recent_restart_and_for_one_that_is_not_ready() {
        HealthModel.Builder model = HealthFixtures.model();
        model.istiods = List.of(
                HealthFixtures.istiod("istiod-1", true),
                HealthFixtures.istiod("istiod-2", false),
                HealthFixtures.istiod(
                        "istiod-3",
                        true,
                        2,
                        new Termination("OOMKilled", 137, HealthFixtures.NOW.minus(Duration.ofMinutes(5))),
                        null,
                        -1,
                        -1,
                        null));

        assertThat(HealthFixtures.run(check, model))
                .extracting(finding -> finding.code() + " " + finding.subject().name())
                .containsExactly("MDX0102 istiod-2", "MDX0102 istiod-3");
    }

    @Test
    void should_stay_silent_for_old_restarts_and_where_nothing_works_at_all() {
        HealthModel.Builder model = HealthFixtures.model();
        model.istiods = List.of(HealthFixtures.istiod(
                "istiod-1",
                true,
                2,
                new Termination("Error", 1, HealthFixtures.NOW.minus(Duration.ofDays(3))),
                null,
                -1,
                -1,
                null));
        HealthModel.Builder down = HealthFixtures.model();
        down.istiods = List.of(HealthFixtures.istiod("istiod-1", false));

        assertThat(HealthFixtures.run(check, model)).isEmpty();
        assertThat(HealthFixtures.run(check, down)).isEmpty();
    }
}
