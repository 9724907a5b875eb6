package dev.meshdx.envoy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.meshdx.envoy.admin.ListenersStatus;
import dev.meshdx.envoy.admin.LogLevels;
import dev.meshdx.envoy.admin.Memory;
import dev.meshdx.envoy.admin.ServerInfo;
import dev.meshdx.envoy.admin.Stat;
import dev.meshdx.envoy.admin.Stats;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.model.Json;
import dev.meshdx.source.PodRequest;
import dev.meshdx.testing.Shared;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** All pages of a real Envoy. Skipped where there is none on the PATH. */
@Timeout(60)
class RealEnvoyTest {
    private static final String CLUSTER = "outbound|80||web.production.svc.cluster.local";

    /** Letters that mean something in expressions, in addresses, or to nobody. */
    private static final List<String> ODD_NAMES = List.of(
            "outbound|443|v1.2|*.example.com",
            "outbound|443||*.examplexcom",
            "a b+c%20d&e=f#g",
            "(x)[y]{2}^$?\\\\Q",
            "größe-名前-\uD83D\uDE00",
            "/sock/et;~!@,<>'`");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path directory;

    @SuppressWarnings("NullAway.Init")
    private static Process envoy;

    @SuppressWarnings("NullAway.Init")
    private static ServerSocket taken;

    private static String admin = "";

    private static EnvoySource source = new EnvoySource("");

    /** Two listeners, of which one finds its port taken, one that does not bind, and an internal one. */
    private static String listeners() {
        return "{\"resources\": ["
                + String.join(
                        ",",
                        listener(
                                "free",
                                "\"additional_addresses\": [{\"address\": {\"socket_address\": {\"address\":"
                                        + " \"127.0.0.1\", \"port_value\": 0}}}],",
                                0),
                        listener("taken", "", taken.getLocalPort()),
                        listener("redirected", "\"bind_to_port\": false,", 9))
                + "]}";
    }

    private static String listener(String name, String more, int port) {
        return """
                {"@type": "type.googleapis.com/envoy.config.listener.v3.Listener", "name": "%s", %s
                 "address": {"socket_address": {"address": "127.0.0.1", "port_value": %d}},
                 "filter_chains": [{"filters": [{"name": "tcp", "typed_config": {
                 "@type": "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
                 "stat_prefix": "tcp", "cluster": "%s"}}]}]}""".formatted(name, more, port, CLUSTER);
    }

    private static String odd() {
        return ODD_NAMES.stream()
                .map(name -> Json.object("name", name, "type", "STATIC").pretty())
                .collect(Collectors.joining(","));
    }

