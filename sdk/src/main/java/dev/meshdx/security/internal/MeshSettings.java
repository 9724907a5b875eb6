package dev.meshdx.security.internal;

import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Yaml;
import dev.meshdx.source.Session;
import dev.meshdx.source.internal.MeshConfigMap;
import java.util.List;
import java.util.Optional;

/**
 * What the mesh's configuration says about security.
 *
 * @param rootNamespace where mesh-wide policies live
 * @param trustDomain first part of every identity; empty where it could not be read
 * @param trustDomainAliases others that are accepted
 * @param autoMtls whether clients turn mutual TLS on by themselves
 * @param destinationRuleExportTo to whom rules without {@code exportTo} are visible
 */
record MeshSettings(
        String rootNamespace,
        String trustDomain,
        List<String> trustDomainAliases,
        boolean autoMtls,
        List<String> destinationRuleExportTo) {

    /** Copies the lists. */
    MeshSettings {
        trustDomainAliases = List.copyOf(trustDomainAliases);
        destinationRuleExportTo = List.copyOf(destinationRuleExportTo);
    }

    /** Istio's defaults. Source: Istio, "Global Mesh Options". */
    static MeshSettings defaults(String istioNamespace, String trustDomain) {
        return new MeshSettings(istioNamespace, trustDomain, List.of(), true, List.of());
    }

    /** Reads the ConfigMap {@code istio}, or that of a revision; what cannot be read is a gap, and defaults stand in. */
    static MeshSettings read(Session session) {
        String namespace = session.istioNamespace();
        ResourceRef subject = ResourceRef.of("ConfigMap", namespace, "istio");
        Optional<Resource> found;
        try {
            found = MeshConfigMap.ofAny(session, "");
        } catch (MeshException e) {
            session.gap("the mesh's settings (root namespace, trust domain, auto mTLS)", subject, e);
            return defaults(namespace, "");
        }
        if (found.isEmpty()) {
            session.gap(Inconclusive.of(
                    "the mesh's settings (root namespace, trust domain, auto mTLS)",
                    subject,
                    Reason.NOT_INSTALLED,
                    "There is no ConfigMap istio in " + namespace + ": Istio's defaults are assumed.",
                    "If the control plane lives in another namespace, name it in the options."));
            return defaults(namespace, "");
        }
        try {
            return parse(MeshConfigMap.text(found.get()), namespace);
        } catch (MeshProtocolException e) {
            session.gap(Inconclusive.of(
                    "the mesh's settings (root namespace, trust domain, auto mTLS)",
                    found.get().ref(),
                    Reason.MALFORMED,
                    "The key mesh is not YAML: Istio's defaults are assumed.",
                    "kubectl -n " + namespace + " get configmap " + found.get().name() + " -o yaml"));
            return defaults(namespace, "");
        }
    }

    /** Reads the text of the key {@code mesh}. */
    static MeshSettings parse(String yaml, String istioNamespace) {
        Json mesh = Yaml.read(yaml);
        return new MeshSettings(
                mesh.at("rootNamespace").text(istioNamespace),
                mesh.at("trustDomain").text("cluster.local"),
                mesh.at("trustDomainAliases").texts(),
                mesh.at("enableAutoMtls").bool(true),
                mesh.at("defaultDestinationRuleExportTo").texts());
    }
}
