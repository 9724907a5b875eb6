package dev.meshdx.diagnosis.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import java.util.List;
import org.junit.jupiter.api.Test;

class CorrelationTest {
    private static Finding finding(String code, Severity severity, String kind, String name, String evidence) {
        return Finding.of(new FindingCode(code, code, severity, "title"), ResourceRef.of(kind, "production", name))
                .evidence("seen", "", evidence)
                .build();
    }

    @Test
    void should_put_the_cause_before_what_it_explains() {
        Finding effect = finding(
                "MDX0405",
                Severity.ERROR,
                "Pod",
                "sleep-v1-abc-def",
                "outbound|9080|v9|reviews.production.svc.cluster.local");
        Finding cause =
                finding("IST0101", Severity.ERROR, "VirtualService", "reviews", "reviews.production.svc.cluster.local");

        Correlation correlation = Correlation.of(List.of(effect, cause), Scope.MESH);

        assertThat(correlation.causes()).containsExactly(cause);
        assertThat(correlation.others()).containsExactly(effect);
        assertThat(correlation.effectsOf(cause)).containsExactly(effect);
    }

    @Test
    void should_not_blame_something_else() {
        Finding effect = finding(
                "MDX0405",
                Severity.ERROR,
                "Pod",
                "sleep-v1-abc-def",
                "outbound|9080||ratings.production.svc.cluster.local");
        Finding unrelated =
                finding("IST0101", Severity.ERROR, "VirtualService", "reviews", "reviews.production.svc.cluster.local");

        assertThat(Correlation.of(List.of(effect, unrelated), Scope.MESH).causes())
                .containsExactlyInAnyOrder(effect, unrelated);
    }

    @Test
    void should_never_take_an_information_for_a_cause() {
        Finding info = finding("IST0102", Severity.INFO, "Namespace", "production", "");

        Correlation correlation = Correlation.of(List.of(info), Scope.MESH);

        assertThat(correlation.causes()).isEmpty();
        assertThat(correlation.others()).containsExactly(info);
    }
}
