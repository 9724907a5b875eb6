package dev.meshdx.envoy.origin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.envoy.Cluster;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.FilterChain;
import dev.meshdx.envoy.RouteConfiguration;
import dev.meshdx.envoy.VirtualHost;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.source.internal.manifests.ManifestSource;
import dev.meshdx.testing.Shared;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** Real dumps of other meshes, of which only the proxy's side is known; what is said of resources is written here. */
class LinksConformanceTest {
    private static final String EDGE = """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge, namespace: istio-system}
            spec:
              selector: {istio: ingressgateway}
              servers:
                - {port: {number: 443, name: https, protocol: HTTPS}, hosts: ["*.example.com"], tls: {mode: SIMPLE, credentialName: web-cert}}
                - {port: {number: 15443, name: tls, protocol: TLS}, hosts: [db.example.com], tls: {mode: PASSTHROUGH}}
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: db, namespace: apps}
            spec:
              hosts: [db.example.com]
              gateways: [istio-system/edge]
              tls: [{match: [{sniHosts: [db.example.com]}], route: [{destination: {host: mail.apps.svc.cluster.local}}]}]
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: edge-1, namespace: istio-system, labels: {istio: ingressgateway}}
            spec: {containers: [{name: istio-proxy, args: [proxy, router]}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: edge, namespace: istio-system}
            spec: {selector: {istio: ingressgateway}, ports: [{port: 443, targetPort: 8443}, {port: 15443}]}
            """;

    private static GeneratedConfiguration ask(
            String input, String yaml, String pod, ResourceKind kind, String namespace, String name)
            throws IOException {
        try (InputStream in = Files.newInputStream(
                Shared.folder("conformance/proxy-config/input").resolve(input + ".json"))) {
            int slash = pod.indexOf('/');
            return GeneratedReader.read(
                    Shared.session(ManifestSource.of("mesh", yaml)),
                    ResourceRef.of("Pod", pod.substring(0, slash), pod.substring(slash + 1)),
                    ConfigDump.parse(in),
                    kind,
                    namespace,
                    name);
        }
    }

    @Test
    void should_find_all_routes_and_clusters_of_a_sidecar() throws IOException {
        GeneratedConfiguration routes =
                ask("shop-orders", EDGE, "shop/orders-1", ResourceKind.VIRTUAL_SERVICE, "shop", "orders-routing");

        assertThat(routes.routes()).hasSize(18);
        assertThat(routes.virtualHosts())
                .extracting(VirtualHost::name)
                .containsExactlyInAnyOrder(
                        "orders.shop.svc.cluster.local:80",
                        "orders.shop.svc.cluster.local:8080",
                        "orders.shop.svc.cluster.local:9100");
        assertThat(routes.reasons()).extracting(Obstacle::type).containsExactly(Obstacle.Type.GONE);
        assertThat(ask("shop-orders", EDGE, "shop/orders-1", ResourceKind.DESTINATION_RULE, "backoffice", "ledger-mtls")
                        .clusters())
                .extracting(Cluster::name)
                .containsExactly("outbound|80||ledger.backoffice.svc.cluster.local");
    }

    @Test
    void should_know_the_names_that_routes_of_the_gateway_api_get() throws IOException {
        assertThat(ask("routes-k8s-gateway", EDGE, "default/gw-1", ResourceKind.HTTP_ROUTE, "default", "http")
                        .routes())
                .isNotEmpty();
    }

    @Test
    void should_find_the_filter_chains_of_a_gateway() throws IOException {
        GeneratedConfiguration gateway =
                ask("ingress-wide", EDGE, "istio-system/edge-1", ResourceKind.GATEWAY, "istio-system", "edge");

        assertThat(gateway.routeConfigurations())
                .extracting(RouteConfiguration::name)
                .containsExactly("https.443.https.edge.istio-system");
        assertThat(gateway.filterChains())
                .extracting(FilterChain::matchText)
                .containsExactly("SNI: api.example.com,www.example.com", "SNI: db.example.com");
        assertThat(ask("ingress-wide", EDGE, "istio-system/edge-1", ResourceKind.VIRTUAL_SERVICE, "apps", "db")
                        .filterChains())
                .extracting(FilterChain::matchText)
                .containsExactly("SNI: db.example.com");
    }
}
