package dev.meshdx.envoy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.model.Json;
import dev.meshdx.source.Session;
import dev.meshdx.testing.Shared;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointTest {
    @Test
    void should_type_what_clusters_says_of_a_host() {
        Endpoint host = Endpoint.ofStatus("a", Json.parse("""
                {"address": {"socket_address": {"address": "10.0.0.1", "port_value": 80}},
                 "stats": [{"name": "cx_connect_fail", "value": "4"}, {"name": "cx_total", "value": "9"},
                   {"name": "rq_error", "value": "3"}, {"name": "rq_success", "value": "5"}, {"name": "rq_timeout"},
                   {"name": "rq_total", "value": "8"}, {"type": "GAUGE", "name": "cx_active", "value": "2"},
                   {"type": "GAUGE", "name": "rq_active", "value": "1"}],
                 "health_status": {"eds_health_status": "HEALTHY", "failed_outlier_check": true,
                   "pending_dynamic_removal": true, "failed_active_degraded_check": true},
                 "success_rate": {"value": 97.5}, "weight": 7, "priority": 1,
                 "locality": {"region": "north", "zone": "north-1", "sub_zone": "rack-1"}}"""));

        assertThat(host.healthFlags())
                .containsExactly(
                        HealthFlag.FAILED_OUTLIER_CHECK,
                        HealthFlag.PENDING_DYNAMIC_REMOVAL,
                        HealthFlag.FAILED_ACTIVE_DEGRADED_CHECK);
        assertThat(host.failures()).containsExactly("failed_outlier_check", "pending_dynamic_removal");
        assertThat(host.isEjected()).isTrue();
        assertThat(host.isUsable()).isFalse();
        assertThat(host.isDegraded()).isFalse();
        assertThat(host.localityParts()).isEqualTo(new Locality("north", "north-1", "rack-1"));
        assertThat(host.locality()).isEqualTo("north/north-1/rack-1");
        assertThat(host.priority()).isEqualTo(1);
        assertThat(host.weight()).isEqualTo(7);
        assertThat(host.localityWeight()).isEmpty();
        assertThat(host.successRate()).hasValue(97.5);
        assertThat(List.of(host.activeConnections(), host.failedConnections(), host.totalConnections()))
                .containsExactly(2L, 4L, 9L);
        assertThat(List.of(
                        host.activeRequests(),
                        host.failedRequests(),
                        host.successfulRequests(),
                        host.timedOutRequests(),
                        host.totalRequests()))
                .containsExactly(1L, 3L, 5L, 0L, 8L);
        assertThat(host.workload()).isEmpty();
        assertThat(host.tlsMode()).isEmpty();
    }

    private static Endpoint assigned(String group, String endpoint) {
        return Endpoint.ofAssignment("a", Json.parse(endpoint), Json.parse(group));
    }

    @Test
    void should_type_what_an_assignment_says_of_a_host() {
        Endpoint host =
                assigned("{\"locality\": {\"region\": \"north\"}, \"load_balancing_weight\": 3, \"priority\": 2}", """
                {"metadata": {"filter_metadata": {"istio": {"workload": "reviews-v1;production;reviews;v1;east"},
                 "envoy.transport_socket_match": {"tlsMode": "istio"}}}, "health_status": "DEGRADED"}""");
        assertThat(host.workload()).contains(new EndpointWorkload("reviews-v1", "production", "reviews", "v1", "east"));
        assertThat(host.workload().orElseThrow()).hasToString("production/reviews-v1");
        assertThat(host.tlsMode()).contains("istio");
        assertThat(host.isDegraded()).isTrue();
        assertThat(host.isUsable()).isTrue();
        assertThat(host.isTunnelled()).isFalse();
        assertThat(host.isNetworkGateway()).isFalse();
        assertThat(host.localityWeight()).hasValue(3);
        assertThat(host.priority()).isEqualTo(2);

        Endpoint gateway =
                assigned("{}", "{\"metadata\": {\"filter_metadata\": {\"istio\": {\"workload\": \";;;;west\"}}}}");
        assertThat(gateway.isNetworkGateway()).isTrue();
        assertThat(gateway.workload().orElseThrow()).hasToString("somewhere in cluster west");

        Endpoint tunnelled = assigned("{}", """
                {"endpoint": {"address": {"envoy_internal_address": {"server_listener_name": "connect_originate",
                   "endpoint_id": "10.0.0.9:80"}}},
                 "metadata": {"filter_metadata": {"envoy.filters.listener.original_dst": {"local": "10.0.0.9:80",
                   "waypoint": "10.0.0.7:15008"}, "envoy.transport_socket_match": {"tunnel": "http"}}}}""");
        assertThat(tunnelled.isTunnelled()).isTrue();
        assertThat(tunnelled.tunnelTarget()).contains("10.0.0.9:80");
        assertThat(tunnelled.waypoint()).contains("10.0.0.7:15008");
        assertThat(new EndpointWorkload("a", "", "", "", "").isRemote()).isFalse();
        assertThat(EndpointWorkload.parse("a;b")).isEqualTo(new EndpointWorkload("a", "b", "", "", ""));
    }

    private static List<Endpoint> hosts(int priority, int healthy, int sick) {
        List<Endpoint> hosts = new ArrayList<>();
        for (int i = 0; i < healthy + sick; i++) {
            String status = i < healthy ? "HEALTHY" : "UNHEALTHY";
            hosts.add(assigned("{\"priority\": " + priority + "}", "{\"health_status\": \"" + status + "\"}"));
        }
        return hosts;
    }

    private static EndpointAvailability availability(double threshold, List<List<Endpoint>> levels) {
        String cluster = "{\"name\": \"a\", \"common_lb_config\": {\"healthy_panic_threshold\": {\"value\": "
                + threshold + "}}}";
        return EndpointAvailability.of(
                new Cluster(new Entry("", Json.parse(cluster), ResourceState.ACTIVE, Json.MISSING)),
                levels.stream().flatMap(List::stream).toList());
    }

    /** Shares from the tables in Envoy's documentation, "Priority levels" and "Panic threshold". */
    @Test
    void should_distribute_over_priorities_as_envoy_documents() {
        int[][] documented = {{100, 100, 0}, {72, 100, 0}, {71, 99, 1}, {50, 70, 30}, {25, 35, 65}, {0, 0, 100}};
        for (int[] row : documented) {
            EndpointAvailability availability =
                    availability(0, List.of(hosts(0, row[0], 100 - row[0]), hosts(1, 100, 0)));
            assertThat(List.of(availability.share(0), availability.share(1)))
                    .as("%d %% healthy", row[0])
                    .containsExactly(row[1], row[2]);
            assertThat(availability.isInPanic()).isFalse();
            assertThat(availability.isFailedOver()).isEqualTo(row[2] > 0);
        }
        // 25 % healthy in both: 35 % and 35 % available, 70 % together, so half and half.
        EndpointAvailability both = availability(0, List.of(hosts(0, 25, 75), hosts(1, 25, 75)));
        assertThat(List.of(both.share(0), both.share(1))).containsExactly(50, 50);
    }

    @Test
    void should_tell_when_a_priority_is_in_panic() {
        // The other priority makes up for it: no panic however few are left.
        EndpointAvailability spared = availability(50, List.of(hosts(0, 1, 9), hosts(1, 10, 0)));
        assertThat(spared.isInPanic()).isFalse();
        assertThat(spared.share(1)).isEqualTo(86);

        EndpointAvailability one = availability(50, List.of(hosts(0, 4, 6)));
        assertThat(one.isInPanic()).isTrue();
        assertThat(one.isInPanic(0)).isTrue();
        assertThat(one.share(0)).isEqualTo(100);
        assertThat(one.usable()).isEqualTo(4);
        assertThat(one.toString())
                .contains("a: 4 of 10 usable, panic threshold 50 %")
                .contains("100 % PANIC");

        // All in panic: by the number of hosts.
        EndpointAvailability all = availability(50, List.of(hosts(0, 0, 3), hosts(1, 0, 1)));
        assertThat(List.of(all.share(0), all.share(1))).containsExactly(75, 25);

        // Panic is off, as Istio has it: requests fail.
        EndpointAvailability none = availability(0, List.of(hosts(0, 0, 3), hosts(1, 0, 1)));
        assertThat(none.isInPanic()).isFalse();
        assertThat(List.of(none.share(0), none.share(1))).containsExactly(100, 0);
        assertThat(none.isFailedOver()).isFalse();
        assertThat(availability(50, List.of(hosts(0, 72, 28))).isInPanic()).isFalse();
    }

    /** H healthy, D degraded, U unhealthy: where 2,000 requests went through an Envoy 1.40. */
    @ParameterizedTest
    @CsvSource({
        "50, HUUU HH, 35 65, false",
        "50, HUUU U, 80 20, true",
        "0, HUUU U, 100 0, false",
        "50, HHUU U, 100 0, false",
        "50, HDUU H, 35 65, false",
        "50, UUU U, 75 25, true",
        "50, DUUU D, 35 65, false",
        "0, HUUU HUUU, 50 50, false",
    })
    void should_distribute_as_an_envoy_was_seen_to_do(double threshold, String levels, String shares, boolean panic) {
        Map<Character, String> names = Map.of('H', "HEALTHY", 'D', "DEGRADED", 'U', "UNHEALTHY");
        List<List<Endpoint>> all = new ArrayList<>();
        for (String level : levels.split(" ", -1)) {
            int priority = all.size();
            all.add(level.chars()
                    .mapToObj(health -> assigned(
                            "{\"priority\": " + priority + "}",
                            "{\"health_status\": \"" + names.get((char) health) + "\"}"))
                    .toList());
        }

        EndpointAvailability availability = availability(threshold, all);

        assertThat(availability.share(0) + " " + availability.share(1)).isEqualTo(shares);
        assertThat(availability.isInPanic()).isEqualTo(panic);
    }

    @Test
    void should_group_by_priority_and_locality() {
        List<Endpoint> endpoints = new ArrayList<>(hosts(1, 1, 0));
        endpoints.add(assigned("{\"locality\": {\"region\": \"n\"}, \"load_balancing_weight\": 2}", "{}"));
        endpoints.add(assigned("{\"locality\": {\"region\": \"n\"}, \"load_balancing_weight\": 2}", "{}"));
        endpoints.add(assigned("{\"locality\": {\"region\": \"s\"}}", "{\"health_status\": \"DRAINING\"}"));

        EndpointAvailability availability = EndpointAvailability.of(endpoints);

        assertThat(availability.groups())
                .hasToString("[priority 0 n: 2 of 2 usable, priority 0 s: 0 of 1 usable, priority 1: 1 of 1 usable]");
        assertThat(availability.groups().get(0).weight()).hasValue(2);
        assertThat(availability.priorities()).containsExactly(0, 1);
        assertThat(availability.panicThreshold()).isEqualTo(50);
        assertThat(EndpointAvailability.of(List.of()).isInPanic()).isFalse();
        endpoints.add(Endpoint.ofAssignment("b", Json.parse("{}"), Json.MISSING));
        assertThatThrownBy(() -> EndpointAvailability.of(endpoints)).isInstanceOf(IllegalArgumentException.class);
        assertThat(EndpointAvailability.byCluster(List.of(), endpoints))
                .extracting(EndpointAvailability::cluster)
                .containsExactly("a", "b");
    }

    @Test
    void should_not_fail_on_odd_health() {
        for (String odd : List.of("null", "-1", "1e300", "\"x\"", "[]", "{}", "[{}]")) {
            Endpoint host = Endpoint.ofStatus("a", Json.parse("""
                    {"address": ODD, "priority": ODD, "weight": ODD, "locality": ODD, "stats": ODD, "success_rate": ODD,
                     "health_status": {"failed_outlier_check": ODD, "eds_health_status": ODD}, "metadata": ODD}""".replace("ODD", odd)));
            assertThat(EndpointAvailability.of(List.of(host, host)).size()).isEqualTo(2);
            assertThat(host.toString()
                            + host.successRate()
                            + host.activeConnections()
                            + host.isDegraded()
                            + host.tlsMode())
                    .isNotEmpty();
        }
    }

    @Test
    void should_read_the_endpoints_of_recorded_proxies() throws IOException {
        ConfigDump dump;
        try (InputStream in = Files.newInputStream(
                Shared.folder("conformance/proxy-config/input").resolve("shop-orders.json"))) {
            dump = ConfigDump.parse(in);
        }
        List<EndpointAvailability> all = EndpointAvailability.byCluster(dump.clusters(), dump.endpoints());
        EndpointAvailability orders = all.stream()
                .filter(one -> one.cluster().equals("outbound|8080||orders.shop.svc.cluster.local"))
                .findFirst()
                .orElseThrow();
        assertThat(orders.panicThreshold()).isZero();
        assertThat(orders.size()).isEqualTo(orders.usable()).isEqualTo(4);
        assertThat(orders.groups()).extracting(group -> group.locality().zone()).containsExactly("north-1", "north-2");
        assertThat(orders.groups().get(0).weight()).hasValue(2);

        Session session = Shared.recording("multicluster/multicluster-healthy/west");
        Endpoints remote = new EnvoyProxy(() -> session, "sample", "orders-v1-xxnwnjn69q-frjxx")
                .configDump()
                .endpoints()
                .filter(Endpoint::isNetworkGateway);
        assertThat(remote).isNotEmpty().allSatisfy(endpoint -> {
            assertThat(endpoint.workload().orElseThrow().cluster()).isEqualTo("east");
            assertThat(endpoint.tlsMode()).contains("istio");
            assertThat(endpoint.port()).isEqualTo(15443);
            assertThat(endpoint.localityParts().region()).isEqualTo("region-east");
        });
    }
}
