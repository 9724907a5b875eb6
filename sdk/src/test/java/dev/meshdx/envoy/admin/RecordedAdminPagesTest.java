package dev.meshdx.envoy.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.EnvoyProxy;
import dev.meshdx.envoy.admin.LoadedCertificate.SubjectAlternativeName.Kind;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.Reason;
import dev.meshdx.source.Session;
import dev.meshdx.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pages of real proxies as they were recorded. */
class RecordedAdminPagesTest {
    private static final String SLEEP = "sleep-v1-gj4j8s7g7h-nftvm";
    private static final String GATEWAY = "istio-ingressgateway-pzllwww8cz-z8pwp";

    private static EnvoyProxy proxy(Session session, String namespace, String pod) {
        return new EnvoyProxy(() -> session, namespace, pod);
    }

    @Test
    void should_read_all_pages_of_a_healthy_sidecar() {
        Session session = Shared.recording("sidecar/healthy");
        EnvoyProxy sleep = proxy(session, "production", SLEEP);

        assertThat(sleep.serverInfo()).satisfies(info -> {
            assertThat(info.envoyVersion()).isEqualTo("1.40.0");
            assertThat(info.isLive()).isTrue();
            assertThat(info.concurrency()).isEqualTo(2);
            assertThat(info.drainTime()).isEqualTo(Duration.ofSeconds(45));
            assertThat(info.hotRestartVersion()).isEqualTo("disabled");
            assertThat(info.node().orElseThrow().pod()).isEqualTo(SLEEP);
        });
        assertThat(sleep.serverInfo().node().orElseThrow().id())
                .isEqualTo(sleep.bootstrap().nodeId());
        assertThat(sleep.memory().heapSize()).isGreaterThan(10_000_000);
        assertThat(sleep.logLevels().level("misc")).contains(LogLevels.Level.ERROR);
        assertThat(sleep.logLevels().verbose()).isEmpty();
        assertThat(sleep.initDump().isComplete()).isTrue();
        assertThat(sleep.certificates().shown()).singleElement().satisfies(own -> {
            assertThat(own.names(Kind.URI)).containsExactly("spiffe://cluster.local/ns/production/sa/sleep");
            assertThat(own.isValidAt(session.now())).isTrue();
        });
        assertThat(sleep.certificates().trusted()).hasSize(1);
        assertThat(sleep.certificates().shown().get(0).serialNumber())
                .isEqualToIgnoringCase(sleep.secrets().stream()
                        .filter(secret -> secret.name().equals("default"))
                        .findFirst()
                        .orElseThrow()
                        .serialNumber());
        assertThat(sleep.listeners().notBound(sleep.listenersStatus())).isEmpty();
    }

    @Test
    void should_read_the_statistics_of_a_healthy_sidecar() {
        EnvoyProxy sleep = proxy(Shared.recording("sidecar/healthy"), "production", SLEEP);
        Stats stats = sleep.stats();

        assertThat(stats.number("server.live")).hasValue(1);
        assertThat(stats.number("cluster.xds-grpc.upstream_cx_active")).hasValue(1);
        assertThat(stats.ofCluster("xds-grpc").size()).isGreaterThan(50);
        assertThat(stats.histogram("server.initialization_time_ms")
                        .orElseThrow()
                        .cumulative(100))
                .isPresent();
        // Istio's list of inclusion leaves the clusters of services out.
        String cluster = "outbound|9080||reviews.production.svc.cluster.local";
        assertThat(stats.ofCluster(cluster).isEmpty()).isTrue();
        assertThat(stats.absence("cluster." + cluster + ";.upstream_cx_total")).isPresent();
        // A recording holds the whole page.
        assertThat(sleep.stats("^listener_manager\\."))
                .isNotEmpty()
                .allSatisfy(stat -> assertThat(stat.name()).startsWith("listener_manager."));
    }

