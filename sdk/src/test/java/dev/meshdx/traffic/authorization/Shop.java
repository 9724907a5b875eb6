package dev.meshdx.traffic.authorization;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.MeshConfig;
import dev.meshdx.configuration.internal.PolicyTarget;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.source.Session;
import dev.meshdx.source.internal.manifests.ManifestSource;
import dev.meshdx.source.internal.recorded.RecordedSource;
import dev.meshdx.testing.Shared;
import dev.meshdx.traffic.internal.rbac.PolicyFilters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A recording of pod shop/web-1 (Service web, port 80 to http = 8080; Service web-admin, port 9000), whose proxy holds some
 * policies, and of the policies that there are.
 */
final class Shop {
    static final String POD = "web-1";

    private static final String PODS = """
            {"items": [
              {"metadata": {"name": "web-1", "namespace": "shop", "labels": {"app": "web"}},
               "spec": {"serviceAccountName": "web", "containers": [
                 {"name": "app", "ports": [{"name": "http", "containerPort": 8080}, {"containerPort": 9000}]},
                 {"name": "istio-proxy", "args": ["proxy", "sidecar"]}]},
               "status": {"podIP": "10.0.0.9", "phase": "Running"}},
              {"metadata": {"name": "bare-1", "namespace": "shop", "labels": {"app": "web"}},
               "spec": {"containers": [{"name": "app"}]}, "status": {"podIP": "10.0.0.10"}},
              {"metadata": {"name": "ambient-1", "namespace": "shop", "labels": {"app": "web"},
                            "annotations": {"ambient.istio.io/redirection": "enabled"}},
               "spec": {"containers": [{"name": "app", "ports": [{"name": "http", "containerPort": 8080}]}]},
               "status": {"podIP": "10.0.0.11"}}]}""";

    private static final String SERVICES = """
            {"items": [
              {"metadata": {"name": "web", "namespace": "shop"},
               "spec": {"selector": {"app": "web"}, "clusterIP": "10.96.0.1",
                        "ports": [{"name": "http", "port": 80, "targetPort": "http"}]}},
              {"metadata": {"name": "web-admin", "namespace": "shop"},
               "spec": {"selector": {"app": "web"}, "ports": [{"name": "tcp", "port": 9000}]}},
              {"metadata": {"name": "other", "namespace": "shop"},
               "spec": {"selector": {"app": "other"}, "ports": [{"name": "http", "port": 7000, "targetPort": 7001}]}}]}""";

    private Shop() {}

    static String policy(String name, String spec) {
        return resource("{name: " + name + ", namespace: shop}", spec);
    }

    static String dryRun(String name, String spec) {
        return resource("{name: " + name + ", namespace: shop, annotations: {istio.io/dry-run: \"true\"}}", spec);
    }

    private static String resource(String metadata, String spec) {
        return "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: " + metadata + "\nspec: " + spec
                + "\n---\n";
    }

    private static List<Resource> policies(String yaml) {
        return yaml.isEmpty()
                ? List.of()
                : Shared.session(ManifestSource.of("policies", yaml)).resources(ResourceKind.AUTHORIZATION_POLICY);
    }

    /**
     * The configuration of the proxy: mutual TLS only, HTTP on 8080, bytes on 9000.
     *
     * @param held the policies that it holds
     */
    static String dump(String held) {
        Configuration configuration = Configuration.builder()
                .resources(ResourceKind.AUTHORIZATION_POLICY, policies(held))
                .mesh(MeshConfig.of(Json.MISSING, "istio-system"), "istio-system")
                .build();
        PolicyTarget web = PolicyTarget.proxy("shop", Map.of("app", "web"));
        List<Json> http = new ArrayList<>();
        PolicyFilters.http(configuration, web)
                .configs()
                .forEach(config -> http.add(Json.object("name", "envoy.filters.http.rbac", "typed_config", config)));
        List<Json> tcp = new ArrayList<>();
        PolicyFilters.tcp(configuration, web)
                .configs()
                .forEach(config -> tcp.add(Json.object("name", "envoy.filters.network.rbac", "typed_config", config)));
        tcp.add(Json.parse("""
                {"name": "envoy.filters.network.tcp_proxy", "typed_config": {
                  "@type": "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
                  "cluster": "inbound|9000||"}}"""));
        return """
                {"configs": [
                 {"@type": "type.googleapis.com/envoy.admin.v3.BootstrapConfigDump",
                  "bootstrap": {"node": {"id": "sidecar~10.0.0.9~web-1.shop~shop.svc.cluster.local",
                    "metadata": {"LABELS": {"app": "web"}, "NAMESPACE": "shop", "NAME": "web-1"}}}},
                 {"@type": "type.googleapis.com/envoy.admin.v3.ClustersConfigDump", "static_clusters": [
                  {"cluster": {"name": "inbound|8080||", "type": "ORIGINAL_DST"}},
                  {"cluster": {"name": "inbound|9000||", "type": "ORIGINAL_DST"}}]},
                 {"@type": "type.googleapis.com/envoy.admin.v3.ListenersConfigDump", "dynamic_listeners": [
                  {"name": "virtualInbound", "active_state": {"listener": {"name": "virtualInbound",
                    "address": {"socket_address": {"address": "0.0.0.0", "port_value": 15006}},
                    "traffic_direction": "INBOUND",
                    "listener_filters": [{"name": "envoy.filters.listener.original_dst"},
                                         {"name": "envoy.filters.listener.tls_inspector"}],
                    "filter_chains": [
                     {"name": "0.0.0.0_8080", "filter_chain_match": {"destination_port": 8080, "transport_protocol": "tls"},
                      "transport_socket": %s,
                      "filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": {
                       "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                       "normalize_path": true,
                       "route_config": {"name": "inbound|8080||", "virtual_hosts": [{"name": "inbound|http|8080",
                         "domains": ["*"], "routes": [{"name": "default", "match": {"prefix": "/"},
                         "route": {"cluster": "inbound|8080||"}}]}]},
                       "http_filters": %s}}]},
                     {"name": "0.0.0.0_9000", "filter_chain_match": {"destination_port": 9000, "transport_protocol": "tls"},
                      "transport_socket": %s, "filters": %s}]}}}]},
                 {"@type": "type.googleapis.com/envoy.admin.v3.SecretsConfigDump"}]}""".formatted(TLS, Json.array(http), TLS, Json.array(tcp));
    }

    private static final String TLS = """
            {"name": "envoy.transport_sockets.tls", "typed_config": {
              "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
              "require_client_certificate": true}}""";

    /**
     * The recording.
     *
     * @param meant the policies that there are
     * @param held the policies that the proxy holds
     */
    static Path record(Path folder, String meant, String held) throws IOException {
        Path api = Files.createDirectories(folder.resolve("api"));
        Files.writeString(api.resolve("pods.core.json"), PODS);
        Files.writeString(api.resolve("services.core.json"), SERVICES);
        Files.writeString(
                api.resolve("authorizationpolicies.security.istio.io.json"),
                Json.object(
                                "items",
                                Json.array(policies(meant).stream()
                                        .map(Resource::raw)
                                        .toList()))
                        .toString());
        Path proxy = Files.createDirectories(folder.resolve("envoy/shop/" + POD));
        Files.writeString(proxy.resolve("config_dump.json"), dump(held));
        return folder;
    }

    static Session open(Path folder) {
        return Shared.session(RecordedSource.open(folder));
    }

    static Authorization of(Path folder, String pod) {
        return Authorization.of(() -> open(folder), "shop", pod);
    }
}