    private static String bootstrap(Path lds) {
        return """
                {"node": {"id": "router~10.0.0.7~gw-1.edge~edge.svc.cluster.local", "cluster": "gw",
                  "metadata": {"ISTIO_VERSION": "1.30.0"}},
                 "admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}}},
                 "bootstrap_extensions": [{"name": "envoy.bootstrap.internal_listener", "typed_config": {"@type":
                  "type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener"}}],
                 "dynamic_resources": {"lds_config": {"path_config_source": {"path": "%s"}}},
                 "static_resources": {
                  "listeners": [{"name": "main_internal", "internal_listener": {}, "filter_chains": [{"filters": [{"name": "tcp",
                    "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
                    "stat_prefix": "tcp", "cluster": "%s"}}]}]}],
                  "clusters": [{"name": "%2$s", "alt_stat_name": "%2$s;", "type": "STATIC",
                    "load_assignment": {"cluster_name": "%2$s"}}, %3$s]}}""".formatted(lds, CLUSTER, odd());
    }

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(
                Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "envoy"))),
                "there is no envoy on the PATH: skipped");
        taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        Path lds = Files.writeString(directory.resolve("lds.json"), listeners());
        Path config = Files.writeString(directory.resolve("envoy.json"), bootstrap(lds));
        Path address = directory.resolve("address");
        Path log = directory.resolve("log");
        envoy = new ProcessBuilder(
                        "envoy",
                        "-c",
                        config.toString(),
                        "--admin-address-path",
                        address.toString(),
                        "--concurrency",
                        "1",
                        "--use-dynamic-base-id",
                        "--component-log-level",
                        "misc:error",
                        "-l",
                        "warning",
                        "--drain-time-s",
                        "45")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        for (int i = 0; i < 300; i++) {
            if (Files.isRegularFile(address) && Files.size(address) > 0) {
                admin = Files.readString(address).strip();
                source = new EnvoySource(admin);
                if (code("/ready") == 200) {
                    return;
                }
            }
            if (!envoy.isAlive()) {
                break;
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        // A launcher without its program, or a machine that cannot run it.
        assumeTrue(envoy.isAlive(), () -> "envoy does not run here: skipped");
        throw new AssertionError("Envoy does not become ready: " + Files.readString(log));
    }

    @AfterAll
    static void stop() throws Exception {
        if (envoy != null) {
            envoy.destroy();
            if (!envoy.waitFor(10, TimeUnit.SECONDS)) {
                envoy.destroyForcibly();
            }
        }
        if (taken != null) {
            taken.close();
        }
    }

    private static int code(String path) throws IOException {
        return connect("GET", path).getResponseCode();
    }

    private static HttpURLConnection connect(String method, String path) throws IOException {
        HttpURLConnection connection = (HttpURLConnection)
                URI.create("http://" + admin + path.replace("|", "%7C")).toURL().openConnection();
        connection.setRequestMethod(method);
        return connection;
    }

    private static EnvoyProxy proxy() {
        return new EnvoyProxy(() -> Shared.session(source), "edge", "gw-1");
    }

    @Test
    void should_read_who_it_is() {
        ServerInfo info = proxy().serverInfo();

        assertThat(info.isLive()).isTrue();
        assertThat(info.envoyVersion()).matches("1\\.[0-9]+\\.[0-9]+.*");
        assertThat(info.concurrency()).isEqualTo(1);
        assertThat(info.drainTime()).isEqualTo(Duration.ofSeconds(45));
        assertThat(info.componentLogLevel()).isEqualTo("misc:error");
        assertThat(info.node().orElseThrow().type()).isEqualTo("router");
        assertThat(info.gaps()).isEmpty();
        assertThat(proxy().bootstrap().node().id())
                .isEqualTo(info.node().orElseThrow().id());
    }

    @Test
    void should_read_its_memory_and_log_levels() {
        assertThat(proxy().memory().totalPhysicalBytes()).isGreaterThan(1_000_000);
        LogLevels levels = proxy().logLevels();
        assertThat(levels.level("misc")).contains(LogLevels.Level.ERROR);
        assertThat(levels.level("http")).contains(LogLevels.Level.WARNING);
        assertThat(levels.usual()).isEqualTo(LogLevels.Level.WARNING);
        assertThat(proxy().certificates().all()).isEmpty();
        assertThat(proxy().initDump().isComplete()).isTrue();
    }

    @Test
    void should_read_its_statistics() {
        Stats all = proxy().stats();
        Stats some = proxy().stats("outbound\\|80\\|");

        assertThat(all.number("server.concurrency")).hasValue(1);
        assertThat(all.size()).isGreaterThan(some.size());
        assertThat(some.ofCluster(CLUSTER).size()).isEqualTo(some.size()).isGreaterThan(20);
        assertThat(some.number("cluster." + CLUSTER + ";.upstream_cx_total")).hasValue(0);
        assertThat(some.histogram("cluster." + CLUSTER + ";.upstream_cx_connect_ms")
                        .orElseThrow()
                        .isEmpty())
                .isTrue();
        // RE2 as in Envoy: nothing was ever written for this cluster's connections.
        assertThat(proxy().usedStats("upstream_cx_total").isEmpty()).isTrue();
        assertThat(proxy().stats("no such thing").isEmpty()).isTrue();
        assertThat(proxy().stats().since(all).number("server.concurrency")).hasValue(0);
        assertThat(proxy().stats().since(all).gaps()).isEmpty();
    }

    @Test
    void should_read_the_same_from_json_and_text() throws IOException {
        Stats text;
        try (InputStream in = connect("GET", "/stats").getInputStream()) {
            text = Stats.parse(in);
        }
        Stats json = proxy().stats();

        assertThat(text.stream().map(Stat::name))
                .containsAll(json.stream().map(Stat::name).toList());
        try (InputStream in = connect("GET", "/listeners").getInputStream()) {
            assertThat(ListenersStatus.parse(in).rows())
                    .isEqualTo(proxy().listenersStatus().rows());
        }
    }

    @Test
    void should_show_what_is_bound() {
        ListenersStatus status = proxy().listenersStatus();

        assertThat(status.find("free").orElseThrow().addresses()).hasSize(2);
        assertThat(status.find("free").orElseThrow().port()).isPositive();
        assertThat(status.find("main_internal").orElseThrow().isInternal()).isTrue();
        assertThat(status.find("taken")).isEmpty();
        assertThat(proxy().listeners().notBound(status)).isEmpty();
        // What cannot be bound is refused.
        assertThat(proxy().listeners().named("taken").stream()).isNotEmpty().allSatisfy(listener -> {
            assertThat(listener.state()).isEqualTo(ResourceState.REJECTED);
            assertThat(listener.error().orElse("")).contains("cannot bind");
        });
    }

    @Test
    void should_find_every_name_at_the_first_question() {
        for (String name : ODD_NAMES) {
            source.asked().clear();

            assertThat(proxy().clusters().named(name).stream().map(Cluster::name))
                    .containsExactly(name);
            assertThat(source.asked()).singleElement().asString().contains("&name_regex=");
        }
        source.asked().clear();
        assertThat(proxy().clusters().toService("*.example.com").subset("v1.2").port(443).stream())
                .singleElement();
        assertThat(source.asked()).hasSize(1);
        assertThat(proxy().clusters().named("outbound|443|v1.2|*.exampleXcom").nearest())
                .contains("outbound|443|v1.2|*.example.com");
    }

    @Test
    void should_know_that_a_section_without_anything_is_left_out() {
        EnvoyProxy proxy = proxy();

        assertThat(proxy.extensions().isEmpty()).isTrue();
        assertThat(proxy.extensions().gaps()).isEmpty();
        assertThat(proxy.configDump().extensions().gaps()).isEmpty();
        assertThat(proxy.secrets().gaps()).isEmpty();
        assertThat(proxy.configDump().secrets(Instant.now()).gaps()).isEmpty();
        assertThat(proxy.routes().gaps()).isEmpty();
        assertThat(proxy.configDump().routes().gaps()).isEmpty();
    }

    @Test
    void should_tell_a_page_that_it_does_not_have() {
        assertThatThrownBy(() ->
                        Shared.session(source).fetch(PodRequest.envoy("edge", "gw-1", "/no_such_page"), Memory::parse))
                .isInstanceOf(MeshNotFoundException.class);
    }
}
