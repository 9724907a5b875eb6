package dev.meshdx.envoy;

import dev.meshdx.envoy.admin.ProxyNode;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the proxy was started with: who it is, and which versions run. Immutable. */
public final class Bootstrap {
    private final Json raw;
    private final List<Inconclusive> gaps;

    Bootstrap(Json raw, List<Inconclusive> gaps) {
        this.raw = raw;
        this.gaps = List.copyOf(gaps);
    }

    /** Who the proxy is. */
    public ProxyNode node() {
        return new ProxyNode(raw.at("node"));
    }

    /** The node's id: {@code sidecar~10.0.0.7~web-1.production~production.svc.cluster.local}. */
    public String nodeId() {
        return node().id();
    }

    /** {@code sidecar}, {@code router} (a gateway) or {@code waypoint}; empty where the id does not say. */
    public String nodeType() {
        return node().type();
    }

    /** The proxy's own address; empty where the id does not say. */
    public String address() {
        return node().address();
    }

    /** The pod's namespace; empty where the id does not say. */
    public String namespace() {
        return node().namespace();
    }

    /** The pod's name; empty where the id does not say. */
    public String pod() {
        return node().pod();
    }

    /** The cluster's DNS domain: {@code cluster.local}. */
    public String domain() {
        return node().domain();
    }

    /** What Istio's agent tells the control plane about the workload: labels, service account, network… */
    public Json metadata() {
        return node().metadata();
    }

    /** The version of Istio; empty where it does not say. */
    public String istioVersion() {
        return node().istioVersion();
    }

    /** The commit of Istio's proxy; empty where it does not say. */
    public String istioProxyVersion() {
        return node().istioProxyVersion();
    }

    /** The version of Envoy as istioctl writes it: {@code 1.38.0-dev/Clean/RELEASE/BoringSSL}. */
    public String envoyVersion() {
        return node().envoyVersion();
    }

    /** What could not be read. */
    public List<Inconclusive> gaps() {
        return gaps;
    }

    /** The whole bootstrap as Envoy prints it. */
    public Json raw() {
        return raw;
    }

    /** One row: {@code istioVersion}, {@code istioProxyVersion}, {@code envoyVersion}; none where there is no bootstrap. */
    public List<Map<String, String>> rows() {
        if (!raw.exists()) {
            return List.of();
        }
        Map<String, String> row = new LinkedHashMap<>();
        row.put("istioVersion", istioVersion());
        row.put("istioProxyVersion", istioProxyVersion());
        // istioctl writes zeros where the proxy does not say.
        row.put("envoyVersion", envoyVersion().isEmpty() ? "0.0.0" : envoyVersion());
        return List.of(java.util.Collections.unmodifiableMap(row));
    }

    /** One line. */
    @Override
    public String toString() {
        return raw.exists() ? nodeId() + ", Istio " + istioVersion() + ", Envoy " + envoyVersion() : "no bootstrap";
    }
}
