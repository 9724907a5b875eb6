package dev.meshdx.testkit.internal.istiod;

import static dev.meshdx.testkit.internal.mesh.Doc.list;
import static dev.meshdx.testkit.internal.mesh.Doc.map;

import dev.meshdx.model.Json;
import dev.meshdx.testkit.internal.mesh.Cluster;
import dev.meshdx.testkit.internal.mesh.Doc;
import dev.meshdx.testkit.internal.mesh.MeshSpec;
import dev.meshdx.testkit.internal.mesh.Registry;
import dev.meshdx.testkit.internal.mesh.Registry.Endpoint;
import dev.meshdx.testkit.internal.mesh.Registry.Protocol;
import dev.meshdx.testkit.internal.mesh.Registry.Service;
import dev.meshdx.testkit.internal.mesh.Workload;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Clusters, as istiod sends them by CDS. */
final class Clusters {
    private static final long UNLIMITED = 4294967295L;

    private final Registry registry;
    private final MeshSpec mesh;

    Clusters(Registry registry, MeshSpec mesh) {
        this.registry = registry;
        this.mesh = mesh;
    }

    /** The outbound cluster of an upstream. Only sidecars find out the protocol of a connection; gateways know it. */
    Map<String, Object> outbound(Upstream upstream, boolean gateway) {
        Service service = upstream.service();
        String dns = service.resolution();
        Map<String, Object> cluster = map("@type", Xds.CDS, "name", upstream.name());
        if (upstream.originalDestination()) {
            cluster.put("type", "ORIGINAL_DST");
        } else if (dns.startsWith("DNS")) {
            cluster.put("type", dns.equals("DNS") ? "STRICT_DNS" : "LOGICAL_DNS");
        } else {
            cluster.put("type", "EDS");
            cluster.put("eds_cluster_config", map("eds_config", Xds.ADS, "service_name", upstream.name()));
        }
        Json tcp = upstream.connectionPool().at("tcp");
        cluster.put(
                "connect_timeout",
                tcp.at("connectTimeout").text().map(Durations::envoy).orElse("10s"));
        cluster.put("lb_policy", loadBalancer(upstream));
        cluster.put("circuit_breakers", map("thresholds", list(thresholds(upstream.connectionPool()))));
        if (dns.startsWith("DNS")) {
            cluster.put("dns_refresh_rate", "60s");
            cluster.put("dns_lookup_family", "V4_ONLY");
            cluster.put("load_assignment", dnsAssignment(upstream));
        }
        Object outliers = outlierDetection(upstream.outlierDetection());
        if (outliers != null) {
            cluster.put("outlier_detection", outliers);
        }
        cluster.put("metadata", map("filter_metadata", map("istio", metadata(upstream))));
        cluster.put("common_lb_config", map("healthy_panic_threshold", map()));
        cluster.put("alt_stat_name", upstream.name() + ";");
        Object protocol = protocolOptions(upstream, gateway);
        if (protocol != null) {
            cluster.put("typed_extension_protocol_options", protocol);
        }
        transport(upstream, cluster);
        return cluster;
    }

    private static Map<String, Object> metadata(Upstream upstream) {
        return map(
                "external",
                upstream.service().external() ? true : null,
                "subset",
                Doc.unlessEmpty(upstream.subset()),
                "config",
                upstream.rule()
                        .map(rule -> Registry.configPath(rule, "destination-rule"))
                        .orElse(null),
                "services",
                list(map(
                        "host",
                        upstream.service().host(),
                        "name",
                        upstream.service().entry()
                                ? upstream.service().host()
                                : upstream.service().name(),
                        "namespace",
                        upstream.service().namespace())));
    }

    private static String loadBalancer(Upstream upstream) {
        if (upstream.originalDestination()) {
            return "CLUSTER_PROVIDED";
        }
        if (upstream.loadBalancer().at("consistentHash").exists()) {
            return "RING_HASH";
        }
        return switch (upstream.loadBalancer().at("simple").text("")) {
            case "ROUND_ROBIN" -> "ROUND_ROBIN";
            case "RANDOM" -> "RANDOM";
            default -> "LEAST_REQUEST";
        };
    }

