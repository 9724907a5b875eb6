package dev.meshdx.logs.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.error.MeshAccessException;
import dev.meshdx.error.MeshConnectionException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.logs.LogLine;
import dev.meshdx.logs.LogSummary;
import dev.meshdx.logs.PodLogs;
import dev.meshdx.logs.WorkloadLogs;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.security.TestMesh;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which container's log is read, how much of it, and what is said when it cannot be. */
class LogReaderTest {
    private static final String FAILED =
            "[2026-01-02T03:04:05.678Z] \"GET /x HTTP/1.1\" 503 UH no_healthy_upstream - \"-\" 0 19 0 - \"-\" \"curl\" \"id\" \"web\" \"-\""
                    + " outbound|80||web.shop.svc.cluster.local - 10.96.0.9:80 10.0.0.5:4000 - default\n";

    private static Resource pod(String name, String spec, String annotations) {
        return Resource.of(
                ResourceKind.POD,
                Json.parse("{\"metadata\":{\"namespace\":\"shop\",\"name\":\"" + name + "\",\"annotations\":{"
                        + annotations + "}},\"spec\":{" + spec + "},\"status\":{\"phase\":\"Running\"}}"));
    }

    private static PodLogs logs(TestMesh mesh, String pod) {
        return new PodLogs(mesh::session, "shop", pod);
    }

    @Test
    void should_choose_the_container_that_speaks_of_the_mesh() {
        TestMesh mesh = new TestMesh()
                .with(pod("classic", "\"containers\":[{\"name\":\"app\"},{\"name\":\"istio-proxy\"}]", ""))
                .with(pod(
                        "native",
                        "\"containers\":[{\"name\":\"app\"}],\"initContainers\":[{\"name\":\"istio-proxy\",\"restartPolicy\":\"Always\"}]",
                        ""))
                .with(pod("istiod", "\"containers\":[{\"name\":\"discovery\"}]", ""))
                .log("shop", "classic", "istio-proxy", "a\n")
                .log("shop", "classic", "app", "b\nc\n")
                .log("shop", "native", "istio-proxy", "d\n")
                .log("shop", "istiod", "discovery", "e\n")
                .log("shop", "classic", "istio-proxy previous", "f\n");

        assertThat(logs(mesh, "classic").lines().all())
                .extracting(LogLine::text)
                .containsExactly("a");
        assertThat(logs(mesh, "classic").container("app").lines().size()).isEqualTo(2);
        assertThat(logs(mesh, "classic").previous().lines().all())
                .extracting(LogLine::text)
                .containsExactly("f");
        assertThat(logs(mesh, "native").tail(5).all()).extracting(LogLine::text).containsExactly("d");
        assertThat(logs(mesh, "istiod").summary().lines()).isEqualTo(1);
    }

