package dev.meshdx.testkit.internal.istiod;

import static dev.meshdx.testkit.internal.mesh.Doc.list;
import static dev.meshdx.testkit.internal.mesh.Doc.map;

import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.testkit.internal.ConfigDumpPage;
import dev.meshdx.testkit.internal.ConfigDumpPage.Section;
import dev.meshdx.testkit.internal.Page;
import dev.meshdx.testkit.internal.mesh.Authority;
import dev.meshdx.testkit.internal.mesh.Doc;
import dev.meshdx.testkit.internal.mesh.Times;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a proxy's {@code /config_dump} holds. Source: Envoy, {@code admin/v3/config_dump.proto}. */
final class ConfigDump {
    private final Proxy proxy;

    ConfigDump(Proxy proxy) {
        this.proxy = proxy;
    }

    Page page() {
        return ConfigDumpPage.of(this::sections);
    }

    @SuppressWarnings("unchecked") // documents are maps with text keys
    private static Map<String, Object> asMap(Object value) {
        return (Map<String, Object>) value;
    }

    private static List<?> items(Object config, String field) {
        return asMap(config).get(field) instanceof List<?> list ? list : List.of();
    }

    private List<Section> sections() {
        String started = Times.millis(proxy.cluster().times().started());
        return List.of(
                new Section("Bootstrap", () -> map("bootstrap", Bootstrap.of(proxy), "last_updated", started)),
                new Section("Clusters", () -> clusters(started)),
                new Section("Endpoints", this::endpoints),
                new Section("Listeners", () -> listeners(started)),
                new Section("ScopedRoutes", Map::of),
                new Section("Routes", () -> routes(started)),
                new Section("Secrets", this::secrets));
    }

    private Map<String, Object> clusters(String started) {
        String updated = proxy.updated(Xds.CDS);
        List<Object> dynamic = new ArrayList<>();
        List<Object> warming = new ArrayList<>();
        for (Map<String, Object> cluster : proxy.clusters()) {
            boolean waits = proxy.warming(String.valueOf(cluster.get("name")));
            (waits ? warming : dynamic).add(map("cluster", cluster, "last_updated", updated));
        }
        List<Object> fixed = new ArrayList<>();
        for (Object cluster : Bootstrap.staticClusters()) {
            fixed.add(map("cluster", withType(Xds.CDS, cluster), "last_updated", started));
        }
        return map(
                "version_info",
                proxy.ackedVersion(Xds.CDS),
                "static_clusters",
                fixed,
                "dynamic_active_clusters",
                dynamic,
                "dynamic_warming_clusters",
                Doc.unlessEmpty(warming));
    }

    private static Map<String, Object> withType(String type, Object object) {
        Map<String, Object> typed = map("@type", type);
        typed.putAll(asMap(object));
        return typed;
    }

    private Map<String, Object> endpoints() {
        List<Object> fixed = new ArrayList<>();
        for (Object cluster : Bootstrap.staticClusters()) {
            Json assignment = Json.of(cluster).at("load_assignment");
            Json endpoint =
                    assignment.at("endpoints").at(0).at("lb_endpoints").at(0).at("endpoint");
            fixed.add(map(
                    "endpoint_config",
                    Clusters.assignment(
                            assignment.at("cluster_name").text(""),
                            list(map(
                                    "locality",
                                    map(),
                                    "lb_endpoints",
                                    list(map(
                                            "endpoint",
                                            map("address", endpoint.at("address"), "health_check_config", map()),
                                            "health_status",
                                            "HEALTHY",
                                            "load_balancing_weight",
                                            1)))))));
        }
        List<Object> dynamic = new ArrayList<>();
        for (Map<String, Object> cluster : Clusters.fixed(proxy.workload().gateway())) {
            dynamic.add(map("endpoint_config", Clusters.assignment(String.valueOf(cluster.get("name")), List.of())));
        }
        for (int port : proxy.inboundPorts()) {
            String name = Clusters.inboundName(port);
            String ip = proxy.workload().ip();
            dynamic.add(map(
                    "endpoint_config",
                    Clusters.assignment(
                            name,
                            list(map(
                                    "locality",
                                    map(),
                                    "lb_endpoints",
                                    list(map(
                                            "endpoint",
                                            map(
                                                    "address",
                                                    Xds.address(ip, port),
                                                    "health_check_config",
                                                    map(),
                                                    "hostname",
                                                    name + ip + ":" + port),
                                            "health_status",
                                            "HEALTHY",
                                            "load_balancing_weight",
                                            1)))))));
        }
        proxy.assignments().forEach((cluster, assignment) -> {
            if (!proxy.warming(cluster)) {
                dynamic.add(map("endpoint_config", proxy.here(assignment)));
            }
        });
        return map("static_endpoint_configs", fixed, "dynamic_endpoint_configs", dynamic);
    }

