package dev.meshdx.traffic;

import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.Endpoints;
import dev.meshdx.envoy.admin.ListenersStatus;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.traffic.internal.checks.FailedRequest;
import dev.meshdx.traffic.internal.checks.TrafficModel.Proxy;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Small configurations of a sidecar in namespace production, as istiod makes them. */
public final class Dumps {
    public static final ResourceRef POD = ResourceRef.of("Pod", "production", "web-1");

    private static final String ROUTE = """
            {"name": "%s", "match": %s, "route": {"cluster": "%s"}, "metadata": {"filter_metadata": {"istio": {"config":
              "/apis/networking.istio.io/v1/namespaces/production/virtual-service/reviews"}}}}""";

    private Dumps() {}

    public static String route(String name, String match, String cluster) {
        return ROUTE.formatted(name, match, cluster);
    }

    public static String cluster(String name) {
        return "{\"cluster\": {\"name\": \"" + name + "\", \"type\": \"EDS\"}}";
    }

    /** Host reviews on port 9080 with the given routes, and the given clusters. */
    public static ConfigDump sidecar(List<String> routes, List<String> clusters) {
        return parse("""
                {"configs": [
                 {"bootstrap": {"node": {"id": "sidecar~10.0.0.9~web-1.production~production.svc.cluster.local"}}},
                 {"@type": "x.ClustersConfigDump", "dynamic_active_clusters": [%s]},
                 {"@type": "x.ListenersConfigDump", "dynamic_listeners": [
                  {"name": "virtualOutbound", "active_state": {"listener": {"name": "virtualOutbound",
                    "address": {"socket_address": {"address": "0.0.0.0", "port_value": 15001}}, "use_original_dst": true,
                    "traffic_direction": "OUTBOUND", "filter_chains": [{"name": "blackhole", "filters": [
                      {"name": "envoy.filters.network.tcp_proxy", "typed_config": {"cluster": "PassthroughCluster"}}]}]}}},
                  {"name": "0.0.0.0_9080", "active_state": {"listener": {"name": "0.0.0.0_9080", "bind_to_port": false,
                    "address": {"socket_address": {"address": "0.0.0.0", "port_value": 9080}},
                    "filter_chains": [{"name": "http", "filters": [
                      {"name": "envoy.filters.network.http_connection_manager",
                       "typed_config": {"normalize_path": true, "rds": {"route_config_name": "9080"}}}]}]}}}]},
                 {"@type": "x.RoutesConfigDump", "dynamic_route_configs": [{"route_config": {"name": "9080",
                  "ignore_port_in_host_matching": true, "virtual_hosts": [
                  {"name": "reviews.production.svc.cluster.local:9080", "domains": ["reviews.production.svc.cluster.local",
                    "reviews", "reviews.production", "10.96.2.30"], "routes": [%s]}]}}]},
                 {"@type": "x.SecretsConfigDump"}]}""".formatted(
                        String.join(",", clusters.stream().map(Dumps::cluster).toList()), String.join(",", routes)));
    }

    public static ConfigDump parse(String text) {
        try {
            return ConfigDump.parse(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Endpoints endpoints(String statuses) {
        return parse("{\"cluster_statuses\": [" + statuses + "]}").endpoints();
    }

    public static ListenersStatus listeners(String page) {
        try {
            return ListenersStatus.parse(new ByteArrayInputStream(page.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static FailedRequest failed(String path, int code, String flag, String cluster) {
        return new FailedRequest(
                POD,
                "GET",
                "reviews:9080",
                path,
                "HTTP/1.1",
                code,
                List.of(flag),
                "",
                cluster,
                "10.96.2.30:9080",
                "",
                "",
                "the line");
    }

    public static Proxy proxy(ConfigDump dump, Endpoints endpoints, FailedRequest... failed) {
        return new Proxy(POD, dump, endpoints, List.of(failed));
    }
}
