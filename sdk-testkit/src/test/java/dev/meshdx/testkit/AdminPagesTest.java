package dev.meshdx.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.Mesh;
import dev.meshdx.envoy.EnvoyProxy;
import dev.meshdx.envoy.admin.LoadedCertificate.SubjectAlternativeName.Kind;
import dev.meshdx.envoy.admin.LogLevels;
import dev.meshdx.envoy.admin.Stats;
import dev.meshdx.error.MeshConfigurationException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A fake proxy's smaller pages, through the SDK and the tunnel. */
class AdminPagesTest {
    @SuppressWarnings("NullAway.Init")
    private static FakeMesh fake;

    @SuppressWarnings("NullAway.Init")
    private static Mesh mesh;

    @SuppressWarnings("NullAway.Init")
    private static Resource pod;

    @BeforeAll
    static void start() {
        fake = FakeMesh.start(Scenario.byName("path-case"));
        mesh = fake.connect();
        pod = fake.objects(ResourceKind.POD).stream()
                .filter(it -> it.namespace().equals("production") && it.name().startsWith("reviews"))
                .findFirst()
                .orElseThrow();
    }

    @AfterAll
    static void stop() {
        mesh.close();
        fake.close();
    }

    private static EnvoyProxy proxy() {
        return mesh.namespace(pod.namespace()).pod(pod.name()).envoy();
    }

    @Test
    void should_answer_as_an_envoy_does() {
        assertThat(proxy().serverInfo()).satisfies(info -> {
            assertThat(info.isLive()).isTrue();
            assertThat(info.concurrency()).isEqualTo(2);
            assertThat(info.node().orElseThrow().pod()).isEqualTo(pod.name());
        });
        assertThat(proxy().memory().totalPhysicalBytes()).isPositive();
        assertThat(proxy().logLevels().level("misc")).contains(LogLevels.Level.ERROR);
        assertThat(proxy().initDump().isComplete()).isTrue();
        assertThat(proxy().certificates().shown())
                .singleElement()
                .satisfies(own -> assertThat(own.names(Kind.URI))
                        .singleElement()
                        .asString()
                        .startsWith("spiffe://"));
        assertThat(proxy().certificates().invalid()).isEmpty();
    }

    @Test
    void should_have_a_socket_for_each_listener() {
        assertThat(proxy().listenersStatus().size())
                .isEqualTo(proxy().listeners().size());
        assertThat(proxy().listeners().notBound(proxy().listenersStatus())).isEmpty();
    }

    @Test
    void should_count() {
        Stats stats = proxy().stats();

        assertThat(stats.number("server.live")).hasValue(1);
        assertThat(stats.number("listener_manager.total_listeners_active"))
                .hasValue(proxy().listeners().size());
        assertThat(stats.histogram("server.initialization_time_ms")
                        .orElseThrow()
                        .cumulative(99.9))
                .hasValue(155);
        assertThat(stats.find("cluster_manager.cds.version_text").flatMap(it -> it.text()))
                .isPresent();
        assertThat(stats.absence("cluster.outbound|9080||reviews.production.svc.cluster.local;.upstream_cx_total"))
                .isPresent();
        assertThat(proxy().stats("^server\\.").size()).isBetween(5, stats.size() - 5);
        assertThat(proxy().usedStats("").stream())
                .noneSatisfy(stat -> assertThat(stat.number()).hasValue(0));
        assertThatThrownBy(() -> proxy().stats("*")).isInstanceOf(MeshConfigurationException.class);
    }

    @Test
    void should_show_what_answers_in_place_of_envoy() {
        String path = "/memory";
        fake.podFault(pod.namespace(), pod.name(), 15000, path, Fault.answer(200, "text/html", "<html>Hello</html>"));
        assertThatThrownBy(() -> proxy().memory())
                .isInstanceOf(MeshProtocolException.class)
                .hasMessageContaining("/memory")
                .hasMessageContaining("web page");
        fake.clearPodFaults(pod.namespace(), pod.name(), 15000);
        fake.podFault(
                pod.namespace(), pod.name(), 15000, "/init_dump", Fault.answer(404, "text/plain", "invalid path"));
        assertThatThrownBy(() -> proxy().initDump()).isInstanceOf(MeshNotFoundException.class);
        fake.clearPodFaults(pod.namespace(), pod.name(), 15000);
    }

    @Test
    void should_take_the_text_of_an_envoy_that_answers_a_web_page_for_json() {
        fake.podFault(
                pod.namespace(),
                pod.name(),
                15000,
                "/stats?format=json*",
                Fault.answer(200, "text/html", "<!DOCTYPE html><html></html>"));
        assertThat(proxy().stats("^server\\.").number("server.live")).hasValue(1);
        fake.clearPodFaults(pod.namespace(), pod.name(), 15000);
    }
}