    @Test
    void should_say_what_is_missing() {
        TestMesh mesh = new TestMesh()
                .with(pod("plain", "\"containers\":[{\"name\":\"app\"}]", ""))
                .with(pod(
                        "ambient",
                        "\"containers\":[{\"name\":\"app\"}],\"nodeName\":\"n7\"",
                        "\"ambient.istio.io/redirection\":\"enabled\""));

        assertThatThrownBy(() -> logs(mesh, "plain").summary())
                .isInstanceOf(MeshUnsupportedException.class)
                .hasMessageContaining("no sidecar")
                .extracting("remedy")
                .asString()
                .contains("app");
        assertThatThrownBy(() -> logs(mesh, "ambient").lines())
                .isInstanceOf(MeshUnsupportedException.class)
                .extracting("remedy")
                .asString()
                .contains("grep n7");
        assertThatThrownBy(() -> logs(mesh, "plain").container("ap").lines())
                .isInstanceOf(MeshNotFoundException.class)
                .extracting("remedy")
                .asString()
                .contains("app");
        assertThatThrownBy(() -> logs(mesh, "gone").lines())
                .isInstanceOf(MeshNotFoundException.class)
                .hasMessageContaining("gone");
        assertThatThrownBy(() -> logs(mesh, "plain").last(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> logs(mesh, "plain").since(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void should_read_the_log_where_the_pod_may_not_be_read() {
        MeshAccessException forbidden = new MeshAccessException("no get pods", "");
        TestMesh mesh = new TestMesh()
                .failing(ResourceKind.POD, forbidden)
                .failing(ResourceKind.CONFIG_MAP, forbidden)
                .log("shop", "web", "istio-proxy", FAILED);

        LogSummary log = logs(mesh, "web").summary();

        assertThat(log.access().failed()).isEqualTo(1);
        assertThat(log.pods()).containsExactly(ResourceRef.of("Pod", "shop", "web"));
    }

    @Test
    void should_keep_what_came_before_the_connection_broke() {
        TestMesh mesh = new TestMesh()
                .with(pod("web", "\"containers\":[{\"name\":\"istio-proxy\"}]", ""))
                .log("shop", "web", "istio-proxy", FAILED + FAILED + FAILED.substring(0, 40))
                .failing("shop/web log of istio-proxy", new MeshConnectionException("broke off", ""));

        LogSummary log = logs(mesh, "web").summary();

        assertThat(log.access().entries()).isEqualTo(2);
        assertThat(logs(mesh, "web").lines().size()).isEqualTo(2);
        assertThat(logs(mesh, "web").lines().inconclusive()).hasSize(1);
        assertThat(log.inconclusive())
                .singleElement()
                .extracting(Inconclusive::reason)
                .isEqualTo(Reason.UNREACHABLE);
        assertThat(log.inconclusive().get(0).what()).isEqualTo("rest of the log");
    }

    @Test
    void should_take_only_what_is_young_enough() {
        TestMesh mesh = new TestMesh()
                .with(pod("web", "\"containers\":[{\"name\":\"istio-proxy\"}]", ""))
                .log(
                        "shop",
                        "web",
                        "istio-proxy",
                        FAILED.replace("2026-01-02", "2001-01-02") + "  old\n"
                                + FAILED.replace("2026-01-02", "2999-01-02") + "young\n");

        assertThat(logs(mesh, "web").since(Duration.ofDays(1)).lines().size()).isEqualTo(2);
        assertThat(logs(mesh, "web").lines().size()).isEqualTo(4);
    }

    @Test
    void should_read_access_logs_in_the_format_of_the_mesh() {
        TestMesh mesh = new TestMesh()
                .with(pod("web", "\"containers\":[{\"name\":\"istio-proxy\"}]", ""))
                .with(TestMesh.configMap(
                        "istio-system", "istio", "mesh", "accessLogFormat: \"%RESPONSE_CODE% of %ROUTE_NAME%\\n\"\n"))
                .log("shop", "web", "istio-proxy", "503 of default\n200 of default\n");

        LogSummary log = logs(mesh, "web").summary();

        assertThat(log.access().byRoute()).containsEntry("default", 2L);
        assertThat(log.access().failed()).isEqualTo(1);
        assertThat(log.notUnderstood()).isZero();
    }

    @Test
    void should_read_several_pods_and_name_those_that_cannot_be_read() {
        TestMesh mesh = new TestMesh()
                .with(pod("a", "\"containers\":[{\"name\":\"istio-proxy\"}]", ""))
                .with(pod("b", "\"containers\":[{\"name\":\"istio-proxy\"}]", ""))
                .with(pod("c", "\"containers\":[{\"name\":\"app\"}]", ""))
                .log("shop", "a", "istio-proxy", FAILED)
                .log("shop", "b", "istio-proxy", FAILED + FAILED);
        WorkloadLogs logs = new WorkloadLogs(
                mesh::session,
                "three pods",
                session -> List.of(
                        ResourceRef.of("Pod", "shop", "a"),
                        ResourceRef.of("Pod", "shop", "b"),
                        ResourceRef.of("Pod", "shop", "c")));

        LogSummary log = logs.summary();

        assertThat(log.access().failed()).isEqualTo(3);
        assertThat(log.pods()).extracting(ResourceRef::name).containsExactly("a", "b");
        assertThat(log.inconclusive())
                .singleElement()
                .extracting(gap -> gap.reason())
                .isEqualTo(Reason.UNSUPPORTED);
        assertThat(logs.lines()).containsOnlyKeys("a", "b");
        assertThat(logs.last(1)
                        .patterns()
                        .of("no-healthy-upstream")
                        .orElseThrow()
                        .count())
                .isEqualTo(3);
    }
}
