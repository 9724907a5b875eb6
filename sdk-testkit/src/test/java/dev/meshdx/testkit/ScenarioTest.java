package dev.meshdx.testkit;

import static dev.meshdx.testkit.Fakes.NOW;
import static dev.meshdx.testkit.Fakes.json;
import static dev.meshdx.testkit.Fakes.log;
import static dev.meshdx.testkit.Fakes.pod;
import static dev.meshdx.testkit.Fakes.section;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.testkit.internal.ClusterState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScenarioTest {
    /** The 22 fields of Istio's default text format. */
    private static final Pattern ACCESS_LOG = Pattern.compile("\\[\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z]"
            + " \"(\\S+) (\\S+) (\\S+)\" (\\d+) (\\S+) (\\S+) (\\S+) \"([^\"]*)\" (\\d+) (\\d+) (\\d+) (\\S+)"
            + " \"([^\"]*)\" \"([^\"]*)\" \"([^\"]*)\" \"([^\"]*)\" \"([^\"]*)\" (\\S+) (\\S+) (\\S+) (\\S+) (\\S+)"
            + " (\\S+)");

    /** Envoy's and the agent's lines. */
    private static final Pattern LOG = Pattern.compile(
            "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z\t(info|warn|warning|error)\t.*", Pattern.DOTALL);

    private static final List<String> PROXY_PAGES = List.of(
            "/config_dump",
            "/config_dump?include_eds",
            "/clusters",
            "/clusters?format=json",
            "/certs",
            "/server_info",
            "/listeners?format=json",
            "/stats",
            "/stats/prometheus",
            "/ready",
            "/logging",
            "/memory");

    private static final List<String> ISTIOD_PAGES = List.of(
            "/debug/syncz", "/debug/adsz", "/debug/endpointz", "/debug/configz", "/debug/mesh", "/metrics", "/version");

    private static ClusterState build(Scenario scenario) {
        return scenario.builder().clock(NOW).build();
    }

    private static Map<String, String> everything(ClusterState state) {
        Map<String, String> all = new LinkedHashMap<>();
        for (ResourceKind kind : ResourceKind.known()) {
            for (Resource object : state.list(kind, "")) {
                all.put(object.toString(), object.raw().toString());
            }
        }
        for (Resource pod : state.list(ResourceKind.POD, "")) {
            PROXY_PAGES.forEach(path -> state.page(pod.namespace(), pod.name(), 15000, path)
                    .ifPresent(page -> all.put(pod.name() + path, page.body().utf8())));
            ISTIOD_PAGES.forEach(path -> state.page(pod.namespace(), pod.name(), 15014, path)
                    .ifPresent(page -> all.put(pod.name() + path, page.body().utf8())));
            for (String container : List.of("istio-proxy", "discovery")) {
                state.log(pod.namespace(), pod.name(), container, false)
                        .ifPresent(text -> all.put(pod.name() + " " + container, text));
            }
        }
        return all;
    }

    @ParameterizedTest
    @EnumSource
    void should_be_the_same_each_time(Scenario scenario) {
        Map<String, String> first = everything(build(scenario));

        assertThat(first).hasSizeGreaterThan(100);
        assertThat(everything(build(scenario))).isEqualTo(first);
    }

    @ParameterizedTest
    @EnumSource
    void should_answer_in_the_forms_of_envoy_and_istiod(Scenario scenario) {
        ClusterState state = build(scenario);
        assertThat(state.find(ResourceKind.POD, scenario.namespace(), scenario.pod()))
                .isPresent();
        for (Resource pod : state.list(ResourceKind.POD, "")) {
            if (!state.listens(pod.namespace(), pod.name(), 15000)) {
                continue;
            }
            Json dump = json(state, pod, 15000, "/config_dump?include_eds");
            assertThat(dump.at("configs").items().stream()
                            .map(config -> config.at("@type").text("").replaceAll(".*\\.", "")))
                    .containsExactly(
                            "BootstrapConfigDump",
                            "ClustersConfigDump",
                            "EndpointsConfigDump",
                            "ListenersConfigDump",
                            "ScopedRoutesConfigDump",
                            "RoutesConfigDump",
                            "SecretsConfigDump");
            assertThat(json(state, pod, 15000, "/config_dump").at("configs").size())
                    .isEqualTo(6);
            for (String line : log(state, pod).split("\n(?=[\\[2])")) {
                assertThat(line.strip()).matches(line.startsWith("[") ? ACCESS_LOG : LOG);
            }
            assertThat(log(state, pod)).contains("Envoy proxy is ready");
        }
    }

    @Test
    void should_be_found_by_name() {
        assertThat(Scenario.all()).hasSize(10);
        assertThat(Scenario.byName("mtls-conflict")).isEqualTo(Scenario.MTLS_CONFLICT);
        assertThatThrownBy(() -> Scenario.byName("nonsense"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("path-case");
        assertThat(Scenario.all()).allSatisfy(scenario -> {
            assertThat(scenario.title()).isNotBlank();
            assertThat(scenario.description()).isNotBlank();
            assertThat(scenario.expectedCodes().isEmpty()).isEqualTo(scenario == Scenario.HEALTHY);
        });
    }

    @Test
    void should_be_silent_when_healthy() {
        ClusterState state = build(Scenario.HEALTHY);

        for (Resource pod : state.list(ResourceKind.POD, "")) {
            assertThat(log(state, pod)).doesNotContain("\twarn", "\terror", " 503 ", " 404 ", " NR ");
            assertThat(pod.status().at("conditions").toString()).doesNotContain("\"False\"");
        }
        Json syncz = json(state, pod(state, "istio-system", "istiod"), 15014, "/debug/syncz");
        assertThat(syncz.size()).isEqualTo(7);
        for (Json proxy : syncz.items()) {
            for (String type : List.of("cluster", "listener", "route", "endpoint")) {
                assertThat(proxy.at(type + "_acked")).isEqualTo(proxy.at(type + "_sent"));
            }
        }
    }

    @Test
    void should_show_a_wrong_case() {
        assertThat(clientLog(Scenario.PATH_CASE))
                .contains("\"GET /api/v1/reviews/7 HTTP/1.1\" 404 NR route_not_found - \"-\" 0 0 0 - ");
    }

    @Test
    void should_show_a_missing_subset_and_an_unknown_host() {
        assertThat(clientLog(Scenario.MISSING_SUBSET)).contains("503 NC cluster_not_found");
        assertThat(clientLog(Scenario.HOST_UNKNOWN)).contains("503 NC cluster_not_found");
    }

    @Test
    void should_show_a_conflict_of_mtls_on_both_sides() {
        ClusterState state = build(Scenario.MTLS_CONFLICT);

        assertThat(clientLog(Scenario.MTLS_CONFLICT))
                .contains("503 UC upstream_reset_before_response_started{connection_termination}");
        assertThat(log(state, pod(state, "payments", "payments")))
                .contains("\"- - -\" 0 NR filter_chain_not_found - \"-\" 0 0 0 - \"-\" \"-\" \"-\" \"-\" \"-\" - - ");
    }

    @Test
    void should_show_a_service_without_endpoints() {
        assertThat(clientLog(Scenario.NO_HEALTHY_UPSTREAM)).contains("503 UH no_healthy_upstream - \"-\" 0 19 0 - ");
    }

    @Test
    void should_show_an_expired_certificate() {
        ClusterState state = build(Scenario.CERTIFICATE_EXPIRED);

        assertThat(clientLog(Scenario.CERTIFICATE_EXPIRED))
                .contains("503 URX,UF ", "CERTIFICATE_VERIFY_FAILED", "certificate_has_expired");
        Json own = json(state, pod(state, "production", "ratings-v1"), 15000, "/certs")
                .at("certificates")
                .at(0)
                .at("cert_chain")
                .at(0);
        assertThat(own.at("expiration_time")).isEqualTo(Json.of("2026-02-27T12:00:00Z"));
        assertThat(own.at("days_until_expiration")).isEqualTo(Json.of("0"));
    }

    @Test
    void should_show_a_dead_control_plane() {
        ClusterState state = build(Scenario.ISTIOD_DOWN);

        Resource istiod = pod(state, "istio-system", "istiod");
        assertThat(state.listens("istio-system", istiod.name(), 15014)).isFalse();
        assertThat(istiod.status().toString()).contains("CrashLoopBackOff", "\"restartCount\":5");
        assertThat(state.log("istio-system", istiod.name(), "discovery", true)).isPresent();
        assertThat(clientLog(Scenario.ISTIOD_DOWN)).contains("gRPC config stream to xds-grpc closed since 40s ago: 14");
        assertThat(section(state, pod(state, "production", "web"), "RoutesConfigDump")
                        .toString())
                .doesNotContain("to-v2");
    }

    @Test
    void should_show_a_stale_proxy() {
        ClusterState state = build(Scenario.STALE_PROXY);

        assertThat(section(state, pod(state, "production", "web"), "RoutesConfigDump")
                        .toString())
                .doesNotContain("to-v2");
        assertThat(section(state, pod(state, "production", "ratings-v1"), "RoutesConfigDump")
                        .toString())
                .contains("to-v2");
        for (Json proxy : json(state, pod(state, "istio-system", "istiod"), 15014, "/debug/syncz")
                .items()) {
            boolean stale = !proxy.at("route_acked").equals(proxy.at("route_sent"));
            assertThat(stale)
                    .as(proxy.at("proxy").text(""))
                    .isEqualTo(proxy.at("proxy").text("").startsWith("web-"));
        }
    }

    @Test
    void should_show_a_rejected_push() {
        ClusterState state = build(Scenario.PROXY_NACK);

        Json nack = json(state, pod(state, "istio-system", "istiod"), 15014, "/debug/syncz").items().stream()
                .filter(proxy -> proxy.at("proxy").text("").startsWith("web-"))
                .findFirst()
                .orElseThrow();
        Json listeners = nack.at("resources", "type.googleapis.com/envoy.config.listener.v3.Listener");
        assertThat(listeners.at("lastError").text("")).startsWith("Error adding/updating listener(s) ");
        assertThat(listeners.at("acked")).isNotEqualTo(listeners.at("sent"));
        assertThat(nack.at("cluster_acked")).isEqualTo(nack.at("cluster_sent"));
        assertThat(section(state, pod(state, "production", "web"), "ListenersConfigDump")
                        .toString())
                .contains("\"error_state\"", "example.filter");
        assertThat(clientLog(Scenario.PROXY_NACK)).contains("Listener rejected: Error adding/updating listener(s)");
    }

    private static String clientLog(Scenario scenario) {
        ClusterState state = build(scenario);
        return log(state, pod(state, "production", "web"));
    }
}
