package dev.meshdx.security.internal;

import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.security.ClientTlsMode;
import dev.meshdx.security.MtlsMode;
import dev.meshdx.security.internal.ProxyTls.ClusterTls;
import dev.meshdx.security.internal.ProxyTls.HeldSecret;
import dev.meshdx.source.PodRequest;
import dev.meshdx.source.Session;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Reads what matters for TLS from {@code /config_dump}. Source: Envoy, "Administration interface" and
 * {@code admin/v3/config_dump.proto}; defaults are left out there, so what is absent has its default.
 */
final class ProxyTlsReader {
    private static final String TLS_SOCKET = "envoy.transport_sockets.tls";

    private ProxyTlsReader() {}

    /**
     * Asks a proxy, once a session.
     *
     * @throws dev.meshdx.error.MeshException if it does not answer
     */
    static ProxyTls read(Session session, ResourceRef pod) {
        return session.once(
                List.of("proxy-tls", pod),
                pod.name() + " TLS",
                () -> parse(session.json(PodRequest.envoy(pod.namespace(), pod.name(), "/config_dump?include_eds"))));
    }

    static ProxyTls parse(Json dump) {
        Map<String, ClusterTls> clusters = new HashMap<>();
        Map<String, Map<String, Boolean>> endpoints = new HashMap<>();
        Map<Integer, MtlsMode> inbound = new TreeMap<>();
        List<HeldSecret> secrets = new ArrayList<>();
        for (Json section : dump.at("configs").items()) {
            String type = section.at("@type").text("");
            switch (type.substring(type.lastIndexOf('.') + 1)) {
                case "ClustersConfigDump" -> clusters(section, clusters);
                case "EndpointsConfigDump" -> endpoints(section, endpoints);
                case "ListenersConfigDump" -> listeners(section, inbound);
                case "SecretsConfigDump" -> secrets(section, secrets);
                default -> {}
            }
        }
        return new ProxyTls(clusters, endpoints, inbound, secrets);
    }

    private static void clusters(Json section, Map<String, ClusterTls> clusters) {
        for (Json entry : section.at("dynamic_active_clusters").items()) {
            Json cluster = entry.at("cluster");
            String name = cluster.at("name").text("");
            if (name.startsWith("outbound|")) {
                clusters.put(name, cluster(cluster));
            }
        }
    }

    private static ClusterTls cluster(Json cluster) {
        Optional<ResourceRef> rule = rule(
                cluster.at("metadata", "filter_metadata", "istio", "config").text(""));
        List<String> matches = cluster.at("transport_socket_matches").items().stream()
                .map(match -> match.at("name").text(""))
                .toList();
        if (!matches.isEmpty()) {
            boolean tls = cluster.at("transport_socket_matches").items().stream()
                    .anyMatch(match ->
                            match.at("transport_socket", "name").text("").equals(TLS_SOCKET));
            return new ClusterTls(
                    tls ? ClientTlsMode.AUTO : ClientTlsMode.PLAINTEXT, rule, "transport_socket_matches " + matches);
        }
        Json socket = cluster.at("transport_socket");
        if (!socket.at("name").text("").equals(TLS_SOCKET)) {
            return new ClusterTls(ClientTlsMode.PLAINTEXT, rule, "no transport_socket, no transport_socket_matches");
        }
        Json context = socket.at("typed_config", "common_tls_context");
        List<String> certificates = new ArrayList<>();
        context.at("tls_certificate_sds_secret_configs")
                .items()
                .forEach(secret -> certificates.add(secret.at("name").text("")));
        String seen = "transport_socket tls with certificate " + certificates;
        if (certificates.contains("default")) {
            return new ClusterTls(ClientTlsMode.ISTIO_MUTUAL, rule, seen);
        }
        boolean own = !certificates.isEmpty() || context.at("tls_certificates").size() > 0;
        return new ClusterTls(own ? ClientTlsMode.MUTUAL : ClientTlsMode.SIMPLE, rule, seen);
    }

