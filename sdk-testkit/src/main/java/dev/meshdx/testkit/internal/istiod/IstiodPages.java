package dev.meshdx.testkit.internal.istiod;

import static dev.meshdx.testkit.internal.mesh.Doc.list;
import static dev.meshdx.testkit.internal.mesh.Doc.map;

import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.testkit.internal.ClusterState;
import dev.meshdx.testkit.internal.Page;
import dev.meshdx.testkit.internal.mesh.Cluster;
import dev.meshdx.testkit.internal.mesh.Doc;
import dev.meshdx.testkit.internal.mesh.IstiodSpec;
import dev.meshdx.testkit.internal.mesh.MeshSpec;
import dev.meshdx.testkit.internal.mesh.Registry;
import dev.meshdx.testkit.internal.mesh.Registry.Endpoint;
import dev.meshdx.testkit.internal.mesh.Registry.Port;
import dev.meshdx.testkit.internal.mesh.Registry.Service;
import dev.meshdx.testkit.internal.mesh.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** What an istiod answers on its debug and monitoring port (15014) and on 8080. The form is that of a current istiod. */
final class IstiodPages {
    private static final List<String> TYPES = List.of(Xds.CDS, Xds.EDS, Xds.LDS, Xds.RDS);

    private final Cluster cluster;
    private final IstiodSpec istiod;
    private final Registry registry;
    private final List<Proxy> proxies;
    private final SentPages sent;

    /** The pages of one control plane; each of its pods answers for the proxies that are connected to it. */
    IstiodPages(Cluster cluster, IstiodSpec istiod, Push current, List<Proxy> proxies) {
        this.cluster = cluster;
        this.istiod = istiod;
        this.registry = current.registry();
        this.proxies = List.copyOf(proxies);
        this.sent = new SentPages(this.proxies, current);
    }

    void serve(ClusterState state, String pod) {
        for (int port : new int[] {15014, 8080}) {
            page(state, pod, port, "/debug/syncz", Page.json(this::syncz));
            page(state, pod, port, "/debug/adsz", Page.json(this::adsz));
            page(state, pod, port, "/debug/connections", Page.json(this::connections));
            page(state, pod, port, "/debug/config_dump", sent.configDump());
            page(state, pod, port, "/debug/edsz", sent.endpoints());
            page(state, pod, port, "/debug/endpointz", Page.json(this::endpointz));
            page(state, pod, port, "/debug/configz", Page.json(this::configz));
            page(state, pod, port, "/debug/mesh", Page.json(this::mesh));
            page(state, pod, port, "/debug/push_status", Page.json("{\"ProxyStatus\":{}}"));
        }
        page(state, pod, 15014, "/version", Page.text(istiod.version + "-" + revision() + "-Clean"));
        page(state, pod, 15014, "/metrics", Page.text(this::metrics));
        page(state, pod, 8080, "/ready", Page.text(""));
    }

    private static void page(ClusterState state, String pod, int port, String path, Page page) {
        state.page(MeshSpec.ROOT_NAMESPACE, pod, port, path, page);
    }

    private String revision() {
        return cluster.names().hex("istio", istiod.version).substring(0, 40);
    }

    private String syncz() {
        List<Object> all = new ArrayList<>();
        for (Proxy proxy : proxies) {
            Map<String, Object> entry = map(
                    "cluster_id",
                    cluster.spec().clusterId,
                    "proxy",
                    proxy.id(),
                    "proxy_type",
                    proxy.type(),
                    "istio_version",
                    proxy.version());
            Map<String, Object> resources = map();
            for (String type : TYPES) {
                String sent = proxy.nonce(proxy.sentVersion(), type);
                String acked = proxy.nonce(proxy.ackedVersion(type), type);
                String name = Map.of(Xds.CDS, "cluster", Xds.EDS, "endpoint", Xds.LDS, "listener", Xds.RDS, "route")
                        .getOrDefault(type, "");
                entry.put(name + "_sent", sent);
                entry.put(name + "_acked", acked);
                String rejection = proxy.rejection(type);
                resources.put(
                        type,
                        map(
                                "sent",
                                sent,
                                "acked",
                                acked,
                                "sentTime",
                                proxy.sentAt(proxy.sentVersion()).toString(),
                                "lastError",
                                rejection.isEmpty() ? null : rejection + "\n"));
            }
            entry.put("resources", resources);
            all.add(entry);
        }
        return Doc.json(all);
    }

    private String adsz() {
        List<Object> clients = new ArrayList<>();
        for (Proxy proxy : proxies) {
            Workload workload = proxy.workload();
            List<Object> clusters = new ArrayList<>();
            proxy.clusters().forEach(each -> clusters.add(each.get("name")));
            List<Object> listeners = new ArrayList<>();
            proxy.listeners().forEach(each -> listeners.add(each.get("name")));
            clients.add(map(
                    "connectionId",
                    sent.connection(proxy),
                    "connectedAt",
                    cluster.times().started().plusMillis(350).toString(),
                    "address",
                    address(workload),
                    "labels",
                    workload.labels(),
                    "metadata",
                    Bootstrap.metadata(proxy),
                    "locality",
                    Cluster.locality(workload.node()),
                    "watches",
                    map(
                            Xds.CDS,
                            clusters,
                            Xds.EDS,
                            new ArrayList<>(proxy.assignments().keySet()),
                            Xds.LDS,
                            listeners,
                            Xds.RDS,
                            new ArrayList<>(proxy.routes().keySet()))));
        }
        return Doc.json(map("totalClients", clients.size(), "clients", clients));
    }

    private String address(Workload workload) {
        return workload.ip() + ":" + (30000 + cluster.names().number(20000, "xds", workload.id()));
    }