    private Map<String, Object> listeners(String started) {
        String updated = proxy.updated(Xds.LDS);
        String attempted = Times.millis(proxy.sentAt(proxy.sentVersion()).plusMillis(40));
        Map<String, String> refused = new LinkedHashMap<>(proxy.refused(Xds.LDS));
        List<Object> dynamic = new ArrayList<>();
        List<Object> nameless = new ArrayList<>();
        for (Map<String, Object> listener : proxy.listeners()) {
            String name = String.valueOf(listener.get("name"));
            Map<String, Object> state = map("listener", listener, "last_updated", updated);
            boolean waits = proxy.warming(name);
            String reason = refused.remove(name);
            if (reason != null) {
                nameless.add(refusal(listener, null, reason));
            }
            dynamic.add(map(
                    "name",
                    name,
                    "active_state",
                    waits ? null : state,
                    "warming_state",
                    waits ? state : null,
                    "draining_state",
                    proxy.hints().draining.contains(name) ? map("listener", listener, "last_updated", started) : null,
                    "error_state",
                    reason == null ? null : refusal(listener, attempted, reason).get("error_state")));
        }
        refused.forEach((name, reason) -> {
            Map<String, Object> listener = map("@type", Xds.LDS, "name", name);
            Map<String, Object> entry = map("name", name);
            entry.putAll(refusal(listener, attempted, reason));
            dynamic.add(entry);
            nameless.add(refusal(listener, null, reason));
        });
        dynamic.addAll(nameless);
        List<Object> fixed = new ArrayList<>();
        for (Object listener : Bootstrap.staticListeners()) {
            fixed.add(map("listener", withType(Xds.LDS, listener), "last_updated", started));
        }
        return map(
                "version_info", proxy.ackedVersion(Xds.LDS), "static_listeners", fixed, "dynamic_listeners", dynamic);
    }

    /** Envoy notes what it refused twice: at the listener, and once more without a name for the push as a whole. */
    private static Map<String, Object> refusal(
            Map<String, Object> listener, @Nullable String attempted, String reason) {
        return map(
                "error_state",
                map("failed_configuration", listener, "last_update_attempt", attempted, "details", reason));
    }

    private Map<String, Object> routes(String started) {
        List<Object> fixed = new ArrayList<>();
        fixed.add(map(
                "route_config",
                withType(Xds.RDS, Bootstrap.backend("/healthz/ready", "agent")),
                "last_updated",
                started));
        fixed.add(map(
                "route_config",
                withType(Xds.RDS, Bootstrap.backend("/stats/prometheus", "prometheus_stats")),
                "last_updated",
                started));
        String updated = proxy.updated(Xds.LDS);
        for (Map<String, Object> listener : proxy.listeners()) {
            for (Object chain : items(listener, "filter_chains")) {
                for (Object filter : items(chain, "filters")) {
                    if (asMap(filter).get("typed_config") instanceof Map<?, ?> config
                            && config.get("route_config") instanceof Map<?, ?> inline) {
                        fixed.add(map("route_config", withType(Xds.RDS, inline), "last_updated", updated));
                    }
                }
            }
        }
        String routesUpdated = proxy.updated(Xds.RDS);
        List<Object> dynamic = new ArrayList<>();
        proxy.routes()
                .values()
                .forEach(route -> dynamic.add(map("route_config", route, "last_updated", routesUpdated)));
        return map("static_route_configs", fixed, "dynamic_route_configs", Doc.unlessEmpty(dynamic));
    }

