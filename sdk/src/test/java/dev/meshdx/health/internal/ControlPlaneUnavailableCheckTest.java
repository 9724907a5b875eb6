package dev.meshdx.health.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import java.util.List;
import org.junit.jupiter.api.Test;

class ControlPlaneUnavailableCheckTest {
    private final ControlPlaneUnavailableCheck check = new ControlPlaneUnavailableCheck();

    @Test
    void should_report_MDX0101_when_no_istiod_is_ready() {
        HealthModel.Builder model = HealthFixtures.model();
        model.istiodsKnown = true;
        model.istiods = List.of(HealthFixtures.istiod("istiod-1", false, 5, null, "CrashLoopBackOff", -1, -1, null));

        Finding finding = HealthFixtures.run(check, model).get(0);

        assertThat(finding.code()).isEqualTo("MDX0101");
        assertThat(finding.message()).contains("istiod-1 waits in CrashLoopBackOff after 5 restarts", "do not reach");
        assertThat(finding.evidence()).extracting(Object::toString).anyMatch(text -> text.contains("CrashLoopBackOff"));
        assertThat(finding.remedy()).contains("kubectl -n istio-system logs istiod-1");
    }

    @Test
    void should_report_MDX0101_when_there_is_no_istiod() {
        HealthModel.Builder model = HealthFixtures.model();
        model.istiodsKnown = true;

        assertThat(HealthFixtures.run(check, model))
                .singleElement()
                .satisfies(
                        finding -> assertThat(finding.message()).contains("no istiod pod in namespace istio-system"));
    }

    @Test
    void should_stay_silent_when_one_is_ready_or_nothing_is_known() {
        HealthModel.Builder one = HealthFixtures.model();
        one.istiodsKnown = true;
        one.istiods = List.of(HealthFixtures.istiod("istiod-1", false), HealthFixtures.istiod("istiod-2", true));

        assertThat(HealthFixtures.run(check, one)).isEmpty();
        assertThat(HealthFixtures.run(check, HealthFixtures.model())).isEmpty();
    }
}
