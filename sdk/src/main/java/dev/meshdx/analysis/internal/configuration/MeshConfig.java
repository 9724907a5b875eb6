package dev.meshdx.analysis.internal.configuration;

import dev.meshdx.model.Json;

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

    /** Name of the Service of the default ingress gateway. */
    public String ingressService() {
        return raw.at("ingressService").text("istio-ingressgateway");
    }

    /** How Ingress resources are read: {@code OFF}, {@code DEFAULT}, {@code STRICT}. */
    public String ingressControllerMode() {
        return raw.at("ingressControllerMode").text("STRICT");
    }
}
