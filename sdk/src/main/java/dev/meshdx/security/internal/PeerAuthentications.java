package dev.meshdx.security.internal;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Selectors;
import dev.meshdx.security.MtlsMode;
import dev.meshdx.security.ServerMtls;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which PeerAuthentication decides. Source: Istio, "PeerAuthentication" (reference), and istiod's
 * {@code pilot/pkg/security/authn/policy_applier.go}.
 *
 * <p>Mesh-wide (root namespace, no selector), then namespace, then workload (selector), each where it sets a mode; of several
 * on one level the oldest counts. Ports are those of the workload, and only a workload policy has them. A policy with a
 * selector in the root namespace is not used.
 */
final class PeerAuthentications {
    private static final Comparator<Resource> OLDEST = Comparator.comparing(
                    (Resource policy) -> policy.createdAt().orElse(Instant.MAX))
            .thenComparing(Resource::name)
            .thenComparing(Resource::namespace);

    private final @Nullable Resource mesh;
    private final Map<String, Resource> namespaces = new HashMap<>();
    private final Map<String, List<Resource>> workloads = new HashMap<>();

    PeerAuthentications(List<Resource> policies, String rootNamespace) {
        Resource meshWide = null;
        for (Resource policy : policies.stream().sorted(OLDEST).toList()) {
            boolean selects = !selector(policy).isEmpty();
            if (policy.namespace().equals(rootNamespace)) {
                meshWide = meshWide == null && !selects ? policy : meshWide;
            } else if (selects) {
                workloads
                        .computeIfAbsent(policy.namespace(), any -> new java.util.ArrayList<>())
                        .add(policy);
            } else {
                namespaces.putIfAbsent(policy.namespace(), policy);
            }
        }
        this.mesh = meshWide;
    }

    private static Map<String, String> selector(Resource policy) {
        return policy.spec().at("selector", "matchLabels").textMap();
    }

    private static Optional<MtlsMode> mode(Json mtls) {
        return switch (mtls.at("mode").text("UNSET")) {
            case "STRICT" -> Optional.of(MtlsMode.STRICT);
            case "PERMISSIVE" -> Optional.of(MtlsMode.PERMISSIVE);
            case "DISABLE" -> Optional.of(MtlsMode.DISABLE);
            default -> Optional.empty();
        };
    }

    /** What a pod's port accepts. */
    ServerMtls of(String namespace, Map<String, String> labels, int port) {
        ServerMtls decided = ofNamespace(namespace);
        Optional<Resource> workload = workloads.getOrDefault(namespace, List.of()).stream()
                .filter(policy -> Selectors.matchesMap(selector(policy), labels))
                .findFirst();
        if (workload.isPresent()) {
            Resource policy = workload.get();
            decided = apply(decided, policy, policy.spec().at("mtls"), "spec.mtls.mode", "for the workload");
            decided = apply(
                    decided,
                    policy,
                    policy.spec().at("portLevelMtls", String.valueOf(port)),
                    "spec.portLevelMtls[" + port + "].mode",
                    "for the port");
        }
        return decided;
    }

    /** What istiod assumes of a whole service when it sets up its clients: mesh and namespace level only. */
    ServerMtls ofNamespace(String namespace) {
        ServerMtls decided = ServerMtls.of(MtlsMode.PERMISSIVE, null, "", "no policy sets a mode");
        if (mesh != null) {
            decided = apply(decided, mesh, mesh.spec().at("mtls"), "spec.mtls.mode", "for the mesh");
        }
        Resource policy = namespaces.get(namespace);
        if (policy != null) {
            decided = apply(decided, policy, policy.spec().at("mtls"), "spec.mtls.mode", "for the namespace");
        }
        return decided;
    }

    private static ServerMtls apply(ServerMtls before, Resource policy, Json mtls, String field, String what) {
        ResourceRef ref = policy.ref();
        return mode(mtls)
                .map(mode -> ServerMtls.of(mode, ref, field, ref + " sets " + mode + " " + what))
                .orElse(before);
    }
}