    private static Map<String, Object> thresholds(Json pool) {
        Json http = pool.at("http");
        return map(
                "max_connections",
                pool.at("tcp", "maxConnections").number(UNLIMITED),
                "max_pending_requests",
                http.at("http1MaxPendingRequests").number(UNLIMITED),
                "max_requests",
                http.at("http2MaxRequests").number(UNLIMITED),
                "max_retries",
                http.at("maxRetries").number(UNLIMITED));
    }

    private static @Nullable Object outlierDetection(Json rule) {
        if (!rule.exists()) {
            return null;
        }
        Map<String, Object> outliers = map();
        if (rule.at("consecutive5xxErrors").exists()) {
            outliers.put("consecutive_5xx", rule.at("consecutive5xxErrors").number(5));
        }
        outliers.put(
                "interval", rule.at("interval").text().map(Durations::envoy).orElse("10s"));
        outliers.put(
                "base_ejection_time",
                rule.at("baseEjectionTime").text().map(Durations::envoy).orElse("30s"));
        if (rule.at("maxEjectionPercent").exists()) {
            outliers.put("max_ejection_percent", rule.at("maxEjectionPercent").number(10));
        }
        if (rule.at("consecutive5xxErrors").exists()) {
            outliers.put("enforcing_consecutive_5xx", 100);
        }
        outliers.put("enforcing_success_rate", 0);
        if (rule.at("consecutiveGatewayErrors").exists()) {
            outliers.put(
                    "consecutive_gateway_failure",
                    rule.at("consecutiveGatewayErrors").number(5));
            outliers.put("enforcing_consecutive_gateway_failure", 100);
        }
        return outliers;
    }

    private static @Nullable Object protocolOptions(Upstream upstream, boolean gateway) {
        Json http = upstream.connectionPool().at("http");
        boolean http2 = upstream.port().protocol() == Protocol.HTTP2
                || http.at("h2UpgradePolicy").text("").equals("UPGRADE");
        Map<String, Object> common = map();
        if (http.at("idleTimeout").exists()) {
            common.put("idle_timeout", Durations.envoy(http.at("idleTimeout").text("")));
        }
        if (http.at("maxRequestsPerConnection").number(0) > 0) {
            common.put(
                    "max_requests_per_connection",
                    http.at("maxRequestsPerConnection").number(0));
        }
        boolean sniffed = !gateway && upstream.port().protocol() == Protocol.AUTO;
        if (common.isEmpty() && !http2 && !sniffed) {
            return null;
        }
        String type = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
        Map<String, Object> options = Xds.typed(type, "common_http_protocol_options", Doc.unlessEmpty(common));
        if (sniffed && !http2) {
            options.put(
                    "use_downstream_protocol_config",
                    map("http_protocol_options", map(), "http2_protocol_options", map()));
        } else {
            options.put(
                    "explicit_http_config",
                    http2 ? map("http2_protocol_options", map()) : map("http_protocol_options", map()));
        }
        return map(type, options);
    }

    /** Source: Istio, "Understanding TLS Configuration" and "Destination Rule", ClientTLSSettings. */
    private void transport(Upstream upstream, Map<String, Object> cluster) {
        String subset = upstream.subset().isEmpty() ? "_" : upstream.subset() + "_";
        String sni = upstream.tls()
                .at("sni")
                .text("outbound_." + upstream.port().number() + "_." + subset + "."
                        + upstream.service().host());
        boolean http2 = upstream.port().protocol() == Protocol.HTTP2;
        switch (upstream.tlsMode()) {
            case "DISABLE" -> {}
            case "ISTIO_MUTUAL" -> cluster.put("transport_socket", Xds.mutualTls(sni, identities(upstream), http2));
            case "SIMPLE", "MUTUAL" -> cluster.put("transport_socket", ownTls(upstream));
            default -> {
                if (automatic(upstream.service())) {
                    cluster.put(
                            "transport_socket_matches",
                            list(
                                    map(
                                            "name",
                                            "tlsMode-istio",
                                            "match",
                                            map("tlsMode", "istio"),
                                            "transport_socket",
                                            Xds.mutualTls(sni, identities(upstream), http2)),
                                    map(
                                            "name",
                                            "tlsMode-disabled",
                                            "match",
                                            map(),
                                            "transport_socket",
                                            Xds.RAW_BUFFER)));
                }
            }
        }
    }