    private Map<String, Object> secrets() {
        String type = "envoy.extensions.transport_sockets.tls.v3.Secret";
        Times times = proxy.cluster().times();
        String version = Times.seconds(times.started());
        String updated = Times.millis(times.started().plusMillis(690));
        List<Object> active = new ArrayList<>();
        active.add(map(
                "name",
                "default",
                "version_info",
                version + "/1",
                "last_updated",
                updated,
                "secret",
                Xds.typed(
                        type,
                        "name",
                        "default",
                        "tls_certificate",
                        map(
                                "certificate_chain",
                                map(
                                        "inline_bytes",
                                        Authority.base64(proxy.certificate().pem())),
                                "private_key",
                                map("inline_bytes", Authority.base64("[redacted]"))))));
        active.add(map(
                "name",
                "ROOTCA",
                "version_info",
                version + "/2",
                "last_updated",
                updated,
                "secret",
                Xds.typed(
                        type,
                        "name",
                        "ROOTCA",
                        "validation_context",
                        map(
                                "trusted_ca",
                                map(
                                        "inline_bytes",
                                        Authority.base64(
                                                proxy.authority().root().pem()))))));
        List<Object> warming = new ArrayList<>();
        for (String name : credentials()) {
            String full = "kubernetes://" + name;
            Optional<Map<String, Object>> content = content(name);
            if (content.isPresent()) {
                Map<String, Object> secret = Xds.typed(type, "name", full);
                secret.putAll(content.get());
                active.add(
                        map("name", full, "version_info", version + "/3", "last_updated", updated, "secret", secret));
            } else {
                warming.add(map(
                        "name",
                        full,
                        "version_info",
                        "uninitialized",
                        "last_updated",
                        updated,
                        "secret",
                        Xds.typed(type, "name", full)));
            }
        }
        return map("dynamic_active_secrets", active, "dynamic_warming_secrets", Doc.unlessEmpty(warming));
    }

    /** What istiod makes of the Secret for a credential. Source: Istio, "Secure Gateways", key formats. */
    private Optional<Map<String, Object>> content(String name) {
        Optional<Json> data = secret(name);
        if (!name.endsWith("-cacert")) {
            return data.map(fields -> map(
                    "tls_certificate",
                    map(
                            "certificate_chain",
                            map(
                                    "inline_bytes",
                                    fields.at("tls.crt").text(fields.at("cert").text(""))),
                            "private_key",
                            map("inline_bytes", Authority.base64("[redacted]")))));
        }
        return data.or(() -> secret(name.substring(0, name.length() - "-cacert".length())))
                .flatMap(fields ->
                        fields.at("ca.crt").text().or(() -> fields.at("cacert").text()))
                .map(ca -> map("validation_context", map("trusted_ca", map("inline_bytes", ca))));
    }

    private Optional<Json> secret(String name) {
        return proxy.cluster()
                .state()
                .find(ResourceKind.SECRET, proxy.workload().namespace(), name)
                .map(secret -> secret.raw().at("data"));
    }

    private Set<String> credentials() {
        Set<String> names = new LinkedHashSet<>();
        if (proxy.workload().gateway()) {
            for (GatewayServer server : GatewayServer.of(proxy.registry(), proxy.workload())) {
                server.server().at("tls", "credentialName").text().ifPresent(name -> {
                    names.add(name);
                    if (server.mutual()) {
                        names.add(name + "-cacert");
                    }
                });
            }
        }
        return names;
    }
}
