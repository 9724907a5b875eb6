package dev.meshdx.diagnosis.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.ResourceRef;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplicasTest {
    private static Finding finding(String code, String pod, String message) {
        return Finding.of(
                        new FindingCode(code, code, Severity.ERROR, "title"), ResourceRef.of("Pod", "production", pod))
                .message(message)
                .evidence("seen", pod, "so")
                .build();
    }

    @Test
    void should_make_one_of_what_replicas_say() {
        Finding one = finding("MDX0401", "web-7d4b9cbf-aaaaa", "The proxy of web-7d4b9cbf-aaaaa waits 35 s. Look.");
        Finding other = finding("MDX0401", "web-7d4b9cbf-bbbbb", "The proxy of web-7d4b9cbf-bbbbb waits 36 s. Look.");

        assertThat(Replicas.merge(List.of(one, other))).singleElement().satisfies(merged -> {
            assertThat(merged.subject()).isEqualTo(one.subject());
            assertThat(merged.message())
                    .isEqualTo("The proxy of web-7d4b9cbf-aaaaa waits 35 s. The same holds for"
                            + " production/web-7d4b9cbf-bbbbb. Look.");
            assertThat(merged.evidence())
                    .last()
                    .satisfies(evidence ->
                            assertThat(evidence.value()).isEqualTo("1 more: production/web-7d4b9cbf-bbbbb"));
        });
    }

    @Test
    void should_keep_apart_what_different_workloads_say() {
        Finding web = finding("MDX0401", "web-7d4b9cbf-aaaaa", "The proxy of web-7d4b9cbf-aaaaa waits.");
        Finding shop = finding("MDX0401", "shop-7d4b9cbf-bbbbb", "The proxy of shop-7d4b9cbf-bbbbb waits.");
        Finding more = finding("MDX0401", "web-7d4b9cbf-bbbbb", "The proxy of web-7d4b9cbf-bbbbb sleeps.");

        assertThat(Replicas.merge(List.of(web, shop, more))).containsExactly(web, shop, more);
    }

    @Test
    void should_take_what_the_control_plane_does_to_all_for_one_thing() {
        List<Finding> stale = IntStream.range(0, 50)
                .mapToObj(i -> {
                    String pod = "app" + i + "-7d4b9cbf-aaaaa";
                    return finding("MDX0104", pod, "The proxy of " + pod + " is stale since " + i + " s.");
                })
                .toList();

        assertThat(Replicas.merge(stale)).singleElement().satisfies(merged -> {
            assertThat(merged.message()).contains("and 46 more.");
            assertThat(merged.evidence()).hasSize(2);
        });
    }

    @Test
    void should_not_hide_that_one_pod_says_two_things() {
        Finding one = finding("MDX0401", "web-0", "9 of 10 requests failed.");
        Finding two = finding("MDX0401", "web-0", "3 of 5 requests failed.");

        assertThat(Replicas.merge(List.of(one, two))).containsExactly(one, two);
    }

    @ParameterizedTest
    @CsvSource({
        "web-7d4b9cbf-x2x9k, web",
        "reviews-v1-sft6dx7h8d-6dh8f, reviews-v1",
        "db-0, db",
        "ztunnel-rzfkz, ztunnel",
        "web, web",
    })
    void should_tell_the_workload_by_the_name(String pod, String workload) {
        assertThat(Replicas.workload(pod)).isEqualTo(workload);
    }
}
