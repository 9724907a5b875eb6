package dev.meshdx.configuration;

import dev.meshdx.model.Json;
import java.util.List;

/**
 * The mesh's own settings. Source: Istio, "Global Mesh Options"; the defaults are those of the reference.
 *
 * @param raw the document; {@link Json#MISSING} where only the defaults are known
 * @param rootNamespace where policies for the whole mesh live
 */
public record MeshConfig(Json raw, String rootNamespace) {
    /** From a document, which may be missing. */
    public static MeshConfig of(Json raw, String istioNamespace) {
        return new MeshConfig(raw, raw.at("rootNamespace").text(istioNamespace));
    }

    /** Whether clients find out by themselves which servers speak mutual TLS. */
    public boolean autoMtls() {
        return raw.at("enableAutoMtls").bool(true);
    }

    /** To whom DestinationRules without {@code exportTo} are visible; empty for everybody. */
    public List<String> destinationRuleExportTo() {
        return raw.at("defaultDestinationRuleExportTo").texts();
    }

    /** To whom VirtualServices without {@code exportTo} are visible; empty for everybody. */
    public List<String> virtualServiceExportTo() {
        return raw.at("defaultVirtualServiceExportTo").texts();
    }

    /** To whom Services and ServiceEntries without {@code exportTo} are visible; empty for everybody. */
    public List<String> serviceExportTo() {
        return raw.at("defaultServiceExportTo").texts();
    }

    /** First part of every identity. */
    public String trustDomain() {
        return raw.at("trustDomain").text("cluster.local");
    }

    /** Trust domains that are accepted as if they were this mesh's. */
    public List<String> trustDomainAliases() {
        return raw.at("trustDomainAliases").texts();
    }

    /** Whether hosts that the mesh does not know can be reached: {@code ALLOW_ANY}, the default, or {@code REGISTRY_ONLY}. */
    public boolean allowsUnknownHosts() {
        return raw.at("outboundTrafficPolicy", "mode").text("ALLOW_ANY").equals("ALLOW_ANY");
    }

    /** Name of the Service of the default ingress gateway. */
    public String ingressService() {
        return raw.at("ingressService").text("istio-ingressgateway");
    }

    /** How Ingress resources are read: {@code OFF}, {@code DEFAULT}, {@code STRICT}. */
    public String ingressControllerMode() {
        return raw.at("ingressControllerMode").text("STRICT");
    }
}