    @Test
    void should_show_every_listener_that_a_config_dump_holds_as_bound() throws IOException {
        int proxies = 0;
        for (String family : List.of("sidecar", "ambient", "multicluster")) {
            for (Path listeners : pages(Shared.folder("real/" + family), "listeners.json")) {
                ListenersStatus status;
                try (var in = Files.newInputStream(listeners)) {
                    status = ListenersStatus.parse(in);
                }
                Path dump = listeners.resolveSibling("config_dump.json");
                if (Files.isRegularFile(dump)) {
                    try (var in = Files.newInputStream(dump)) {
                        assertThat(ConfigDump.parse(in).listeners().notBound(status))
                                .as(listeners.toString())
                                .isEmpty();
                    }
                    proxies++;
                }
                assertThat(status.rows()).isNotEmpty();
            }
        }
        assertThat(proxies).isGreaterThan(50);
    }

    @Test
    void should_read_every_recorded_page() throws IOException {
        for (Path page : pages(Shared.folder("real"), "stats.txt")) {
            try (var in = Files.newInputStream(page)) {
                Stats stats = Stats.parse(in);
                assertThat(stats.gaps()).as(page.toString()).isEmpty();
                try (Stream<String> lines = Files.lines(page)) {
                    assertThat((long) stats.size()).as(page.toString()).isEqualTo(lines.count());
                }
            }
        }
        for (Path page : pages(Shared.folder("real"), "server_info.json")) {
            try (var in = Files.newInputStream(page)) {
                assertThat(ServerInfo.parse(in).envoyVersion())
                        .as(page.toString())
                        .matches("1\\.[0-9]+\\.[0-9].*");
            }
        }
        for (Path page : pages(Shared.folder("real"), "logging")) {
            try (var in = Files.newInputStream(page)) {
                assertThat(LogLevels.parse(in).all()).as(page.toString()).hasSizeGreaterThan(40);
            }
        }
    }

    @Test
    void should_show_an_expired_certificate() throws IOException {
        int expired = 0;
        Session session = Shared.recording("sidecar/cert-expired");
        for (Path page : pages(Shared.folder("real/sidecar/cert-expired"), "certs.json")) {
            try (var in = Files.newInputStream(page)) {
                expired += LoadedCertificates.parse(in, session.now()).invalid().size();
            }
        }
        assertThat(expired).isPositive();
    }

    @Test
    void should_say_what_a_recording_does_not_hold() {
        EnvoyProxy gadget = proxy(Shared.recording("sidecar/proxy-nack"), "broken", "gadget-v1-rpswq5qfg7-s5pgv");

        assertThatThrownBy(gadget::memory)
                .isInstanceOfSatisfying(
                        MeshException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_RECORDED));
        assertThat(proxy(Shared.recording("sidecar/healthy"), "istio-system", GATEWAY)
                        .listenersStatus()
                        .find("0.0.0.0_8080"))
                .isPresent();
    }

    @Test
    void should_say_which_pod_was_meant() {
        EnvoyProxy proxy = proxy(Shared.recording("sidecar/healthy"), "production", "productpage");

        assertThatThrownBy(() -> proxy.clusters().rows()).isInstanceOfSatisfying(MeshNotFoundException.class, e -> {
            assertThat(e).hasMessage("There is no Pod productpage in namespace production.");
            assertThat(e.remedy()).startsWith("Did you mean productpage-v1-");
        });
    }

    @Test
    void should_take_a_proxy_at_its_word_that_it_has_no_extensions() {
        EnvoyProxy proxy = proxy(Shared.recording("sidecar/healthy"), "istio-system", GATEWAY);

        assertThat(proxy.extensions().rows()).isEmpty();
        assertThat(proxy.extensions().gaps()).isEmpty();
        assertThat(proxy.configDump().extensions().gaps()).isEmpty();
    }

    private static List<Path> pages(Path folder, String name) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> String.valueOf(file.getFileName()).equals(name)
                            && file.toString().contains("/envoy/"))
                    .sorted()
                    .toList();
        }
    }
}