    /** Whether auto mTLS applies: a service of the mesh whose namespace does not forbid mutual TLS. */
    private boolean automatic(Service service) {
        return !service.external()
                && !registry.peerAuthentication(service.namespace(), Map.of(), 0)
                        .equals("DISABLE");
    }

    private List<Object> identities(Upstream upstream) {
        List<String> given = upstream.tls().at("subjectAltNames").texts();
        TreeSet<String> identities = new TreeSet<>(given);
        if (given.isEmpty()) {
            upstream.service()
                    .accounts()
                    .forEach(account -> identities.add("spiffe://" + mesh.trustDomain + "/ns/"
                            + upstream.service().namespace() + "/sa/" + account));
        }
        List<Object> exact = new ArrayList<>();
        identities.forEach(identity -> exact.add(map("exact", identity)));
        return exact;
    }

    private static Map<String, Object> ownTls(Upstream upstream) {
        Json tls = upstream.tls();
        List<Object> identities = new ArrayList<>();
        tls.at("subjectAltNames").texts().forEach(name -> identities.add(map("exact", name)));
        String ca = tls.at("caCertificates").text("system");
        List<Object> certificates = tls.at("mode").text("").equals("MUTUAL")
                ? list(Xds.secret("file-cert:" + tls.at("clientCertificate").text("") + "~"
                        + tls.at("privateKey").text("")))
                : List.of();
        return map(
                "name",
                "envoy.transport_sockets.tls",
                "typed_config",
                Xds.typed(
                        "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
                        "common_tls_context",
                        map(
                                "tls_certificate_sds_secret_configs",
                                Doc.unlessEmpty(certificates),
                                "combined_validation_context",
                                map(
                                        "default_validation_context",
                                        map("match_subject_alt_names", Doc.unlessEmpty(identities)),
                                        "validation_context_sds_secret_config",
                                        Xds.secret("file-root:" + ca))),
                        "sni",
                        tls.at("sni").text().orElse(null)));
    }

    /** The endpoints of an upstream: its service's, by subset. */
    static List<Endpoint> endpoints(Upstream upstream) {
        return upstream.service().endpoints().getOrDefault(upstream.port().number(), List.of()).stream()
                .filter(endpoint -> endpoint.labels()
                        .entrySet()
                        .containsAll(upstream.labels().entrySet()))
                .toList();
    }

    private Map<String, Object> dnsAssignment(Upstream upstream) {
        List<Endpoint> endpoints = endpoints(upstream);
        List<Object> hosts = new ArrayList<>();
        for (Endpoint endpoint : endpoints) {
            hosts.add(map(
                    "endpoint",
                    map("address", Xds.address(endpoint.ip(), endpoint.port())),
                    "load_balancing_weight",
                    1));
        }
        if (hosts.isEmpty()) {
            hosts.add(map(
                    "endpoint",
                    map(
                            "address",
                            Xds.address(
                                    upstream.service().host(), upstream.port().number())),
                    "load_balancing_weight",
                    1));
        }
        return map("cluster_name", upstream.name(), "endpoints", list(map("lb_endpoints", hosts)));
    }

    /** What EDS sends for an upstream, in the form of the dump. */
    Map<String, Object> assignment(Upstream upstream) {
        Map<String, List<Object>> byNode = new LinkedHashMap<>();
        Map<String, Map<String, Object>> localities = new LinkedHashMap<>();
        for (Endpoint endpoint : endpoints(upstream)) {
            Map<String, Object> locality = Cluster.locality(endpoint.node());
            String key = String.valueOf(locality.getOrDefault("zone", ""));
            localities.putIfAbsent(key, locality);
            byNode.computeIfAbsent(key, zone -> new ArrayList<>()).add(host(upstream, endpoint));
        }
        List<Object> groups = new ArrayList<>();
        byNode.forEach((zone, hosts) -> groups.add(
                map("locality", localities.get(zone), "lb_endpoints", hosts, "load_balancing_weight", hosts.size())));
        return assignment(upstream.name(), groups);
    }

    /** A load assignment in the form of the dump. */
    static Map<String, Object> assignment(String cluster, List<Object> groups) {
        return map(
                "@type",
                Xds.EDS,
                "cluster_name",
                cluster,
                "endpoints",
                Doc.unlessEmpty(groups),
                "policy",
                map("overprovisioning_factor", 140));
    }

