package dev.meshdx.envoy.diff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.testing.Shared;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ConfigDiffTest {
    private static ConfigDump dump(String... configs) {
        try {
            String json = "{'configs':[" + String.join(",", configs) + "]}";
            return ConfigDump.parse(
                    new ByteArrayInputStream(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String section(String kind, String list, String... items) {
        return "{'@type':'type.googleapis.com/envoy.admin.v3." + kind + "ConfigDump','" + list + "':["
                + String.join(",", items) + "]}";
    }

    private static ConfigDump clusters(String... clusters) {
        return dump(section(
                "Clusters",
                "dynamic_active_clusters",
                Stream.of(clusters)
                        .map(cluster ->
                                "{'version_info':'7','last_updated':'2026-01-02T03:04:05Z','cluster':" + cluster + "}")
                        .toArray(String[]::new)));
    }

    private static ConfigDump routes(String virtualHosts) {
        return dump(section(
                "Routes",
                "dynamic_route_configs",
                "{'route_config':{'name':'9080','virtual_hosts':[" + virtualHosts + "]}}"));
    }

    private static ConfigDump file(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            return ConfigDump.parse(in);
        }
    }

    private static List<String> lines(ConfigDiff diff) {
        return diff.resources().stream()
                .flatMap(resource -> resource.changes().isEmpty()
                        ? Stream.of(resource.toString())
                        : resource.changes().stream()
                                .map(change -> resource.section() + " " + resource.name() + " " + change))
                .toList();
    }

    @Test
    void should_tell_what_only_one_side_has_and_which_fields_differ() {
        ConfigDiff diff = ConfigDiff.between(
                clusters("{'name':'a','connect_timeout':'1s'}", "{'name':'b'}"),
                clusters("{'name':'a','connect_timeout':'10s'}", "{'name':'c'}"));

        assertThat(diff.rows())
                .extracting(row -> row.get("section") + " " + row.get("name") + " " + row.get("what") + " "
                        + row.get("path") + " " + row.get("before") + " " + row.get("after"))
                .containsExactly(
                        "clusters a CHANGED connect_timeout 1s 10s",
                        "clusters b ONLY_BEFORE  ACTIVE ",
                        "clusters c ONLY_AFTER   ACTIVE");
        assertThat(diff.section(ConfigDiff.Section.CLUSTERS).get(0).versionAfter())
                .contains("7");
        assertThat(diff.resources().get(0).lastUpdatedBefore()).contains(Instant.parse("2026-01-02T03:04:05Z"));
        assertThat(diff.toString())
                .startsWith("before and after differ in 3 clusters")
                .contains("clusters a: connect_timeout: 1s -> 10s")
                .contains("clusters b: only before");
        assertThat(diff.patch()).contains("@@ clusters a @@\n-connect_timeout: 1s\n+connect_timeout: 10s\n");
        assertThat(diff.compared()).containsExactly(ConfigDiff.Section.CLUSTERS);
    }

    @Test
    void should_not_tell_other_ways_of_writing_the_same() {
        ConfigDiff diff = ConfigDiff.between(
                clusters("{'name':'a','connect_timeout':'1s','ignore':false,'count':'12','list':[],'none':null,'@type':"
                        + "'type.googleapis.com/envoy.config.cluster.v3.Cluster','size':0,'text':''}"),
                clusters("{'name':'a','connectTimeout':'1.000s','count':12,'@type':"
                        + "'example.com/envoy.config.cluster.v3.Cluster','deep':[]}"));

        assertThat(lines(diff)).isEmpty();
        assertThat(diff.isEmpty()).isTrue();
    }

    @Test
    void should_tell_zero_where_it_means_something_else_than_nothing() {
        ConfigDiff diff = ConfigDiff.between(
                clusters("{'name':'a','retry':{'num_retries':0},'timeout':'0s'}"), clusters("{'name':'a','retry':{}}"));

        assertThat(lines(diff))
                .containsExactly("clusters a retry.num_retries: 0 -> (none)", "clusters a timeout: 0s -> (none)");
    }

    @Test
    void should_find_items_of_lists_by_their_key_and_tell_another_order_as_order() {
        ConfigDiff diff = ConfigDiff.between(
                routes("{'name':'x','domains':['x','x.ns']},"
                        + "{'name':'y','routes':[{'name':'one','route':{'cluster':'c1'}},{'name':'two'}]}"),
                routes("{'name':'y','routes':[{'name':'two'},{'name':'one','route':{'cluster':'c2'}},{'name':'new'}]},"
                        + "{'name':'x','domains':['x','x.example.com']}"));

        assertThat(lines(diff))
                .containsExactly(
                        "routes 9080 virtual_hosts[x].domains: x.ns -> x.example.com",
                        "routes 9080 virtual_hosts[y].routes[one].route.cluster: c1 -> c2",
                        "routes 9080 virtual_hosts[y].routes[new]: (none) -> {\"name\":\"new\"}",
                        "routes 9080 virtual_hosts[y].routes (order): one, two -> two, one",
                        "routes 9080 virtual_hosts (order): x, y -> y, x");
    }

    @Test
    void should_tell_routes_of_one_name_apart_by_what_they_match() {
        ConfigDiff diff = ConfigDiff.between(
                routes("{'name':'x','routes':[{'name':'default','match':{'prefix':'/b'},'route':{'timeout':'2s'}},"
                        + "{'name':'default','match':{'prefix':'/'}}]}"),
                routes("{'name':'x','routes':[{'name':'default','match':{'prefix':'/a'}},"
                        + "{'name':'default','match':{'prefix':'/b'},'route':{'timeout':'3s'}},"
                        + "{'name':'default','match':{'prefix':'/'}}]}"));

        assertThat(lines(diff))
                .containsExactly(
                        "routes 9080 virtual_hosts[x].routes[default {prefix:/b}].route.timeout: 2s -> 3s",
                        "routes 9080 virtual_hosts[x].routes[default {prefix:/a}]: (none) -> "
                                + "{\"name\":\"default\",\"match\":{\"prefix\":\"/a\"}}");
    }

    @Test
    void should_tell_states() {
        String active = "'active_state':{'listener':{'name':'l','stat_prefix':'s'}}";
        ConfigDiff diff = ConfigDiff.between(
                dump(section("Listeners", "dynamic_listeners", "{'name':'l'," + active + "}")),
                dump(section(
                        "Listeners",
                        "dynamic_listeners",
                        "{'name':'l'," + active + ",'error_state':{'details':'bad port','failed_configuration':{}}}")));

        assertThat(lines(diff)).containsExactly("listeners l state: ACTIVE -> ACTIVE, REJECTED (bad port)");
        assertThat(diff.resources().get(0).changes().get(0).kind()).isEqualTo(FieldChange.Kind.STATE);
    }

    private static ConfigDump endpoints(String cluster, String... hosts) {
        return dump(section(
                "Endpoints",
                "dynamic_endpoint_configs",
                "{'endpoint_config':{'cluster_name':'" + cluster + "','endpoints':[{'lb_endpoints':["
                        + String.join(",", hosts) + "]}]}}"));
    }

    private static String host(String address, String more) {
        return "{'endpoint':{'address':{'socket_address':{'address':'" + address + "','port_value':80}}}" + more + "}";
    }

    @Test
    void should_compare_endpoints_as_sets_of_addresses() {
        ConfigDiff diff = ConfigDiff.between(
                endpoints("c", host("10.0.0.1", ""), host("10.0.0.2", ""), host("10.0.0.3", "")),
                endpoints(
                        "c",
                        host("10.0.0.4", ",'load_balancing_weight':3"),
                        host("10.0.0.2", ",'health_status':'UNHEALTHY'"),
                        host("10.0.0.1", ",'health_status':'HEALTHY','load_balancing_weight':1")));

        assertThat(lines(diff))
                .containsExactly(
                        "endpoints c 10.0.0.2:80: HEALTHY, weight 1 -> UNHEALTHY, weight 1",
                        "endpoints c 10.0.0.3:80: HEALTHY, weight 1 -> (none)",
                        "endpoints c 10.0.0.4:80: (none) -> HEALTHY, weight 3");
    }

    private static String bootstrap(String ip, String pod, String version) {
        return "{'@type':'type.googleapis.com/envoy.admin.v3.BootstrapConfigDump','bootstrap':{'node':{'id':'sidecar~"
                + ip + "~" + pod + ".ns~ns.svc.cluster.local','cluster':'web.ns','metadata':{'NAME':'" + pod
                + "','INSTANCE_IPS':'" + ip + "','ISTIO_VERSION':'" + version + "'}}}}";
    }

    private static ConfigDump replica(String ip, String pod, String version, String port) {
        return dump(
                bootstrap(ip, pod, version),
                section(
                        "Listeners",
                        "dynamic_listeners",
                        "{'name':'" + ip + "_" + port + "','active_state':{'listener':{'name':'" + ip + "_" + port
                                + "','stat_prefix':'" + pod + "','address':{'socket_address':{'address':'" + ip
                                + "','port_value':" + port + "}}}}}"),
                section(
                        "Endpoints",
                        "dynamic_endpoint_configs",
                        "{'endpoint_config':{'cluster_name':'inbound','endpoints':[{'lb_endpoints':[" + host(ip, "")
                                + "]}]}}",
                        "{'endpoint_config':{'cluster_name':'outbound','endpoints':[{'lb_endpoints':["
                                + host("10.0.0.1", "") + "," + host("10.0.0.12", "") + "]}]}}"));
    }

    @Test
    void should_not_tell_what_is_each_replicas_own() {
        ConfigDump one = replica("10.0.0.1", "web-1", "1.30.0", "8080");

        assertThat(lines(ConfigDiff.alike(one, replica("10.0.0.12", "web-12", "1.30.0", "8080"))))
                .isEmpty();
        assertThat(lines(ConfigDiff.between(one, replica("10.0.0.12", "web-12", "1.30.0", "8080"))))
                .isNotEmpty();
        assertThat(lines(ConfigDiff.alike(one, replica("10.0.0.12", "web-12", "1.31.0", "8080"))))
                .containsExactly("bootstrap bootstrap node.metadata.ISTIO_VERSION: 1.30.0 -> 1.31.0");
        assertThat(ConfigDiff.alike(one, replica("10.0.0.12", "web-12", "1.30.0", "8081"))
                        .resources())
                .extracting(ResourceDiff::toString)
                .containsExactly(
                        "listeners 10.0.0.1_8080: only the first has it (ACTIVE)",
                        "listeners 10.0.0.12_8081: only the second has it (ACTIVE)");
    }

    @Test
    void should_never_show_what_is_secret() {
        ConfigDiff diff = ConfigDiff.between(
                clusters("{'name':'a','tls':{'private_key':{'inline_bytes':'c2VjcmV0LW9uZQ=='}},'headers':[{'header':"
                        + "{'key':'Authorization','value':'Bearer one'}}]}"),
                clusters("{'name':'a','tls':{'private_key':{'inline_bytes':'c2VjcmV0LXR3bw=='}},'headers':[{'header':"
                        + "{'key':'Authorization','value':'Bearer two'}},"
                        + "{'header':{'key':'x-api-key','value':'Bearer three'}}]}"));

        assertThat(lines(diff)).hasSize(3);
        assertThat(diff.rows() + diff.patch() + diff.text() + diff)
                .contains("tls.private_key", "headers[Authorization].header.value", "headers[x-api-key]")
                .doesNotContain("Bearer", "c2Vj");
    }

    @Test
    void should_say_what_cannot_be_compared() {
        ConfigDump bytes = clusters("{'name':'a','config':{'@type':'t/x.Y','value':'CgNmb28='}}");
        ConfigDump fields = clusters("{'name':'a','config':{'@type':'t/x.Y','name':'foo'}}");

        ConfigDiff diff = ConfigDiff.between(bytes, fields);

        assertThat(diff.isEmpty()).isTrue();
        assertThat(diff.inconclusive()).extracting(Inconclusive::what).containsExactly("messages of type x.Y");

        ConfigDiff other = ConfigDiff.between(fields, routes(""));
        assertThat(other.compared()).isEmpty();
        assertThat(other.inconclusive()).extracting(Inconclusive::what).containsExactly("clusters", "routes");
        assertThat(other.toString()).startsWith("before and after could not be compared: The clusters were not");
    }

    @Test
    void should_not_take_a_cut_off_document_for_one_that_lacks_resources() throws IOException {
        String json = "{'configs':[" + section("Clusters", "dynamic_active_clusters", "{'cluster':{'name':'a'}}") + ",";
        ConfigDump cut = ConfigDump.parse(
                new ByteArrayInputStream(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));

        ConfigDiff diff = ConfigDiff.between(clusters("{'name':'a'}", "{'name':'b'}"), cut);

        assertThat(diff.isEmpty()).isTrue();
        assertThat(diff.inconclusive()).isNotEmpty();
        assertThat(lines(ConfigDiff.between(clusters("{'name':'b'}"), cut)))
                .containsExactly("clusters a: only the second has it (ACTIVE)");
    }

    @Test
    void should_stay_short_and_fast_on_large_configurations() {
        String[] before = new String[10_000];
        String[] after = new String[10_000];
        for (int i = 0; i < before.length; i++) {
            String rest =
                    ",'circuit_breakers':{'thresholds':[{'max_connections':4294967295,'max_retries':4294967295}]},"
                            + "'metadata':{'filter_metadata':{'istio':{'services':[{'name':'s" + i
                            + "','namespace':'n'}]}}}";
            before[i] = "{'name':'outbound|80||s" + i + ".n.svc.cluster.local','connect_timeout':'10s'" + rest + "}";
            after[i] = "{'name':'outbound|80||s" + i + ".n.svc.cluster.local','connectTimeout':'10.0s'" + rest
                    + (i % 10 == 0 ? ",'lb_policy':'RANDOM'" : "") + "}";
        }
        ConfigDump one = clusters(before);
        ConfigDump other = clusters(after);

        long start = System.nanoTime();
        ConfigDiff diff = ConfigDiff.between(one, other);
        Duration took = Duration.ofNanos(System.nanoTime() - start);

        assertThat(diff.resources()).hasSize(1000);
        assertThat(diff.toString()).hasSizeLessThan(900);
        // A second on a machine of its own; a machine that builds other things too is no reason to fail.
        assertThat(took).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void should_see_no_difference_where_the_same_proxy_was_written_in_another_way() throws IOException {
        Path input = Shared.folder("conformance/proxy-config/input");

        assertThat(lines(ConfigDiff.between(file(input.resolve("edge.json")), file(input.resolve("edge-camel.json")))))
                .isEmpty();
        for (String name :
                List.of("shop-orders.json", "mesh.json", "waypoint.json", "edge.json", "ingress-wide.json")) {
            ConfigDump dump = file(input.resolve(name));
            assertThat(lines(ConfigDiff.between(dump, dump))).as(name).isEmpty();
            assertThat(lines(ConfigDiff.alike(dump, file(input.resolve(name)))))
                    .as(name)
                    .isEmpty();
        }
    }

    private static Path recorded(String scenario, String pod) throws IOException {
        Path namespace = Shared.folder("real/sidecar").resolve(scenario).resolve("envoy/production");
        try (Stream<Path> pods = Files.list(namespace)) {
            return pods.filter(path -> path.getFileName().toString().startsWith(pod))
                    .findFirst()
                    .orElseThrow()
                    .resolve("config_dump.json");
        }
    }

    @Test
    void should_show_what_a_change_of_the_mesh_did_to_a_real_proxy() throws IOException {
        ConfigDump healthy = file(recorded("healthy", "sleep"));

        ConfigDiff subset = ConfigDiff.between(healthy, file(recorded("subset-missing", "sleep")));
        assertThat(lines(subset))
                .anyMatch(
                        line -> line.startsWith("routes 9080 virtual_hosts[reviews.production.svc.cluster.local:9080]")
                                && line.contains("outbound|9080|v9|reviews.production.svc.cluster.local"));

        ConfigDiff scaled = ConfigDiff.between(healthy, file(recorded("scaled-to-zero", "sleep")));
        assertThat(lines(scaled))
                .contains("endpoints outbound|9080||ratings.production.svc.cluster.local: only the first has it"
                        + " (1 endpoint: 10.99.2.40:9080)");
    }

    @Test
    void should_find_what_istiod_sent_in_the_proxy() throws IOException {
        for (String[] pair : new String[][] {
            {"real/sidecar/healthy", "sleep", "production"},
            {"real/multicluster/multicluster-healthy/east", "helloworld", "sample"},
            {"real/multicluster/multicluster-healthy/west", "helloworld", "sample"},
            {"real/ambient/ambient-healthy", "sleep", "production"}
        }) {
            Path root = Shared.folder(pair[0]);
            ConfigDump istiod = file(one(root.resolve("istiod"), "config_dump_" + pair[1] + ".json"));
            ConfigDump proxy = file(one(root.resolve("envoy").resolve(pair[2]), pair[1], "config_dump.json"));

            ConfigDiff diff = ConfigDiff.sent(istiod, null, proxy, List.of());

            assertThat(lines(diff)).as(pair[0]).isEmpty();
            assertThat(diff.compared())
                    .contains(ConfigDiff.Section.CLUSTERS, ConfigDiff.Section.LISTENERS, ConfigDiff.Section.ROUTES);
            assertThat(diff.inconclusive()).extracting(Inconclusive::what).contains("endpoints");
        }
    }

    private static Path one(Path folder, String file) throws IOException {
        return one(folder, "", file);
    }

    private static Path one(Path folder, String prefix, String file) throws IOException {
        try (Stream<Path> pods = Files.list(folder)) {
            return pods.filter(path -> path.getFileName().toString().startsWith(prefix))
                    .findFirst()
                    .orElseThrow()
                    .resolve(file);
        }
    }
}