    /** From {@code /apis/networking.istio.io/v1/namespaces/NS/destination-rule/NAME}. */
    private static Optional<ResourceRef> rule(String config) {
        String[] parts = config.split("/", -1);
        return parts.length == 8 && parts[6].equals("destination-rule")
                ? Optional.of(ResourceRef.of("DestinationRule", parts[5], parts[7]))
                : Optional.empty();
    }

    private static void endpoints(Json section, Map<String, Map<String, Boolean>> endpoints) {
        for (String list : List.of("static_endpoint_configs", "dynamic_endpoint_configs")) {
            for (Json entry : section.at(list).items()) {
                Json assignment = entry.at("endpoint_config");
                String name = assignment.at("cluster_name").text("");
                if (!name.startsWith("outbound|")) {
                    continue;
                }
                Map<String, Boolean> byAddress = endpoints.computeIfAbsent(name, any -> new LinkedHashMap<>());
                for (Json locality : assignment.at("endpoints").items()) {
                    for (Json endpoint : locality.at("lb_endpoints").items()) {
                        Json address = endpoint.at("endpoint", "address", "socket_address");
                        Json match = endpoint.at("metadata", "filter_metadata", "envoy.transport_socket_match");
                        boolean tls = match.at("tlsMode").text("").equals("istio")
                                || match.at("tunnel").text("").equals("http");
                        byAddress.put(
                                address.at("address").text("") + ":"
                                        + address.at("port_value").number(0),
                                tls);
                    }
                }
            }
        }
    }

    /**
     * Groups the inbound listener's filter chains by port: those with TLS take mutual TLS, those that match anything or
     * {@code raw_buffer} take plain text.
     */
    private static void listeners(Json section, Map<Integer, MtlsMode> inbound) {
        for (Json entry : section.at("dynamic_listeners").items()) {
            Json listener = entry.at("active_state", "listener");
            if (!listener.at("name").text("").equals("virtualInbound")) {
                continue;
            }
            Map<Integer, List<Json>> byPort = new TreeMap<>();
            for (Json chain : listener.at("filter_chains").items()) {
                int port =
                        (int) chain.at("filter_chain_match", "destination_port").number(0);
                byPort.computeIfAbsent(port, any -> new ArrayList<>()).add(chain);
            }
            byPort.forEach((port, chains) -> inbound.put(port, mode(chains)));
        }
    }

    private static MtlsMode mode(List<Json> chains) {
        boolean mutual = false;
        boolean plain = false;
        boolean own = false;
        for (Json chain : chains) {
            Json socket = chain.at("transport_socket");
            boolean tls = socket.at("name").text("").equals(TLS_SOCKET);
            if (tls && socket.at("typed_config", "require_client_certificate").bool(false)) {
                mutual = true;
            } else if (tls) {
                own = true;
            } else if (!chain.at("filter_chain_match", "transport_protocol")
                    .text("")
                    .equals("tls")) {
                plain = true;
            }
        }
        if (own) {
            // TLS of the user's own, from Sidecar.ingress.tls: not the mesh's business.
            return MtlsMode.UNKNOWN;
        }
        return mutual ? (plain ? MtlsMode.PERMISSIVE : MtlsMode.STRICT) : MtlsMode.DISABLE;
    }

    private static void secrets(Json section, List<HeldSecret> secrets) {
        for (String list : List.of("static_secrets", "dynamic_active_secrets", "dynamic_warming_secrets")) {
            for (Json entry : section.at(list).items()) {
                Json secret = entry.at("secret");
                secrets.add(new HeldSecret(
                        entry.at("name").text(secret.at("name").text("")),
                        list.equals("dynamic_warming_secrets"),
                        secret.at("tls_certificate", "certificate_chain"),
                        secret.at("validation_context")));
            }
        }
    }
}
