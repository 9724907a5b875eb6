package dev.meshdx.security.internal;

import dev.meshdx.configuration.ClientTlsMode;
import dev.meshdx.configuration.MtlsMode;
import dev.meshdx.envoy.Cluster;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.Endpoint;
import dev.meshdx.envoy.FilterChain;
import dev.meshdx.envoy.Listener;
import dev.meshdx.envoy.ProxySecret;
import dev.meshdx.envoy.ResourceState;
import dev.meshdx.envoy.TrafficDirection;
import dev.meshdx.envoy.UpstreamTls;
import dev.meshdx.envoy.UpstreamTlsMode;
import dev.meshdx.error.MeshException;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.security.internal.ProxyTls.ClusterTls;
import dev.meshdx.security.internal.ProxyTls.HeldSecret;
import dev.meshdx.source.Session;
import java.time.Instant;
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
public final class ProxyTlsReader {
    private ProxyTlsReader() {}

    /**
     * Asks a proxy, once a session, and lets go of its dump: those of a whole mesh would fill the memory.
     *
     * @throws dev.meshdx.error.MeshException if it does not answer
     */
    static ProxyTls read(Session session, ResourceRef pod) {
        return session.once(List.of("proxy-tls", pod), pod.name() + " TLS", () -> {
            ProxyTls tls = parse(ConfigDump.read(session, pod.namespace(), pod.name()));
            ConfigDump.release(session, pod.namespace(), pod.name());
            return tls;
        });
    }

    /** Asks a proxy for the sake of later readers, who also get the exception if it does not answer. */
    public static void prepare(Session session, ResourceRef pod) {
        try {
            read(session, pod);
        } catch (MeshException e) {
            // Kept by the session for whoever reads.
            return;
        }
    }

    static ProxyTls parse(ConfigDump dump) {
        Map<String, ClusterTls> clusters = new HashMap<>();
        for (Cluster cluster :
                dump.clusters().direction(TrafficDirection.OUTBOUND).state(ResourceState.ACTIVE)) {
            clusters.put(cluster.name(), cluster(cluster));
        }
        Map<String, Map<String, Boolean>> endpoints = new HashMap<>();
        for (Endpoint endpoint : dump.endpoints()) {
            if (endpoint.cluster().startsWith("outbound|")) {
                endpoints
                        .computeIfAbsent(endpoint.cluster(), any -> new LinkedHashMap<>())
                        .put(endpoint.target(), takesTls(endpoint));
            }
        }
        Map<Integer, MtlsMode> inbound = new TreeMap<>();
        for (Listener listener : dump.listeners().named("virtualInbound").state(ResourceState.ACTIVE)) {
            inbound(listener, inbound);
        }
        List<HeldSecret> secrets = new ArrayList<>();
        for (ProxySecret secret : dump.secrets(Instant.EPOCH)) {
            HeldSecret held = new HeldSecret(
                    secret.name(),
                    secret.state() == ResourceState.WARMING,
                    secret.raw().at("tls_certificate", "certificate_chain"),
                    secret.raw().at("validation_context"));
            // A bundle of several trust domains shows as several secrets of one entry.
            if (!secrets.contains(held)) {
                secrets.add(held);
            }
        }
        return new ProxyTls(clusters, endpoints, inbound, secrets);
    }

    private static ClusterTls cluster(Cluster cluster) {
        Optional<ResourceRef> rule =
                cluster.configuredBy().filter(ref -> ref.kind().equals("DestinationRule"));
        List<UpstreamTls> matches = cluster.tlsMatches();
        if (!matches.isEmpty()) {
            boolean tls = matches.stream().anyMatch(match -> match.mode() != UpstreamTlsMode.PLAINTEXT);
            return new ClusterTls(
                    tls ? ClientTlsMode.AUTO : ClientTlsMode.PLAINTEXT,
                    rule,
                    "transport_socket_matches "
                            + matches.stream().map(UpstreamTls::name).toList());
        }
        UpstreamTls tls = cluster.tls();
        ClientTlsMode mode = switch (tls.mode()) {
            case PLAINTEXT -> ClientTlsMode.PLAINTEXT;
            case TLS -> ClientTlsMode.SIMPLE;
            case MUTUAL -> ClientTlsMode.MUTUAL;
            case ISTIO_MUTUAL -> ClientTlsMode.ISTIO_MUTUAL;
        };
        return new ClusterTls(
                mode,
                rule,
                mode == ClientTlsMode.PLAINTEXT
                        ? "no transport_socket, no transport_socket_matches"
                        : "transport_socket tls with certificate " + tls.certificateSecrets());
    }

    private static boolean takesTls(Endpoint endpoint) {
        return endpoint.tlsMode().filter(mode -> mode.equals("istio")).isPresent() || endpoint.isTunnelled();
    }

    /**
     * Groups the inbound listener's filter chains by port: those with TLS take mutual TLS, those that match anything or
     * {@code raw_buffer} take plain text.
     */
    private static void inbound(Listener listener, Map<Integer, MtlsMode> inbound) {
        Map<Integer, List<FilterChain>> byPort = new TreeMap<>();
        for (FilterChain chain : listener.filterChains()) {
            int port = chain.match().destinationPort();
            byPort.computeIfAbsent(port, any -> new ArrayList<>()).add(chain);
        }
        byPort.forEach((port, chains) -> inbound.put(port, mode(chains)));
    }

    private static MtlsMode mode(List<FilterChain> chains) {
        boolean mutual = false;
        boolean plain = false;
        boolean own = false;
        for (FilterChain chain : chains) {
            switch (chain.tlsMode()) {
                case MUTUAL -> mutual = true;
                case SIMPLE -> own = true;
                case NONE -> plain = true;
                case PASSTHROUGH -> {}
            }
        }
        if (own) {
            // TLS of the user's own, from Sidecar.ingress.tls: not the mesh's business.
            return MtlsMode.UNKNOWN;
        }
        return mutual ? (plain ? MtlsMode.PERMISSIVE : MtlsMode.STRICT) : MtlsMode.DISABLE;
    }
}
