package dev.meshdx.envoy.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.Listener;
import dev.meshdx.envoy.Listeners;
import dev.meshdx.envoy.admin.LoadedCertificate.SubjectAlternativeName.Kind;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.source.BodyReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The small pages of the admin interface; {@code StatsTest} has the statistics. */
class AdminPagesTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    private static final String SERVER_INFO = """
            {"version": "9e55809/1.40.0/Clean/RELEASE/BoringSSL", "state": "DRAINING", "uptime_current_epoch": "93784s",
             "uptime_all_epochs": "100000.5s", "hot_restart_version": "disabled",
             "command_line_options": {"concurrency": 2, "log_level": "warning", "component_log_level": "misc:error",
               "drain_time": "45s", "drain_strategy": "Immediate", "config_path": "etc/envoy.json"},
             "node": {"id": "router~10.0.0.9~gw-1.edge~edge.svc.mesh.example", "metadata": {"ISTIO_VERSION": "1.30.1",
               "PROXY_CONFIG": {"statusPort": 15020}}, "locality": {"region": "eu", "zone": "eu-1"}}}""";

    private static final String CERTIFICATES = """
            {"certificates": [
              {"ca_cert": [{"path": "<inline>", "serial_number": "8de8", "subject_alt_names": [],
                  "days_until_expiration": "3649", "valid_from": "2025-11-22T22:36:17Z",
                  "expiration_time": "2036-11-19T22:36:17Z"}],
               "cert_chain": [{"path": "<inline>", "serial_number": "f4c1",
                  "subject_alt_names": [{"uri": "spiffe://cluster.local/ns/a/sa/b"}, {"dns": "b.a"}, {"ip_address": "10.0.0.1"}],
                  "days_until_expiration": "0", "valid_from": "2026-01-01T22:34:22Z",
                  "expiration_time": "2026-01-02T22:36:22Z"}]},
              {"ca_cert": [{"serial_number": "8de8"}], "cert_chain": [{"serial_number": "f4c1"}]}]}""";

    private static final String LISTENERS = """
            {"listener_statuses": [
              {"name": "0.0.0.0_8443", "local_address": {"socket_address": {"address": "0.0.0.0", "port_value": 8443}},
               "additional_local_addresses": [{"socket_address": {"address": "::", "port_value": 8443}}]},
              {"name": "main_internal", "local_address": {"envoy_internal_address":
                {"server_listener_name": "main_internal"}}},
              {"name": "agent", "local_address": {"pipe": {"path": "/run/agent.sock"}}}]}""";

    private static <T> T read(String text, BodyReader<T> reader) throws IOException {
        return reader.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void should_tell_which_envoy_runs() throws IOException {
        ServerInfo info = read(SERVER_INFO, ServerInfo::parse);

        assertThat(info.envoyVersion()).isEqualTo("1.40.0");
        assertThat(List.of(info.commit(), info.sourceState(), info.buildType(), info.tlsLibrary()))
                .containsExactly("9e55809", "Clean", "RELEASE", "BoringSSL");
        assertThat(info.state()).isEqualTo("DRAINING");
        assertThat(info.isLive()).isFalse();
        assertThat(info.uptime()).isEqualTo(Duration.ofSeconds(93784));
        assertThat(info.uptimeOfAllEpochs()).isEqualTo(Duration.ofMillis(100_000_500));
        assertThat(info.concurrency()).isEqualTo(2);
        assertThat(info.drainTime()).isEqualTo(Duration.ofSeconds(45));
        assertThat(info.drainStrategy()).isEqualTo("Immediate");
        assertThat(info.option("config_path").text()).contains("etc/envoy.json");
        assertThat(info).hasToString("Envoy 1.40.0 DRAINING for 1d2h, 2 threads, Istio 1.30.1");
        ProxyNode node = info.node().orElseThrow();
        assertThat(List.of(node.type(), node.pod(), node.namespace(), node.address(), node.domain(), node.locality()))
                .containsExactly("router", "gw-1", "edge", "10.0.0.9", "mesh.example", "eu/eu-1");
        // What the agent wrote keeps its names.
        assertThat(node.metadata().at("PROXY_CONFIG", "statusPort").number(0)).isEqualTo(15020);
        assertThat(info.gaps()).isEmpty();
    }

    @Test
    void should_take_what_is_left_out_for_the_default() throws IOException {
        ServerInfo info = read("{\"version\": \"x\"}", ServerInfo::parse);

        assertThat(info.isLive()).isTrue();
        assertThat(info.uptime()).isZero();
        assertThat(info.drainTime()).isEqualTo(Duration.ofMinutes(10));
        assertThat(info.node()).isEmpty();
    }

    @Test
    void should_measure_memory() throws IOException {
        Memory memory = read("""
                {"allocated": "8711360", "heap_size": 16777216, "pageheap_unmapped": "0", "pageheap_free": "5906432",
                 "total_thread_cache": "1085696", "total_physical_bytes": "19852094"}""", Memory::parse);

        assertThat(memory.allocated()).isEqualTo(8711360);
        assertThat(memory.heapSize()).isEqualTo(16777216);
        assertThat(memory.totalPhysicalBytes()).isEqualTo(19852094);
        assertThat(memory)
                .hasToString("18.9 MiB physical, 8.3 MiB allocated, heap 16.0 MiB (5.6 free, 0.0 unmapped),"
                        + " thread caches 1.0 MiB");
    }

    @Test
    void should_show_each_certificate_once_and_judge_by_dates() throws IOException {
        LoadedCertificates certificates = read(CERTIFICATES, in -> LoadedCertificates.parse(in, NOW));

        assertThat(certificates.shown()).singleElement().satisfies(own -> {
            assertThat(own.serialNumber()).isEqualTo("f4c1");
            assertThat(own.path()).isEqualTo("<inline>");
            assertThat(own.names(Kind.URI)).containsExactly("spiffe://cluster.local/ns/a/sa/b");
            assertThat(own.names(Kind.DNS)).containsExactly("b.a");
            assertThat(own.names(Kind.IP_ADDRESS)).containsExactly("10.0.0.1");
            // Envoy says "0 days".
            assertThat(own.isValidAt(NOW)).isTrue();
            assertThat(own.remaining(NOW).orElseThrow()).isBetween(Duration.ofHours(19), Duration.ofHours(20));
        });
        assertThat(certificates.trusted())
                .singleElement()
                .satisfies(root -> assertThat(root.notAfter()).contains(Instant.parse("2036-11-19T22:36:17Z")));
        assertThat(certificates.invalid()).isEmpty();
        assertThat(read(CERTIFICATES, in -> LoadedCertificates.parse(in, NOW.plus(Duration.ofDays(1))))
                        .invalid())
                .extracting(LoadedCertificate::serialNumber)
                .containsExactly("f4c1");
    }

    @Test
    void should_show_what_listeners_are_bound_to() throws IOException {
        ListenersStatus status = read(LISTENERS, ListenersStatus::parse);

        assertThat(status.find("0.0.0.0_8443").orElseThrow().addresses()).containsExactly("0.0.0.0:8443", "[::]:8443");
        assertThat(status.find("main_internal").orElseThrow().isInternal()).isTrue();
        assertThat(status.find("agent").orElseThrow().addresses()).containsExactly("/run/agent.sock");
        assertThat(status.nearest("0.0.0.0_8444")).containsExactly("0.0.0.0_8443");
    }

    @Test
    void should_read_the_text_of_an_envoy_that_has_no_json() throws IOException {
        ListenersStatus status = read("""
                0.0.0.0_8443::0.0.0.0:8443
                0.0.0.0_8443::[::]:8443
                main_internal::envoy://main_internal/
                agent::/run/agent.sock
                """, ListenersStatus::parse);

        assertThat(status.rows())
                .isEqualTo(read(LISTENERS, ListenersStatus::parse).rows());
    }

    @Test
    void should_find_listeners_without_their_socket() throws IOException {
        ListenersStatus status = read(LISTENERS, ListenersStatus::parse);
        Listeners configured = read(
                        """
                {"configs": [{"dynamic_listeners": [%s, %s, %s, %s]}]}""".formatted(
                                        listener("0.0.0.0_8443", 8443, ""),
                                        listener("0.0.0.0_80", 80, ""),
                                        listener("10.0.0.1_80", 80, ", \"bind_to_port\": false"),
                                        listener("0.0.0.0_81", 81, "").replace("active_state", "warming_state")),
                        ConfigDump::parse)
                .listeners();

        assertThat(configured.notBound(status)).extracting(Listener::name).containsExactly("0.0.0.0_80");
        ListenersStatus cut = read(LISTENERS.substring(0, 200), ListenersStatus::parse);
        assertThat(cut.gaps()).hasSize(1);
        assertThat(configured.notBound(cut)).isEmpty();
    }

    private static String listener(String name, int port, String more) {
        return """
                {"name": "%s", "active_state": {"listener": {"name": "%<s", "address": {"socket_address":
                 {"address": "0.0.0.0", "port_value": %d}}%s}}}""".formatted(name, port, more);
    }

    @Test
    void should_tell_log_levels_with_either_header() throws IOException {
        String levels = "  admin: warning\n  rbac: debug\n  misc: error\n  http: warning\n\n";

        for (String header : List.of("active loggers:\n", "")) {
            LogLevels read = read(header + levels, LogLevels::parse);
            assertThat(read.all()).hasSize(4);
            assertThat(read.level("rbac")).contains(LogLevels.Level.DEBUG);
            assertThat(read.verbose()).containsOnlyKeys("rbac");
            assertThat(read.usual()).isEqualTo(LogLevels.Level.WARNING);
            assertThat(read.nearest("rback")).containsExactly("rbac");
            assertThat(read.toString()).startsWith("4 loggers, usually warning").contains("rbac", "misc");
        }
        assertThat(read("active loggers:\n source/common/http/conn_manager_impl.cc: trace\n", LogLevels::parse))
                .satisfies(fine -> {
                    assertThat(fine.isFineGrain()).isTrue();
                    assertThat(fine.level("source/common/http/conn_manager_impl.cc"))
                            .contains(LogLevels.Level.TRACE);
                });
    }

    @Test
    void should_tell_what_start_up_waits_for() throws IOException {
        InitDump dump = read("""
                {"unready_targets_dumps": [{"name": "init manager Server", "target_names": ["target LDS"]},
                  {"name": "init manager Listener-local-init-manager 0.0.0.0_8443 1",
                   "target_names": ["target SdsApi kubernetes://web-cert"]}]}""", InitDump::parse);

        assertThat(dump.isComplete()).isFalse();
        assertThat(dump.waiting())
                .isEqualTo(Map.of(
                        "init manager Server",
                        List.of("target LDS"),
                        "init manager Listener-local-init-manager 0.0.0.0_8443 1",
                        List.of("target SdsApi kubernetes://web-cert")));
        assertThat(read("{}", InitDump::parse)).hasToString("waits for nothing");
    }

    static List<BodyReader<?>> readers() {
        return List.of(
                ServerInfo::parse,
                Memory::parse,
                in -> LoadedCertificates.parse(in, NOW),
                ListenersStatus::parse,
                LogLevels::parse,
                InitDump::parse,
                Stats::parse);
    }

    @ParameterizedTest
    @MethodSource("readers")
    void should_refuse_what_is_no_page_of_envoy(BodyReader<?> reader) {
        for (String foreign : List.of(
                "<!DOCTYPE html><html><body>Welcome</body></html>",
                "  \n<html>",
                "{\"message\": \"not found\", \"status\": 404}",
                "[1, 2]",
                "{\"a\"",
                "Welcome to nginx")) {
            assertThatThrownBy(() -> read(foreign, reader))
                    .as(foreign)
                    .isInstanceOf(MeshProtocolException.class)
                    .hasMessageContaining("/")
                    .hasMessageNotContaining("Welcome");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SERVER_INFO", "CERTIFICATES", "LISTENERS"})
    void should_use_what_was_read_until_a_page_was_cut_off(String name) throws IOException {
        String text = Map.of("SERVER_INFO", SERVER_INFO, "CERTIFICATES", CERTIFICATES, "LISTENERS", LISTENERS)
                .get(name);
        for (int length = 60; length < text.length() - 1; length++) {
            String cut = text.substring(0, length);
            List<?> gaps = switch (name) {
                case "SERVER_INFO" -> read(cut, ServerInfo::parse).gaps();
                case "CERTIFICATES" ->
                    read(cut, in -> LoadedCertificates.parse(in, NOW)).gaps();
                default -> read(cut, ListenersStatus::parse).gaps();
            };
            assertThat(gaps).as(cut).hasSize(1);
        }
        assertThat(read(SERVER_INFO.substring(0, 200), ServerInfo::parse).envoyVersion())
                .isEqualTo("1.40.0");
    }

    @Test
    void should_bear_odd_values() throws IOException {
        assertThat(read("""
                {"version": ["a"], "state": 7, "uptime_current_epoch": "1e999999999s", "uptime_all_epochs": true,
                 "command_line_options": "none", "node": [], "hot_restart_version": {}}""", ServerInfo::parse)).satisfies(info -> {
            assertThat(info.uptime()).isZero();
            assertThat(info.concurrency()).isZero();
            assertThat(info.rows()).isNotEmpty();
        });
        assertThat(read("{\"allocated\": -1, \"heap_size\": 1e400, \"total_physical_bytes\": {}}", Memory::parse)
                        .toString())
                .contains("MiB");
        assertThat(read("""
                {"certificates": [7, {"ca_cert": [null, {"serial_number": 5, "valid_from": "soon",
                 "subject_alt_names": [{"uri": ["x"]}, 5]}], "cert_chain": {}}]}""", in -> LoadedCertificates.parse(in, NOW)).rows()).hasSize(1);
        assertThat(read("""
                {"listener_statuses": [5, {"local_address": {"socket_address": {"port_value": 99999999999}}}]}""", ListenersStatus::parse).rows()).hasSize(1);
        assertThat(read("{\"unready_targets_dumps\": [5, {\"name\": 5, \"target_names\": \"x\"}]}", InitDump::parse)
                        .isComplete())
                .isTrue();
        String deep = "{\"certificates\": " + "[".repeat(100_000);
        assertThat(read(deep, in -> LoadedCertificates.parse(in, NOW)).gaps()).hasSize(1);
    }
}
