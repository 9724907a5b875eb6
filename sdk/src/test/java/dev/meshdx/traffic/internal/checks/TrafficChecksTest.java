package dev.meshdx.traffic.internal.checks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.check.Check;
import dev.meshdx.envoy.Endpoints;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Severity;
import dev.meshdx.traffic.Dumps;
import dev.meshdx.traffic.internal.checks.TrafficModel.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrafficChecksTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final String V1 = "outbound|9080|v1|reviews.production.svc.cluster.local";
    private static final String V9 = "outbound|9080|v9|reviews.production.svc.cluster.local";
    private static final String ALL = "{\"prefix\": \"/\"}";
    private static final String HEALTHY = """
            {"name": "%s", "host_statuses": [{"address": {"socket_address": {"address": "10.0.0.1", "port_value": 9080}},
              "health_status": {"eds_health_status": "HEALTHY"}}]}""".formatted(V1);

    private static List<Finding> run(Check<TrafficModel> check, Proxy... proxies) {
        List<Finding> findings = new ArrayList<>();
        check.run(new TrafficModel(List.of(proxies), NOW), findings::add);
        return findings;
    }

    private static Endpoints healthy() {
        return Dumps.endpoints(HEALTHY);
    }

    @Test
    void should_find_the_route_that_a_failed_request_nearly_matched() {
        var dump = Dumps.sidecar(List.of(Dumps.route("users", "{\"prefix\": \"/Users\"}", V1)), List.of(V1));

        List<Finding> findings = run(
                new RequestNearlyMatchedCheck(),
                Dumps.proxy(
                        dump,
                        healthy(),
                        Dumps.failed("/users", 404, "NR", ""),
                        Dumps.failed("/users?again", 404, "NR", "")));

        assertThat(findings).singleElement().satisfies(finding -> {
            assertThat(finding.code()).isEqualTo("MDX0301");
            assertThat(finding.subject()).hasToString("VirtualService production/reviews");
            assertThat(finding.message()).contains("(2 times)").contains("upper and lower case");
            assertThat(finding.remedy()).contains("ignoreUriCase");
            assertThat(finding.evidence().get(0).value()).isEqualTo("the line");
        });
    }

    @Test
    void should_not_take_a_word_of_the_path_for_the_reason() {
        var dump = Dumps.sidecar(List.of(Dumps.route("case", "{\"path\": \"/showcase\"}", V1)), List.of(V1));

        assertThat(run(
                        new RequestNearlyMatchedCheck(),
                        Dumps.proxy(dump, healthy(), Dumps.failed("/showcase/", 404, "NR", ""))))
                .singleElement()
                .satisfies(finding -> assertThat(finding.remedy()).startsWith("Ask for the path as the route has it"));
    }

    @Test
    void should_make_one_finding_of_one_slip_in_many_paths_and_proxies() {
        var dump = Dumps.sidecar(List.of(Dumps.route("users", "{\"prefix\": \"/Users\"}", V1)), List.of(V1));
        Proxy one = Dumps.proxy(
                dump,
                healthy(),
                Dumps.failed("/users/1", 404, "NR", ""),
                Dumps.failed("/users/2", 404, "NR", ""),
                Dumps.failed("/users/2", 404, "NR", ""));
        Proxy other = new Proxy(
                dev.meshdx.model.ResourceRef.of("Pod", "production", "other"), dump, one.endpoints(), one.failed());

        assertThat(run(new RequestNearlyMatchedCheck(), one, other))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.message()).contains("in 2 proxies", "6 times, with 2 different paths");
                    assertThat(finding.evidence())
                            .anySatisfy(evidence -> assertThat(evidence.value()).contains("production/other"));
                });
    }

    @Test
    void should_not_explain_requests_that_are_like_no_route() {
        var dump = Dumps.sidecar(List.of(Dumps.route("users", "{\"prefix\": \"/Users\"}", V1)), List.of(V1));

        assertThat(run(
                        new RequestNearlyMatchedCheck(),
                        Dumps.proxy(
                                dump,
                                healthy(),
                                Dumps.failed("/.git/config", 404, "NR", ""),
                                Dumps.failed("/Users", 503, "UC", ""))))
                .isEmpty();
    }

    @Test
    void should_find_a_route_to_a_cluster_that_is_not_there() {
        var dump = Dumps.sidecar(List.of(Dumps.route("all", ALL, V9)), List.of(V1));

        List<Finding> findings =
                run(new ClusterMissingCheck(), Dumps.proxy(dump, healthy(), Dumps.failed("/", 503, "NC", "")));

        assertThat(findings).singleElement().satisfies(finding -> {
            assertThat(finding.code()).isEqualTo("MDX0302");
            assertThat(finding.subject()).hasToString("VirtualService production/reviews");
            assertThat(finding.message()).contains("subset v9 of reviews.production.svc.cluster.local port 9080");
            assertThat(finding.remedy()).contains("v1");
            assertThat(finding.evidence())
                    .anySatisfy(evidence -> assertThat(evidence.value()).isEqualTo("the line"));
        });
        assertThat(run(
                        new ClusterMissingCheck(),
                        Dumps.proxy(Dumps.sidecar(List.of(Dumps.route("all", ALL, V1)), List.of(V1)), healthy())))
                .isEmpty();
    }

    @Test
    void should_not_miss_clusters_that_could_not_be_read() {
        var dump = Dumps.parse("""
                {"configs": [{"dynamic_route_configs": [{"route_config": {"name": "9080", "virtual_hosts": [{"name": "a",
                 "domains": ["a"], "routes": [%s]}]}}]}]}""".formatted(Dumps.route("all", ALL, V9)));

        assertThat(run(new ClusterMissingCheck(), Dumps.proxy(dump, healthy()))).isEmpty();
    }

    @Test
    void should_find_a_service_without_endpoints() {
        var dump = Dumps.sidecar(List.of(Dumps.route("all", ALL, V1)), List.of(V1));
        Endpoints none = Dumps.endpoints("{\"name\": \"" + V1 + "\"}");

        assertThat(run(new NoHealthyEndpointsCheck(), Dumps.proxy(dump, none)))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.code()).isEqualTo("MDX0303");
                    assertThat(finding.severity()).isEqualTo(Severity.WARNING);
                    assertThat(finding.subject()).hasToString("Service production/reviews");
                    assertThat(finding.message()).contains("has no endpoint");
                });
        assertThat(run(new NoHealthyEndpointsCheck(), Dumps.proxy(dump, none, Dumps.failed("/", 503, "UH", V1))))
                .singleElement()
                .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Severity.ERROR));
        assertThat(run(new NoHealthyEndpointsCheck(), Dumps.proxy(dump, healthy())))
                .isEmpty();
    }

    @Test
    void should_say_why_endpoints_get_no_requests() {
        var dump = Dumps.sidecar(List.of(Dumps.route("all", ALL, V1)), List.of(V1));
        Endpoints ejected = Dumps.endpoints(HEALTHY.replace("HEALTHY\"", "HEALTHY\", \"failed_outlier_check\": true"));

        assertThat(run(new NoHealthyEndpointsCheck(), Dumps.proxy(dump, ejected)))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.evidence())
                            .anySatisfy(evidence -> assertThat(evidence.value()).isEqualTo("failed_outlier_check"));
                    assertThat(finding.remedy()).contains("Outlier detection");
                });
    }

    @Test
    void should_find_what_a_proxy_refused() {
        var dump = Dumps.parse("""
                {"configs": [{"dynamic_listeners": [
                  {"name": "a", "active_state": {"listener": {"name": "a"}}, "error_state": {"details": "bad filter"}},
                  {"name": "b", "active_state": {"listener": {"name": "b"}}, "error_state": {"details": "bad filter"}},
                  {"name": "c", "active_state": {"listener": {"name": "c"}}}]}]}""");

        assertThat(run(new ResourceRejectedCheck(), Dumps.proxy(dump, healthy())))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.code()).isEqualTo("MDX0304");
                    assertThat(finding.subject()).isEqualTo(Dumps.POD);
                    assertThat(finding.message()).contains("listeners a, b").contains("bad filter");
                });
        assertThat(run(
                        new ResourceRejectedCheck(),
                        Dumps.proxy(Dumps.sidecar(List.of(Dumps.route("all", ALL, V1)), List.of(V1)), healthy())))
                .isEmpty();
    }

    @Test
    void should_find_a_credential_that_never_came() {
        String waiting = """
                {"configs": [{"dynamic_warming_secrets": [{"name": "kubernetes://web-cert",
                  "last_updated": "%s", "secret": {"name": "kubernetes://web-cert"}}]},
                 {"dynamic_listeners": [{"name": "0.0.0.0_8443", "warming_state": {"last_updated": "%<s", "listener": {
                  "name": "0.0.0.0_8443", "filter_chains": [{"transport_socket": {"name": "envoy.transport_sockets.tls",
                  "typed_config": {"common_tls_context": {"tls_certificate_sds_secret_configs":
                  [{"name": "kubernetes://web-cert"}]}}}}]}}}]}]}""";

        assertThat(run(
                        new ResourceWarmingCheck(),
                        Dumps.proxy(Dumps.parse(waiting.formatted("2026-01-02T03:00:00Z")), healthy())))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.code()).isEqualTo("MDX0305");
                    assertThat(finding.severity()).isEqualTo(Severity.ERROR);
                    assertThat(finding.subject()).hasToString("Secret production/web-cert");
                    assertThat(finding.message()).contains("0.0.0.0_8443");
                });
        assertThat(run(
                        new ResourceWarmingCheck(),
                        Dumps.proxy(Dumps.parse(waiting.formatted("2026-01-02T03:04:04Z")), healthy())))
                .isEmpty();
    }

    @Test
    void should_find_a_cluster_that_waits() {
        var dump = Dumps.parse("""
                {"configs": [{"dynamic_warming_clusters": [{"last_updated": "2026-01-02T03:00:00Z",
                  "cluster": {"name": "outbound|80||slow.production.svc.cluster.local"}}]}]}""");

        assertThat(run(new ResourceWarmingCheck(), Dumps.proxy(dump, healthy())))
                .singleElement()
                .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Severity.WARNING));
    }

    @Test
    void should_say_how_long_and_for_what_a_cluster_waits() {
        var dump = Dumps.parse("""
                {"configs": [{"dynamic_warming_clusters": [{"last_updated": "2026-01-02T02:00:00Z",
                  "cluster": {"name": "outbound|80||slow.production.svc.cluster.local", "type": "EDS",
                   "transport_socket_matches": [{"transport_socket": {"name": "envoy.transport_sockets.tls", "typed_config": {"common_tls_context":
                    {"tls_certificate_sds_secret_configs": [{"name": "default"}]}}}}]}}]}]}""");

        assertThat(run(new ResourceWarmingCheck(), Dumps.proxy(dump, healthy())))
                .singleElement()
                .satisfies(finding -> assertThat(finding.message())
                        .contains(
                                "for 1 h",
                                "secret default (SDS)",
                                "the endpoints of outbound|80||slow.production.svc.cluster.local (EDS)"));
    }

    @Test
    void should_say_which_routes_a_listener_waits_for() {
        var dump = Dumps.parse("""
                {"configs": [{"dynamic_listeners": [{"name": "new", "warming_state": {"last_updated": "2026-01-02T03:00:00Z",
                  "listener": {"name": "new", "filter_chains": [{"filters": [
                   {"name": "envoy.filters.network.http_connection_manager", "typed_config": {"rds": {"route_config_name": "8081"},
                    "http_filters": [{"name": "plugin", "config_discovery": {}}]}}]}]}}}]}]}""");

        assertThat(run(new ResourceWarmingCheck(), Dumps.proxy(dump, healthy())))
                .singleElement()
                .satisfies(finding -> assertThat(finding.message())
                        .contains("for 4 min", "route configuration 8081 (RDS)", "extension plugin (ECDS)"));
    }

    @Test
    void should_give_the_version_that_was_refused() {
        var dump = Dumps.parse("""
                {"configs": [{"@type": "x.RoutesConfigDump", "dynamic_route_configs": [
                  {"version_info": "1", "route_config": {"name": "9080"},
                   "error_state": {"details": "bad regex", "version_info": "2"}}]},
                 {"ecds_filters": [{"error_state": {"details": "no such module",
                   "failed_configuration": {"name": "plugin"}}}]},
                 {"dynamic_listeners": [{"name": "new", "error_state": {"details": "bad filter"}}]}]}""");

        assertThat(run(new ResourceRejectedCheck(), Dumps.proxy(dump, healthy())))
                .hasSize(3)
                .anySatisfy(finding -> {
                    assertThat(finding.message()).contains("route configuration 9080", "goes on with what it had");
                    assertThat(finding.evidence()).anySatisfy(evidence -> {
                        assertThat(evidence.what()).isEqualTo("error_state.version_info");
                        assertThat(evidence.value()).isEqualTo("2");
                    });
                })
                .anySatisfy(finding -> assertThat(finding.remedy()).contains("wasmplugin"))
                .anySatisfy(finding -> assertThat(finding.message()).contains("listener new and has no older version"));
    }

    private static final String LISTENER = """
            {"configs": [{"@type": "x.ListenersConfigDump", "dynamic_listeners": [{"name": "0.0.0.0_8080", "%s":
              {"listener": {"name": "0.0.0.0_8080", "filter_chains": [{"filters": [
               {"name": "envoy.filters.network.http_connection_manager", "typed_config": {"rds": {"route_config_name": "http.8080"}}}]}]}}}]},
             {"@type": "x.RoutesConfigDump", "dynamic_route_configs": [%s]}]}""";

    @Test
    void should_find_a_listener_whose_routes_never_came() {
        assertThat(run(
                        new RouteConfigurationMissingCheck(),
                        Dumps.proxy(Dumps.parse(LISTENER.formatted("active_state", "")), healthy())))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.code()).isEqualTo("MDX0308");
                    assertThat(finding.severity()).isEqualTo(Severity.ERROR);
                    assertThat(finding.subject()).isEqualTo(Dumps.POD);
                    assertThat(finding.message()).contains("0.0.0.0_8080", "http.8080", "404 NR");
                });
        assertThat(run(
                        new RouteConfigurationMissingCheck(),
                        Dumps.proxy(
                                Dumps.parse(LISTENER.formatted(
                                        "active_state", "{\"route_config\": {\"name\": \"http.8080\"}}")),
                                healthy())))
                .singleElement()
                .satisfies(finding -> assertThat(finding.message()).contains("no virtual host at all"));
    }

    @Test
    void should_not_miss_routes_where_nothing_is_bound_or_that_still_come() {
        String blackhole =
                "{\"route_config\": {\"name\": \"http.8080\", \"virtual_hosts\": [{\"name\": \"blackhole:80\"}]}}";

        assertThat(run(
                        new RouteConfigurationMissingCheck(),
                        Dumps.proxy(Dumps.parse(LISTENER.formatted("active_state", blackhole)), healthy()),
                        Dumps.proxy(Dumps.parse(LISTENER.formatted("warming_state", "")), healthy()),
                        Dumps.proxy(
                                Dumps.parse(LISTENER.formatted("active_state", "")
                                        .replace("x.Routes", "x.Other")
                                        .replace("dynamic_route_configs", "other")),
                                healthy())))
                .isEmpty();
    }

    private static Endpoints hosts(int good, int ejected) {
        List<String> hosts = new ArrayList<>();
        for (int i = 0; i < good + ejected; i++) {
            hosts.add("""
                    {"address": {"socket_address": {"address": "10.0.0.%d", "port_value": 9080}},
                     "stats": [{"name": "rq_error", "value": "7"}],
                     "health_status": {"eds_health_status": "HEALTHY"%s}}""".formatted(i, i < ejected ? ", \"failed_outlier_check\": true" : ""));
        }
        return Dumps.endpoints("{\"name\": \"" + V1 + "\", \"host_statuses\": [" + String.join(",", hosts) + "]}");
    }

    @Test
    void should_find_a_cluster_that_lost_half_of_its_hosts() {
        var dump = Dumps.sidecar(List.of(Dumps.route("all", ALL, V1)), List.of(V1));

        assertThat(run(new EndpointsEjectedCheck(), Dumps.proxy(dump, hosts(2, 2))))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.code()).isEqualTo("MDX0309");
                    assertThat(finding.severity()).isEqualTo(Severity.WARNING);
                    assertThat(finding.subject()).hasToString("Service production/reviews");
                    assertThat(finding.message()).contains("2 of 4 endpoints are ejected", "whole load");
                    assertThat(finding.evidence().get(0).value()).isEqualTo("failed_outlier_check, rq_error 7");
                });
        assertThat(run(new EndpointsEjectedCheck(), Dumps.proxy(dump, hosts(1, 3))))
                .singleElement()
                .satisfies(finding -> assertThat(finding.message()).contains("panic mode"));
        assertThat(run(
                        new EndpointsEjectedCheck(),
                        Dumps.proxy(
                                Dumps.sidecar(
                                        List.of(Dumps.route("all", ALL, V1)),
                                        List.of(
                                                V1
                                                        + "\", \"common_lb_config\": {\"healthy_panic_threshold\": {}}, \"x\": \"")),
                                hosts(1, 3))))
                .singleElement()
                .satisfies(finding -> assertThat(finding.message()).contains("whole load"));
    }

    @Test
    void should_leave_few_ejections_alone_and_all_of_them_to_another_finding() {
        var dump = Dumps.sidecar(List.of(Dumps.route("all", ALL, V1)), List.of(V1));

        assertThat(run(
                        new EndpointsEjectedCheck(),
                        Dumps.proxy(dump, hosts(3, 1)),
                        Dumps.proxy(dump, hosts(0, 3)),
                        Dumps.proxy(dump, healthy())))
                .isEmpty();
        assertThat(run(new NoHealthyEndpointsCheck(), Dumps.proxy(dump, hosts(0, 3))))
                .singleElement()
                .satisfies(finding -> assertThat(finding.message()).contains("panic mode"));
        assertThat(run(new NoHealthyEndpointsCheck(), Dumps.proxy(dump, hosts(1, 3))))
                .isEmpty();
    }

    private static final String SECRETS = """
            {"configs": [{"dynamic_listeners": [{"name": "0.0.0.0_8443", "active_state": {"listener": {
              "name": "0.0.0.0_8443", "filter_chains": [{"transport_socket": {"name": "envoy.transport_sockets.tls",
               "typed_config": {"common_tls_context": {"tls_certificate_sds_secret_configs": [{"name": "kubernetes://web"}]}}}}]}}}]},
             {"dynamic_active_clusters": [{"cluster": {"name": "a", "transport_socket": {"typed_config": {"transport_socket":
               {"name": "envoy.transport_sockets.tls", "typed_config": {"common_tls_context": {"combined_validation_context":
                {"validation_context_sds_secret_config": {"name": "ROOTCA"}}}}}}}}}]},
             {"@type": "x.SecretsConfigDump", %s}]}""";

    @Test
    void should_find_secrets_that_nobody_asks_for_any_more() {
        assertThat(run(
                        new SecretMissingCheck(),
                        Dumps.proxy(Dumps.parse(SECRETS.formatted("\"static_secrets\": []")), healthy())))
                .hasSize(2)
                .anySatisfy(finding -> {
                    assertThat(finding.code()).isEqualTo("MDX0310");
                    assertThat(finding.subject()).hasToString("Secret production/web");
                    assertThat(finding.message()).contains("listener 0.0.0.0_8443");
                })
                .anySatisfy(finding -> assertThat(finding.message()).contains("ROOTCA", "cluster a"));
        assertThat(run(
                        new SecretMissingCheck(),
                        Dumps.proxy(
                                Dumps.parse(SECRETS.formatted(
                                        "\"dynamic_active_secrets\": [{\"name\": \"ROOTCA\"}], \"dynamic_warming_secrets\":"
                                                + " [{\"name\": \"kubernetes://web\"}]")),
                                healthy()),
                        Dumps.proxy(
                                Dumps.parse(SECRETS.formatted("\"other\": []").replace("x.Secrets", "x.Other")),
                                healthy())))
                .isEmpty();
    }

    @Test
    void should_have_one_check_for_each_code() {
        assertThat(TrafficChecks.all().stream().flatMap(check -> check.codes().stream()))
                .extracting(code -> code.code())
                .containsExactly(
                        "MDX0301", "MDX0302", "MDX0303", "MDX0304", "MDX0305", "MDX0306", "MDX0308", "MDX0309",
                        "MDX0310");
    }

    private static final String GATEWAY = """
            {"configs": [{"bootstrap": {"node": {"id": "router~10.0.0.9~gw.edge~edge.svc.cluster.local"}}},
             {"static_listeners": [{"listener": {"name": "ready", "address":
               {"socket_address": {"address": "0.0.0.0", "port_value": 15021}}}}],
              "dynamic_listeners": [
              {"name": "0.0.0.0_8080", "active_state": {"last_updated": "%s", "listener": {"name": "0.0.0.0_8080",
               "address": {"socket_address": {"address": "0.0.0.0", "port_value": 8080}}}}}]}]}""";

    private static Proxy bound(String dump, String... names) {
        StringBuilder statuses = new StringBuilder();
        for (String name : names) {
            int port = Integer.parseInt(name.substring(name.indexOf('_') + 1));
            statuses.append(statuses.isEmpty() ? "" : ",")
                    .append("{\"name\": \"" + name + "\", \"local_address\": {\"socket_address\": {\"port_value\": "
                            + port + "}}}");
        }
        return new Proxy(
                Dumps.POD,
                Dumps.parse(dump),
                healthy(),
                List.of(),
                Dumps.listeners("{\"listener_statuses\": [" + statuses + "]}"));
    }

    @Test
    void should_find_a_listener_without_a_socket() {
        String old = GATEWAY.formatted("2026-01-02T03:00:00Z").replace("\"ready\"", "\"0.0.0.0_15021\"");

        assertThat(run(new ListenerNotBoundCheck(), bound(old, "0.0.0.0_15021")))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.code()).isEqualTo("MDX0306");
                    assertThat(finding.severity()).isEqualTo(Severity.ERROR);
                    assertThat(finding.subject()).isEqualTo(Dumps.POD);
                    assertThat(finding.message()).contains("0.0.0.0_8080 (port 8080)");
                    assertThat(finding.remedy()).contains("netstat");
                });
        assertThat(run(new ListenerNotBoundCheck(), bound(old, "0.0.0.0_15021", "0.0.0.0_8080")))
                .isEmpty();
        // Not asked, not answered, or just arrived.
        assertThat(run(new ListenerNotBoundCheck(), Dumps.proxy(Dumps.parse(old), healthy())))
                .isEmpty();
        assertThat(run(new ListenerNotBoundCheck(), bound(old.replace("03:00:00", "03:04:02"), "0.0.0.0_15021")))
                .isEmpty();
    }

    @Test
    void should_find_a_listener_whose_port_is_taken() {
        String refused = """
                {"configs": [{"dynamic_listeners": [
                  {"name": "0.0.0.0_8080", "error_state": {"details": "%s", "failed_configuration": {"name": "0.0.0.0_8080",
                   "address": {"socket_address": {"address": "0.0.0.0", "port_value": 8080}}}}},
                  {"error_state": {"details": "%<s", "failed_configuration": {"name": "0.0.0.0_8080",
                   "address": {"socket_address": {"address": "0.0.0.0", "port_value": 8080}}}}}]}]}""";
        var taken = Dumps.parse(refused.formatted("cannot bind '0.0.0.0:8080': Address already in use"));
        var privileged = Dumps.parse(refused.formatted("cannot bind '0.0.0.0:8080': Permission denied"));

        assertThat(run(new ListenerNotBoundCheck(), Dumps.proxy(taken, healthy())))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.message()).contains("Address already in use");
                    assertThat(finding.remedy()).contains("another port");
                });
        assertThat(run(new ListenerNotBoundCheck(), Dumps.proxy(privileged, healthy())))
                .singleElement()
                .satisfies(finding -> assertThat(finding.remedy()).contains("targetPort"));
        // Told once.
        assertThat(run(new ResourceRejectedCheck(), Dumps.proxy(taken, healthy())))
                .isEmpty();
        assertThat(run(
                        new ListenerNotBoundCheck(),
                        Dumps.proxy(Dumps.parse(refused.formatted("no such filter")), healthy())))
                .isEmpty();
    }

    @Test
    void should_ask_only_proxies_that_bind_ports_of_their_own() {
        String gateway = GATEWAY.formatted("2026-01-02T03:00:00Z");

        assertThat(ListenerNotBoundCheck.mayLackSocket(Dumps.parse(gateway))).isTrue();
        String tunnel = gateway.replace("8080", "15008");
        assertThat(ListenerNotBoundCheck.mayLackSocket(Dumps.parse(tunnel.replace("router", "waypoint"))))
                .isTrue();
        assertThat(ListenerNotBoundCheck.mayLackSocket(Dumps.parse(tunnel.replace("router", "sidecar"))))
                .isFalse();
        assertThat(ListenerNotBoundCheck.mayLackSocket(
                        Dumps.sidecar(List.of(Dumps.route("all", ALL, V1)), List.of(V1))))
                .isFalse();
    }
}
