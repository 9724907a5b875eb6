package dev.meshdx.envoy.origin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.envoy.Cluster;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.Endpoint;
import dev.meshdx.envoy.Listener;
import dev.meshdx.envoy.Route;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.source.internal.manifests.ManifestSource;
import dev.meshdx.testing.Shared;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GeneratedConfigurationTest {
    private static final String MESH = """
            apiVersion: v1
            kind: Pod
            metadata: {name: web-1, namespace: production, labels: {app: web, version: v1}}
            spec: {containers: [{name: istio-proxy, args: [proxy, sidecar]}]}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: edge-1, namespace: edge, labels: {istio: edge}}
            spec: {containers: [{name: istio-proxy, args: [proxy, router], ports: [{name: plain, containerPort: 8080}]}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: edge, namespace: edge}
            spec: {selector: {istio: edge}, ports: [{port: 80, name: http, targetPort: plain}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: reviews, namespace: production}
            spec: {ports: [{port: 9080, name: http}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: db, namespace: production}
            spec: {ports: [{port: 3306, name: tcp-db}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: silent, namespace: production}
            spec: {}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: hidden, namespace: other, annotations: {networking.istio.io/exportTo: "."}}
            spec: {ports: [{port: 80, name: http}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: far, namespace: other}
            spec: {ports: [{port: 80, name: http}]}
            ---
            apiVersion: networking.istio.io/v1
            kind: Sidecar
            metadata: {name: near, namespace: production}
            spec: {egress: [{hosts: ["./*", "shared/*"]}]}
            ---
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: shop, namespace: edge}
            spec:
              selector: {istio: edge}
              servers:
                - {port: {number: 80, name: http, protocol: HTTP}, hosts: ["production/shop.example.com", "idle.example.com"]}
                - {port: {number: 443, name: tls, protocol: TLS}, tls: {mode: PASSTHROUGH}, hosts: [tls.example.com]}
            ---
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: inner, namespace: edge}
            spec: {selector: {istio: inner}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}
            """;

    private static final String ROUTED = """
            {"name": "%s", "match": {"prefix": "/"}, "route": {"cluster": "outbound|9080||reviews.production.svc.cluster.local"},
             "metadata": {"filter_metadata": {"istio": {"config":
              "/apis/networking.istio.io/v1/namespaces/production/virtual-service/%s"}}}}""";

    private static final String SIDECAR = """
            {"configs": [
             {"@type": "x.BootstrapConfigDump", "bootstrap": {"node":
              {"id": "sidecar~10.0.0.9~web-1.production~production.svc.cluster.local"}}},
             {"@type": "x.ClustersConfigDump", "dynamic_active_clusters": [
              {"cluster": {"name": "outbound|9080|v1|reviews.production.svc.cluster.local", "type": "EDS", "metadata":
               {"filter_metadata": {"istio": {"config": "/apis/networking.istio.io/v1/namespaces/production/destination-rule/reviews"}}}}}]},
             {"@type": "x.EndpointsConfigDump", "dynamic_endpoint_configs": [{"endpoint_config": {
              "cluster_name": "outbound|9080|v1|reviews.production.svc.cluster.local", "endpoints": [{"lb_endpoints": [
               {"endpoint": {"address": {"socket_address": {"address": "10.0.0.1", "port_value": 9080}}}}]}]}}]},
             {"@type": "x.ListenersConfigDump", "dynamic_listeners": [
              {"name": "0.0.0.0_9080", "active_state": {"listener": {"name": "0.0.0.0_9080",
               "address": {"socket_address": {"address": "0.0.0.0", "port_value": 9080}},
               "filter_chains": [{"filters": [{"name": "envoy.filters.network.http_connection_manager",
                "typed_config": {"rds": {"route_config_name": "9080"}}}]}]}}%s}]},
             {"@type": "x.RoutesConfigDump", "dynamic_route_configs": [{"route_config": {"name": "9080", "virtual_hosts": [
              {"name": "reviews.production.svc.cluster.local:9080", "domains": ["reviews"], "routes": [%s]}]}}]},
             {"@type": "x.SecretsConfigDump"}]}""";

    private static final String GATEWAY = """
            {"configs": [
             {"@type": "x.BootstrapConfigDump", "bootstrap": {"node": {"id": "router~10.0.0.8~edge-1.edge~edge.svc.cluster.local"}}},
             {"@type": "x.ClustersConfigDump"}, {"@type": "x.EndpointsConfigDump"},
             {"@type": "x.ListenersConfigDump", "dynamic_listeners": [
              {"name": "0.0.0.0_8080", "active_state": {"listener": {"name": "0.0.0.0_8080",
               "address": {"socket_address": {"address": "0.0.0.0", "port_value": 8080}},
               "filter_chains": [{"filters": [{"name": "envoy.filters.network.http_connection_manager",
                "typed_config": {"rds": {"route_config_name": "http.8080"}}}]}]}}}]},
             {"@type": "x.RoutesConfigDump", "dynamic_route_configs": [{"route_config": {"name": "http.8080", "virtual_hosts": [
              {"name": "blackhole:80", "domains": ["*"]}]}}]},
             {"@type": "x.SecretsConfigDump"}]}""";

    private static GeneratedConfiguration ask(String pod, String dump, String yaml, ResourceKind kind, String name) {
        String documents = yaml.isEmpty() ? MESH : MESH + "---\n" + yaml;
        int slash = pod.indexOf('/');
        int of = name.indexOf('/');
        try {
            return GeneratedReader.read(
                    Shared.session(ManifestSource.of("mesh", documents)),
                    ResourceRef.of("Pod", pod.substring(0, slash), pod.substring(slash + 1)),
                    ConfigDump.parse(new ByteArrayInputStream(dump.getBytes(StandardCharsets.UTF_8))),
                    kind,
                    name.substring(0, of),
                    name.substring(of + 1));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String sidecar(String listenerError, String... virtualServices) {
        return SIDECAR.formatted(
                listenerError,
                String.join(
                        ",",
                        List.of(virtualServices).stream()
                                .map(name -> ROUTED.formatted(name, name))
                                .toList()));
    }

    private static String virtualService(String namespace, String spec) {
        return "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: it, namespace: " + namespace
                + ", creationTimestamp: \"2026-03-01T00:00:00Z\"}\nspec: {" + spec + "}\n";
    }

    private static final String HTTP = "http: [{route: [{destination: {host: reviews}}]}]";

    @Test
    void should_find_routes_by_metadata_and_the_listener_that_leads_to_them() {
        var generated = ask(
                "production/web-1",
                sidecar("", "it", "other"),
                virtualService("production", "hosts: [reviews], " + HTTP),
                ResourceKind.VIRTUAL_SERVICE,
                "production/it");

        assertThat(generated.routes()).extracting(Route::name).containsExactly("it");
        assertThat(generated.virtualHosts()).hasSize(1);
        assertThat(generated.listeners()).extracting(Listener::name).containsExactly("0.0.0.0_9080");
        assertThat(generated.objects(GeneratedObject.Type.LISTENER))
                .extracting(GeneratedObject::link)
                .containsExactly(GeneratedObject.Link.USE);
        assertThat(generated.reasons()).isEmpty();
        assertThat(generated.isEmpty()).isFalse();
        assertThat(generated.table()).contains("by Istio's metadata").doesNotContain("Why");
        assertThat(generated.toString()).hasSizeLessThan(900);
    }

    @Test
    void should_find_clusters_of_a_destination_rule_and_say_which_subset_is_missing() {
        var generated = ask("production/web-1", sidecar(""), """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: reviews, namespace: production}
                spec: {host: reviews, subsets: [{name: v1}, {name: v2}]}
                """, ResourceKind.DESTINATION_RULE, "production/reviews");

        assertThat(generated.clusters()).extracting(Cluster::subset).containsExactly("v1");
        assertThat(generated.endpoints()).extracting(Endpoint::target).containsExactly("10.0.0.1:9080");
        assertThat(generated.reasons()).singleElement().satisfies(reason -> {
            assertThat(reason.type()).isEqualTo(Obstacle.Type.STALE);
            assertThat(reason.field()).isEqualTo("spec.subsets[1].name");
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            production | hosts: [reviews], exportTo: ['edge'], HTTP | NOT_EXPORTED | spec.exportTo
            production | hosts: [reviews], gateways: [edge/shop], HTTP | OTHER_GATEWAY | spec.gateways
            other | hosts: [far], HTTP | NOT_IMPORTED | spec.egress[].hosts
            production | hosts: [reveiws], HTTP | HOST_UNKNOWN | spec.hosts[0]
            production | hosts: [db], HTTP | PROTOCOL | spec.ports
            production | hosts: [silent], HTTP | NO_PORTS | spec.ports
            production | hosts: [reviews], http: [{match: [{sourceLabels: {app: api}}], route: [{destination: {host: reviews}}]}] | OTHER_SOURCE | spec.http[0].match[0].sourceLabels
            production | http: [{route: [{destination: {host: reviews}}]}] | NOTHING_BOUND | spec.hosts
            """)
    void should_say_why_a_sidecar_has_no_routes(String namespace, String spec, Obstacle.Type type, String field) {
        var generated = ask(
                "production/web-1",
                sidecar(""),
                virtualService(namespace, spec.replace("HTTP", HTTP)),
                ResourceKind.VIRTUAL_SERVICE,
                namespace + "/it");

        assertThat(generated.isEmpty()).isTrue();
        assertThat(generated.reasons().get(0).type()).isEqualTo(type);
        assertThat(generated.reasons().get(0).field()).isEqualTo(field);
        assertThat(generated.reasons().get(0).message()).isNotBlank();
        assertThat(generated.table()).contains("Why nothing");
    }

    @Test
    void should_name_the_virtual_service_that_decides_instead() {
        String other = virtualService("production", "hosts: [reviews], " + HTTP)
                .replace("name: it", "name: first")
                .replace("2026-03", "2026-01");
        var generated = ask(
                "production/web-1",
                sidecar("", "first"),
                virtualService("production", "hosts: [reviews], " + HTTP) + "---\n" + other,
                ResourceKind.VIRTUAL_SERVICE,
                "production/it");

        assertThat(generated.reasons()).singleElement().satisfies(reason -> {
            assertThat(reason.type()).isEqualTo(Obstacle.Type.OVERRULED);
            assertThat(reason.resource()).hasToString("VirtualService production/first");
        });
    }

    @Test
    void should_quote_what_the_proxy_refused() {
        var generated = ask(
                "production/web-1",
                sidecar(", \"error_state\": {\"details\": \"bad filter\"}"),
                virtualService("production", "hosts: [reviews], " + HTTP),
                ResourceKind.VIRTUAL_SERVICE,
                "production/it");

        assertThat(generated.reasons()).anySatisfy(reason -> {
            assertThat(reason.type()).isEqualTo(Obstacle.Type.REJECTED);
            assertThat(reason.message()).contains("0.0.0.0_9080", "bad filter");
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            hosts: [shop.example.com], HTTP | OTHER_GATEWAY | spec.gateways
            hosts: [shop.example.com], gateways: [edge/shopp], HTTP | GATEWAY_UNKNOWN | spec.gateways[0]
            hosts: [shop.example.com], gateways: [edge/inner], HTTP | NOT_SELECTED | spec.selector
            hosts: [www.example.com], gateways: [edge/shop], HTTP | HOST_NOT_SERVED | spec.servers[].hosts
            hosts: [tls.example.com], gateways: [edge/shop], HTTP | PROTOCOL | spec.servers[1].port.protocol
            """)
    void should_say_why_a_gateway_has_no_routes(String spec, Obstacle.Type type, String field) {
        var generated = ask(
                "edge/edge-1",
                GATEWAY,
                virtualService("production", spec.replace("HTTP", HTTP)),
                ResourceKind.VIRTUAL_SERVICE,
                "production/it");

        assertThat(generated.reasons().get(0).type()).isEqualTo(type);
        assertThat(generated.reasons().get(0).field()).isEqualTo(field);
    }

    @Test
    void should_hold_a_gateways_hosts_against_the_namespace_of_the_route() {
        var generated = ask(
                "edge/edge-1",
                GATEWAY,
                virtualService("other", "hosts: [shop.example.com], gateways: [edge/shop], " + HTTP),
                ResourceKind.VIRTUAL_SERVICE,
                "other/it");

        assertThat(generated.reasons()).singleElement().satisfies(reason -> {
            assertThat(reason.type()).isEqualTo(Obstacle.Type.HOST_NOT_SERVED);
            assertThat(reason.message()).contains("namespace other", "production/shop.example.com");
        });
    }

    @Test
    void should_find_a_gateway_by_its_ports_and_say_what_is_not_bound() {
        var generated = ask("edge/edge-1", GATEWAY, "", ResourceKind.GATEWAY, "edge/shop");

        assertThat(generated.listeners()).extracting(Listener::name).containsExactly("0.0.0.0_8080");
        assertThat(generated.routeConfigurations()).hasSize(1);
        assertThat(generated.objects()).allMatch(object -> object.link() == GeneratedObject.Link.NAME);
        assertThat(generated.reasons())
                .extracting(Obstacle::type)
                .containsExactly(Obstacle.Type.NOTHING_BOUND, Obstacle.Type.NOTHING_BOUND);
        assertThat(ask("production/web-1", sidecar(""), "", ResourceKind.GATEWAY, "edge/shop")
                        .reasons())
                .singleElement()
                .satisfies(reason -> assertThat(reason.type()).isEqualTo(Obstacle.Type.PROXY_TYPE));
        assertThat(ask("edge/edge-1", GATEWAY, "", ResourceKind.GATEWAY, "edge/inner")
                        .reasons())
                .singleElement()
                .satisfies(reason -> assertThat(reason.message()).contains("istio=inner", "istio=edge"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            production | host: reviews, exportTo: ['edge'] | NOT_EXPORTED
            production | host: reveiws | HOST_UNKNOWN
            production | host: hidden.other.svc.cluster.local | NOT_EXPORTED
            production | host: far.other.svc.cluster.local | NOT_IMPORTED
            production | host: reviews, workloadSelector: {matchLabels: {app: api}} | NOT_SELECTED
            other | host: far, workloadSelector: {matchLabels: {app: web}} | OTHER_NAMESPACE
            edge | host: reviews.production.svc.cluster.local | OTHER_NAMESPACE
            production | host: silent | NO_PORTS
            """)
    void should_say_why_a_rule_shapes_no_cluster(String namespace, String spec, Obstacle.Type type) {
        var generated = ask(
                "production/web-1",
                sidecar(""),
                "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: it, namespace: "
                        + namespace + "}\nspec: {" + spec + "}\n",
                ResourceKind.DESTINATION_RULE,
                namespace + "/it");

        assertThat(generated.reasons().get(0).type()).isEqualTo(type);
    }

    @Test
    void should_name_the_rule_that_is_nearer() {
        var generated =
                ask("production/web-1", sidecar(""), """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: mesh-wide, namespace: istio-system}
                spec: {host: "*.local"}
                ---
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: reviews, namespace: production}
                spec: {host: reviews}
                """, ResourceKind.DESTINATION_RULE, "istio-system/mesh-wide");

        assertThat(generated.reasons().get(0).type()).isEqualTo(Obstacle.Type.OVERRULED);
        assertThat(generated.reasons().get(0).resource()).hasToString("DestinationRule production/reviews");
    }

    @Test
    void should_tell_what_is_gone_and_what_never_was() {
        assertThat(ask("production/web-1", sidecar("", "gone"), "", ResourceKind.VIRTUAL_SERVICE, "production/gone")
                        .reasons())
                .singleElement()
                .satisfies(reason -> assertThat(reason.type()).isEqualTo(Obstacle.Type.GONE));
        String yaml = virtualService("production", "hosts: [reviews], " + HTTP);
        assertThatThrownBy(() ->
                        ask("production/web-1", sidecar(""), yaml, ResourceKind.VIRTUAL_SERVICE, "production/itt"))
                .isInstanceOf(MeshNotFoundException.class)
                .hasMessageContaining("no VirtualService itt")
                .satisfies(e -> assertThat(((MeshNotFoundException) e).remedy()).contains("it"));
    }

    @Test
    void should_say_what_cannot_be_seen() {
        var generated = ask("production/web-1", sidecar(""), """
                apiVersion: networking.istio.io/v1alpha3
                kind: EnvoyFilter
                metadata: {name: patch, namespace: production}
                spec: {}
                """, ResourceKind.ENVOY_FILTER, "production/patch");

        assertThat(generated.reasons())
                .singleElement()
                .satisfies(reason -> assertThat(reason.type()).isEqualTo(Obstacle.Type.NOT_VISIBLE));
    }
}
