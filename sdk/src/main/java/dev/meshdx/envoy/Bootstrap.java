package dev.meshdx.envoy;

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

    private Json node() {
        return raw.at("node");
    }

    /** The node's id: {@code sidecar~10.0.0.7~web-1.production~production.svc.cluster.local}. */
    public String nodeId() {
        return node().at("id").text("");
    }

    private String idPart(int index) {
        String[] parts = nodeId().split("~", -1);
        return parts.length > index ? parts[index] : "";
    }

    /** {@code sidecar}, {@code router} (a gateway) or {@code waypoint}; empty where the id does not say. */
    public String nodeType() {
        return nodeId().contains("~") ? idPart(0) : "";
    }

    /** The proxy's own address; empty where the id does not say. */
    public String address() {
        return idPart(1);
    }

    /** The pod's namespace; empty where the id does not say. */
    public String namespace() {
        String pod = idPart(2);
        int dot = pod.lastIndexOf('.');
        return dot < 0 ? "" : pod.substring(dot + 1);
    }

    /** The pod's name; empty where the id does not say. */
    public String pod() {
        String pod = idPart(2);
        int dot = pod.lastIndexOf('.');
        return dot < 0 ? "" : pod.substring(0, dot);
    }

    /** The cluster's DNS domain: {@code cluster.local}. */
    public String domain() {
        String domain = idPart(3);
        int svc = domain.indexOf(".svc.");
        return svc < 0 ? "cluster.local" : domain.substring(svc + 5);
    }

    /** What Istio's agent tells the control plane about the workload: labels, service account, network… */
    public Json metadata() {
        return node().at("metadata");
    }

    /** The version of Istio; empty where it does not say. */
    public String istioVersion() {
        return metadata().at("ISTIO_VERSION").text("");
    }

    /** The commit of Istio's proxy; empty where it does not say. */
    public String istioProxyVersion() {
        String sha = metadata().at("ISTIO_PROXY_SHA").text("");
        return sha.substring(sha.indexOf(':') + 1);
    }

    /** The version of Envoy as istioctl writes it: {@code 1.38.0-dev/Clean/RELEASE/BoringSSL}. */
    public String envoyVersion() {
        Json build = node().at("user_agent_build_version");
        if (!build.exists()) {
            return "";
        }
        Json number = build.at("version");
        Json about = build.at("metadata");
        StringBuilder text = new StringBuilder()
                .append(number.at("major_number").number(0))
                .append('.')
                .append(number.at("minor_number").number(0))
                .append('.')
                .append(number.at("patch").number(0));
        about.at("build.label").text().ifPresent(label -> text.append('-').append(label));
        for (String name : List.of("revision.status", "build.type", "ssl.version")) {
            about.at(name).text().ifPresent(value -> text.append('/').append(value));
        }
        return text.toString();
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
