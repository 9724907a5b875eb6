package dev.meshdx.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.diagnosis.internal.TimelineReader;
import dev.meshdx.error.MeshAccessException;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.security.TestMesh;
import dev.meshdx.testing.Shared;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What changed when errors began. */
class TimelineTest {
    private static final ResourceRef POD = ResourceRef.of("Pod", "shop", "web-1");
    private static final String LOG =
            "2026-01-02T03:00:00.000001Z\tinfo\tcache\tgenerated new workload certificate\tttl=24h\n"
                    + "[2026-01-02T03:04:05.678Z] \"GET /x HTTP/1.1\" 503 NC cluster_not_found - \"-\" 0 0 0 - \"-\" \"curl\" \"id\" \"web\" \"-\" - - - - - -\n";

    private static Resource changed(String name, String at) {
        return Resource.of(
                ResourceKind.VIRTUAL_SERVICE,
                Json.parse("{\"metadata\":{\"namespace\":\"shop\",\"name\":\"" + name
                        + "\",\"creationTimestamp\":\"2026-01-01T00:00:00Z\",\"managedFields\":[{\"manager\":\"istiod\",\"time\":\"2026-01-02T09:00:00Z\",\"subresource\":\"status\"},"
                        + "{\"manager\":\"helm\",\"time\":\"2026-01-01T07:00:00Z\",\"fieldsV1\":{\"f:spec\":{}}},{\"manager\":\"kubectl\",\"time\":\""
                        + at
                        + "\",\"fieldsV1\":{\"f:spec\":{}}}]},\"spec\":{}}"));
    }

    private static TestMesh mesh() {
        return new TestMesh()
                .with(TestMesh.pod("shop", "web"))
                .with(changed("late", "2026-01-02T03:03:50Z"))
                .with(changed("early", "2026-01-01T08:00:00Z"))
                .log("shop", "web-1", "istio-proxy", LOG);
    }

    @Test
    void should_put_the_nearest_change_before_the_first_error_first() {
        Timeline timeline = TimelineReader.read(mesh().session(), POD);

        assertThat(timeline.firstError()).contains(Instant.parse("2026-01-02T03:04:05.678Z"));
        assertThat(timeline.suspects())
                .extracting(entry -> entry.kind() + " " + entry.subject().name() + " " + entry.text())
                .containsExactly(
                        "configuration late changed by kubectl",
                        "certificate web-1 generated new workload certificate ttl=24h");
        assertThat(timeline.entries())
                .anyMatch(entry -> entry.subject().name().equals("early")
                        && entry.at().equals(Instant.parse("2026-01-01T08:00:00Z")));
        assertThat(timeline.log().access().failed()).isEqualTo(1);
        assertThat(timeline.toString()).startsWith("first error at ").hasSizeLessThan(900);
    }

    @Test
    void should_say_what_may_not_be_read_and_go_on() {
        Timeline timeline = TimelineReader.read(
                mesh().failing(ResourceKind.EVENT, new MeshAccessException("no events", ""))
                        .session(),
                POD);

        assertThat(timeline.suspects()).hasSize(2);
        assertThat(timeline.inconclusive()).extracting(Inconclusive::what).contains("events in namespace shop");
    }

    @Test
    void should_have_no_suspects_where_there_is_no_error() {
        TestMesh healthy =
                mesh().log("shop", "web-1", "istio-proxy", "2026-01-02T03:00:00.000001Z\tinfo\tEnvoy proxy is ready\n");

        Timeline timeline = TimelineReader.read(healthy.session(), POD);

        assertThat(timeline.firstError()).isEmpty();
        assertThat(timeline.suspects()).isEmpty();
        assertThat(timeline.toString()).startsWith("no error in the log");
    }

    @Test
    void should_see_the_push_before_the_errors_of_a_recorded_mesh() {
        Timeline timeline = TimelineReader.read(
                Shared.recording("sidecar/host-unknown"),
                ResourceRef.of("Pod", "production", "sleep-v1-gj4j8s7g7h-nftvm"));

        assertThat(timeline.suspects().get(0).kind()).isEqualTo(TimelineEntry.Kind.PUSH);
        assertThat(timeline.suspects().get(0).text()).contains("RDS (SYNCED)");
    }
}
