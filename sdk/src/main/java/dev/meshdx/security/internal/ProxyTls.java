package dev.meshdx.security.internal;

import dev.meshdx.configuration.ClientTlsMode;
import dev.meshdx.configuration.MtlsMode;
import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceRef;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What matters for TLS in a proxy's configuration.
 *
 * @param clusters by name
 * @param endpoints of a cluster: address and port, and whether the endpoint is known to take mutual TLS
 * @param inbound mode by port of the workload; 0 for ports that are not declared; empty for a proxy without inbound listener
 * @param secrets in the order of the dump
 */
record ProxyTls(
        Map<String, ClusterTls> clusters,
        Map<String, Map<String, Boolean>> endpoints,
        Map<Integer, MtlsMode> inbound,
        List<HeldSecret> secrets) {

    /**
     * An upstream cluster.
     *
     * @param mode what it does to connections
     * @param rule the DestinationRule that its metadata names
     * @param socket what was seen, for evidence
     */
    record ClusterTls(ClientTlsMode mode, Optional<ResourceRef> rule, String socket) {}

    /**
     * A secret as the proxy holds it, without any private key.
     *
     * @param name {@code default}, {@code ROOTCA}, {@code kubernetes://…}
     * @param warming whether the proxy still waits for it
     * @param certificateChain where it is a certificate: PEM text, or what stands instead of it
     * @param validation where it is a set of roots: the validation context
     */
    record HeldSecret(String name, boolean warming, Json certificateChain, Json validation) {}

    /** The mode of a port; empty where the proxy has no inbound listener. */
    Optional<MtlsMode> inboundMode(int port) {
        MtlsMode own = inbound.get(port);
        return Optional.ofNullable(own == null ? inbound.get(0) : own);
    }

    /** The name of the cluster for a service's port. Source: istiod, {@code BuildSubsetKey}. */
    static String clusterName(String host, int port, String subset) {
        return "outbound|" + port + "|" + subset + "|" + host;
    }
}
