package dev.meshdx.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.model.Json;
import dev.meshdx.testing.Shared;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The views of listeners and routes on dumps of real proxies. */
class RecordedViewsTest {
    private static ConfigDump input(String name) throws IOException {
        return read(Shared.folder("conformance/proxy-config/input").resolve(name + ".json"));
    }

    /** The dump of a recorded pod whose name begins so. */
    private static ConfigDump recorded(String scenario, String pod) throws IOException {
        try (Stream<Path> files = Files.walk(Shared.folder("real/sidecar/" + scenario))) {
            return read(files.filter(file -> file.endsWith("config_dump.json"))
                    .filter(file -> file.getParent().getFileName().toString().startsWith(pod))
                    .sorted()
                    .findFirst()
                    .orElseThrow());
        }
    }

    private static ConfigDump read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return ConfigDump.parse(in);
        }
    }

    private static Listener listener(ConfigDump dump, String name) {
        return dump.listeners().named(name).first().orElseThrow();
    }

    private static List<String> routes(ConfigDump dump, String config, String host) {
        return dump.routes().named(config).first().orElseThrow().virtualHosts().stream()
                .filter(virtualHost -> virtualHost.name().equals(host))
                .flatMap(virtualHost -> virtualHost.routes().stream())
                .map(Route::toString)
                .toList();
    }

    @Test
    void should_show_the_inbound_listener_of_a_sidecar() throws IOException {
        Listener inbound = listener(input("shop-orders"), "virtualInbound");

        assertThat(inbound.destinationPorts()).containsExactly(8080, 9100, 15006);
        assertThat(inbound.listenerFilters())
                .extracting(ListenerFilter::kind)
                .containsExactly("original_dst", "tls_inspector", "http_inspector");
        ListenerFilter http = inbound.listenerFilters().get(2);
        assertThat(http.isDisabledFor(8080)).isTrue();
        assertThat(http.isDisabledFor(80)).isFalse();
        assertThat(inbound.listenerFiltersTimeout()).isZero();
        assertThat(inbound.filterChainsFor(8080))
                .extracting(chain -> chain.match().transportProtocol() + " " + chain.tlsMode())
                .containsExactly("tls MUTUAL", "raw_buffer NONE");
        FilterChain mutual = inbound.filterChainsFor(8080).get(0);
        assertThat(mutual.tls().orElseThrow().subjectAltNames())
                .extracting(SanMatch::toString)
                .containsExactly("spiffe://cluster.local/*");
        assertThat(mutual.httpConnectionManager().orElseThrow().httpFilters())
                .extracting(HttpFilter::kind)
                .containsExactly("peer_metadata", "grpc_stats", "fault", "cors", "router");
    }

    @Test
    void should_say_the_routes_of_a_sidecar() throws IOException {
        ConfigDump dump = input("shop-orders");

        assertThat(routes(dump, "8080", "orders.shop.svc.cluster.local:8080"))
                .containsExactly(
                        "canary: prefix /, header x-canary=yes -> orders.shop:8080 v2;"
                                + " 2 retries on connect-failure, refused-stream +3",
                        "canary: prefix /v2/ -> orders.shop:8080 v2;"
                                + " 2 retries on connect-failure, refused-stream +3",
                        "path /healthz -> answer 200",
                        "regex /items/[0-9]+ -> orders.shop:8080 v1;"
                                + " 2 retries on connect-failure, refused-stream +3",
                        "prefix /old -> redirect 301 to /new",
                        "prefix / -> orders.shop:8080 v1 90%, v2 10%;"
                                + " 2 retries on connect-failure, refused-stream +3");
    }

    @Test
    void should_walk_the_matcher_of_a_waypoint() throws IOException {
        Listener main = listener(input("waypoint"), "main_internal");

        assertThat(main.isInternal()).isTrue();
        assertThat(main.filterChains())
                .extracting(main::matchText)
                .containsExactly(
                        "ip=10.104.171.68/32->port=8000",
                        "ip=10.104.171.68/32->port=8100",
                        "ip=192.168.195.248/32->UNMATCHED",
                        "ip=192.168.195.248/32->application-protocol='h2c';"
                                + " ip=192.168.195.248/32->application-protocol='http/1.1'");
        assertThat(main.filterChains()
                        .get(0)
                        .httpConnectionManager()
                        .orElseThrow()
                        .tracingSampling())
                .contains(100.0);
    }

    @Test
    void should_show_gateways_of_many_servers() throws IOException {
        List<FilterChain> chains = input("ingress-wide").listeners().stream()
                .flatMap(listener -> listener.allFilterChains().stream())
                .filter(chain -> chain.tls().isPresent())
                .toList();

        assertThat(chains).isNotEmpty().allSatisfy(chain -> {
            assertThat(chain.tls().orElseThrow().certificateSecrets())
                    .allSatisfy(name -> assertThat(name).startsWith("kubernetes://"));
            assertThat(chain.httpConnectionManager().map(HttpConnectionManager::forwardClientCertDetails))
                    .isIn(Optional.empty(), Optional.of("SANITIZE_SET"), Optional.of("APPEND_FORWARD"));
        });
    }

    @Test
    void should_show_policies_that_a_recorded_proxy_enforces() throws IOException {
        Listener inbound = listener(recorded("authz-denied", "payments"), "virtualInbound");
        List<HttpFilter> filters = inbound.filterChainsFor(8080).stream()
                .flatMap(chain -> chain.httpConnectionManager().stream())
                .flatMap(http -> http.httpFilters().stream())
                .toList();

        assertThat(filters)
                .extracting(HttpFilter::summary)
                .contains(
                        "DENY payments/deny-admin, payments/require-jwt",
                        "ALLOW payments/allow-production",
                        "providers origins-0 (issuer https://issuer.example.com, keys inline);"
                                + " prefix / wants origins-0 or no token");
        assertThat(inbound.accessLoggers())
                .extracting(AccessLogger::toString)
                .containsExactly("file /dev/stdout, only flags NR");
    }

    @Test
    void should_show_faults_and_limits_that_were_recorded() throws IOException {
        try (Stream<Path> files = Files.walk(Shared.folder("real/sidecar/fault-injection"))) {
            List<String> lines = files.filter(file -> file.endsWith("config_dump.json"))
                    .flatMap(file -> allRoutes(file).stream())
                    .filter(line -> line.contains("x-fault"))
                    .distinct()
                    .toList();
            assertThat(lines)
                    .anySatisfy(line -> assertThat(line).endsWith("abort 418 for 100%"))
                    .anySatisfy(line -> assertThat(line).endsWith("delay 1s for 100%"));
        }
        try (Stream<Path> files = Files.walk(Shared.folder("real/sidecar/rate-limited"))) {
            assertThat(files.filter(file -> file.endsWith("config_dump.json"))
                            .flatMap(file -> filters(file).stream())
                            .filter(filter -> filter.kind().equals("local_ratelimit")))
                    .isNotEmpty()
                    .allSatisfy(filter -> assertThat(filter.summary()).isEqualTo("2 per 1m"));
        }
    }

    private static List<String> allRoutes(Path file) {
        try {
            return read(file).routes().stream()
                    .flatMap(config -> config.virtualHosts().stream())
                    .flatMap(host -> host.routes().stream())
                    .map(Route::toString)
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static List<HttpFilter> filters(Path file) {
        try {
            return read(file).listeners().stream()
                    .flatMap(listener -> listener.allFilterChains().stream())
                    .flatMap(chain -> chain.httpConnectionManager().stream())
                    .flatMap(http -> http.httpFilters().stream())
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void should_find_words_for_every_route_of_the_trace_cases() throws IOException {
        try (Stream<Path> files = Files.list(Shared.folder("conformance/trace"))) {
            List<Path> some = files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .limit(40)
                    .toList();
            for (Path file : some) {
                String dump =
                        Json.parse(Files.readString(file)).at("configDump").toString();
                ConfigDump parsed = ConfigDump.parse(new ByteArrayInputStream(dump.getBytes(StandardCharsets.UTF_8)));
                for (RouteConfiguration config : parsed.routes()) {
                    for (VirtualHost host : config.virtualHosts()) {
                        assertThat(host.routes()).as("%s", file).allSatisfy(route -> {
                            assertThat(route.match().pathKind()).isNotEqualTo(RouteMatch.PathKind.UNKNOWN);
                            assertThat(route.toString()).doesNotContain("no action", "no cluster");
                            assertThat(route.match().headers())
                                    .flatExtracting(
                                            header -> header.text().stream().toList())
                                    .noneMatch(text -> text.kind() == TextMatch.Kind.OTHER);
                        });
                    }
                }
            }
        }
    }
}