    private String connections() {
        List<Object> clients = new ArrayList<>();
        for (Proxy proxy : proxies) {
            clients.add(map(
                    "connectionId",
                    sent.connection(proxy),
                    "connectedAt",
                    cluster.times().started().plusMillis(350).toString(),
                    "address",
                    address(proxy.workload())));
        }
        return Doc.json(map("totalClients", clients.size(), "clients", clients));
    }

    private String endpointz() {
        Map<String, Object> all = map();
        String shard = "Kubernetes/" + cluster.spec().clusterId;
        for (Service service : registry.services()) {
            List<Object> endpoints = new ArrayList<>();
            TreeSet<String> identities = new TreeSet<>();
            for (Port port : service.ports()) {
                for (Endpoint endpoint : service.endpoints().getOrDefault(port.number(), List.of())) {
                    Workload workload = endpoint.workload();
                    String identity = workload == null ? "" : workload.identity(cluster.spec().trustDomain);
                    if (!identity.isEmpty()) {
                        identities.add(identity);
                    }
                    endpoints.add(map(
                            "Labels",
                            endpoint.labels(),
                            "Addresses",
                            list(endpoint.ip()),
                            "ServicePortName",
                            port.name(),
                            "ServiceAccount",
                            identity,
                            "Network",
                            "",
                            "Locality",
                            map("Label", "", "ClusterID", cluster.spec().clusterId),
                            "EndpointPort",
                            endpoint.port(),
                            "TLSMode",
                            workload != null && workload.speaksMutualTls() ? "istio" : "disabled",
                            "Namespace",
                            service.namespace(),
                            "WorkloadName",
                            workload == null ? "" : workload.workloadName(),
                            "HealthStatus",
                            1,
                            "NodeName",
                            endpoint.node()));
                }
            }
            Map<String, Object> accounts = map();
            identities.forEach(identity -> accounts.put(identity, map()));
            all.put(
                    service.host(),
                    map(service.namespace(), map("Shards", map(shard, endpoints), "ServiceAccounts", accounts)));
        }
        return Doc.json(all);
    }

    private String configz() {
        List<Object> all = new ArrayList<>();
        for (ResourceKind kind : ResourceKind.known()) {
            if (kind.group().endsWith("istio.io")) {
                for (Resource object : cluster.state().list(kind, "")) {
                    all.add(map(
                            "kind",
                            kind.kind(),
                            "apiVersion",
                            kind.group() + "/v1",
                            "metadata",
                            object.raw().at("metadata"),
                            "spec",
                            object.spec()));
                }
            }
        }
        return Doc.json(all);
    }

    private String mesh() {
        return Doc.json(map(
                "proxyListenPort",
                15001,
                "proxyInboundListenPort",
                15006,
                "connectTimeout",
                "10s",
                "protocolDetectionTimeout",
                "0s",
                "accessLogFile",
                "/dev/stdout",
                "defaultConfig",
                map("discoveryAddress", istiod.name() + ".istio-system.svc:15012", "proxyAdminPort", 15000),
                "outboundTrafficPolicy",
                map("mode", cluster.spec().registryOnly ? "REGISTRY_ONLY" : "ALLOW_ANY"),
                "enableAutoMtls",
                true,
                "trustDomain",
                cluster.spec().trustDomain,
                "rootNamespace",
                MeshSpec.ROOT_NAMESPACE));
    }

    private String metrics() {
        StringBuilder text = new StringBuilder();
        long expiry = cluster.authority().root().to().getEpochSecond();
        metric(text, "citadel_server_root_cert_expiry_timestamp", "gauge", "", expiry);
        metric(text, "citadel_server_success_cert_issuance_count", "counter", "", proxies.size());
        metric(text, "istio_build", "gauge", "{component=\"pilot\",tag=\"" + istiod.version + "\"}", 1);
        metric(text, "pilot_conflict_inbound_listener", "gauge", "", 0);
        metric(text, "pilot_info", "gauge", "{version=\"" + istiod.version + "\"}", 1);
        metric(text, "pilot_services", "gauge", "", registry.services().size());
        metric(
                text,
                "pilot_virt_services",
                "gauge",
                "",
                registry.list(ResourceKind.VIRTUAL_SERVICE).size());
        metric(text, "pilot_xds", "gauge", "{version=\"" + istiod.version + "\"}", proxies.size());
        text.append("# TYPE pilot_xds_pushes counter\n");
        for (String type : List.of("cds", "eds", "lds", "rds")) {
            text.append("pilot_xds_pushes{type=\"")
                    .append(type)
                    .append("\"} ")
                    .append(proxies.size())
                    .append('\n');
        }
        for (String type : List.of(Xds.CDS, Xds.LDS)) {
            List<Proxy> refusing = proxies.stream()
                    .filter(proxy -> !proxy.refused(type).isEmpty())
                    .toList();
            if (refusing.isEmpty()) {
                continue;
            }
            String gauge = type.equals(Xds.CDS) ? "pilot_xds_cds_reject" : "pilot_xds_lds_reject";
            metric(text, "pilot_total_xds_rejects", "counter", "{type=\"" + type + "\"}", refusing.size());
            text.append("# TYPE ").append(gauge).append(" gauge\n");
            for (Proxy proxy : refusing) {
                text.append(gauge)
                        .append("{err=\"Internal\",node=\"")
                        .append(proxy.id())
                        .append("\"} 1\n");
            }
        }
        metric(text, "process_resident_memory_bytes", "gauge", "", 188_743_680L);
        metric(
                text,
                "process_start_time_seconds",
                "gauge",
                "",
                cluster.times().created().getEpochSecond());
        return text.append(istiod.metrics).toString();
    }

    private static void metric(StringBuilder text, String name, String type, String labels, long value) {
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
        text.append(name).append(labels).append(' ').append(value).append('\n');
    }
}