    private Map<String, Object> host(Upstream upstream, Endpoint endpoint) {
        Workload workload = endpoint.workload();
        String names = workload == null
                ? upstream.service().name() + "-0;" + upstream.service().namespace() + ";"
                        + upstream.service().name() + "-0;;" + mesh.clusterId
                : workload.workloadName() + ";" + workload.namespace() + ";" + workload.canonicalName() + ";"
                        + (workload.canonicalRevision().equals("latest") ? "" : workload.canonicalRevision()) + ";"
                        + mesh.clusterId;
        boolean mutual = switch (upstream.tlsMode()) {
            case "ISTIO_MUTUAL" -> true;
            case "" ->
                workload != null
                        && workload.speaksMutualTls()
                        && !registry.peerAuthentication(workload.namespace(), workload.labels(), endpoint.port())
                                .equals("DISABLE");
            default -> false;
        };
        return map(
                "endpoint",
                map("address", Xds.address(endpoint.ip(), endpoint.port()), "health_check_config", map()),
                "health_status",
                "HEALTHY",
                "metadata",
                map(
                        "filter_metadata",
                        map(
                                "istio",
                                map("workload", names),
                                "envoy.transport_socket_match",
                                mutual ? map("tlsMode", "istio") : null)),
                "load_balancing_weight",
                1);
    }

    /** The cluster towards the application behind a port of a proxy. It follows the rule for its own service too. */
    static Map<String, Object> inbound(int target, List<Service> services, Upstream upstream) {
        List<Object> names = new ArrayList<>();
        for (Service service : services) {
            names.add(map("host", service.host(), "name", service.name(), "namespace", service.namespace()));
        }
        String config = upstream.rule()
                .filter(rule -> rule.spec().at("trafficPolicy").exists())
                .map(rule -> Registry.configPath(rule, "destination-rule"))
                .orElse(null);
        return map(
                "@type",
                Xds.CDS,
                "name",
                inboundName(target),
                "type",
                "ORIGINAL_DST",
                "connect_timeout",
                "10s",
                "lb_policy",
                "CLUSTER_PROVIDED",
                "circuit_breakers",
                map("thresholds", list(thresholds(upstream.connectionPool()))),
                "cleanup_interval",
                "9223372035s",
                "upstream_bind_config",
                map("source_address", map("address", "127.0.0.6", "port_value", 0)),
                "metadata",
                map("filter_metadata", map("istio", map("config", config, "services", names))),
                "common_lb_config",
                map(),
                "alt_stat_name",
                inboundName(target) + ";",
                "typed_extension_protocol_options",
                protocolOptions(upstream, false));
    }

    /** The name of an inbound cluster. */
    static String inboundName(int target) {
        return "inbound|" + target + "||";
    }

    /** The clusters that every proxy has. */
    static List<Map<String, Object>> fixed(boolean gateway) {
        List<Map<String, Object>> clusters = new ArrayList<>();
        clusters.add(map(
                "@type",
                Xds.CDS,
                "name",
                "BlackHoleCluster",
                "type",
                "STATIC",
                "connect_timeout",
                "10s",
                "alt_stat_name",
                "BlackHoleCluster;"));
        if (!gateway) {
            clusters.add(passthrough("InboundPassthroughCluster"));
            clusters.add(passthrough("PassthroughCluster"));
        }
        return clusters;
    }

    private static Map<String, Object> passthrough(String name) {
        String type = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
        return map(
                "@type",
                Xds.CDS,
                "name",
                name,
                "type",
                "ORIGINAL_DST",
                "connect_timeout",
                "10s",
                "lb_policy",
                "CLUSTER_PROVIDED",
                "circuit_breakers",
                map("thresholds", list(thresholds(Json.MISSING))),
                "upstream_bind_config",
                name.startsWith("Inbound") ? map("source_address", map("address", "127.0.0.6", "port_value", 0)) : null,
                "alt_stat_name",
                "PassthroughCluster;",
                "typed_extension_protocol_options",
                map(
                        type,
                        Xds.typed(
                                type,
                                "common_http_protocol_options",
                                map("idle_timeout", "300s"),
                                "use_downstream_protocol_config",
                                map("http_protocol_options", map(), "http2_protocol_options", map()))));
    }
}
