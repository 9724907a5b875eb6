package dev.meshdx.envoy.admin;

import dev.meshdx.annotation.Internal;
import dev.meshdx.model.Json;
import java.util.List;

/**
 * Who a proxy is, as it tells the control plane: Envoy's {@code node}. Immutable; safe for use by several threads.
 *
 * <p>Source: Envoy, {@code config/core/v3/base.proto}; Istio, node ids {@code TYPE~IP~POD.NAMESPACE~DOMAIN}.
 */
public final class ProxyNode {
    private final Json raw;

    /** From the node of a bootstrap or of {@code /server_info}. */
    @Internal
    public ProxyNode(Json raw) {
        this.raw = raw;
    }

    /** Its id: {@code sidecar~10.0.0.7~web-1.production~production.svc.cluster.local}. */
    public String id() {
        return raw.at("id").text("");
    }

    private String part(int index) {
        String[] parts = id().split("~", -1);
        return parts.length > index ? parts[index] : "";
    }

    /** {@code sidecar}, {@code router} (a gateway) or {@code waypoint}; empty where the id does not say. */
    public String type() {
        return id().contains("~") ? part(0) : "";
    }

    /** The proxy's own address; empty where the id does not say. */
    public String address() {
        return part(1);
    }

    /** The pod's namespace; empty where the id does not say. */
    public String namespace() {
        String pod = part(2);
        int dot = pod.lastIndexOf('.');
        return dot < 0 ? "" : pod.substring(dot + 1);
    }

    /** The pod's name; empty where the id does not say. */
    public String pod() {
        String pod = part(2);
        int dot = pod.lastIndexOf('.');
        return dot < 0 ? "" : pod.substring(0, dot);
    }

    /** The cluster's DNS domain; {@code cluster.local} where the id does not say. */
    public String domain() {
        String domain = part(3);
        int svc = domain.indexOf(".svc.");
        return svc < 0 ? "cluster.local" : domain.substring(svc + 5);
    }

    /** What Istio's agent tells the control plane about the workload: labels, service account, network… */
    public Json metadata() {
        return raw.at("metadata");
    }

    /** Where it runs: {@code region/zone/sub-zone}; empty where it does not say. */
    public String locality() {
        Json locality = raw.at("locality");
        String text = locality.at("region").text("") + "/" + locality.at("zone").text("") + "/"
                + locality.at("sub_zone").text("");
        return text.replaceFirst("/+$", "");
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

    /** The version of Envoy as istioctl writes it: {@code 1.38.0-dev/Clean/RELEASE/BoringSSL}; empty where it does not say. */
    public String envoyVersion() {
        Json build = raw.at("user_agent_build_version");
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

    /** The whole node as Envoy prints it. */
    public Json raw() {
        return raw;
    }

    /** One line. */
    @Override
    public String toString() {
        return raw.exists() ? id() + ", Istio " + istioVersion() + ", Envoy " + envoyVersion() : "no node";
    }
}
