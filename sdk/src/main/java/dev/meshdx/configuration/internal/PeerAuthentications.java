package dev.meshdx.configuration.internal;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.MtlsMode;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which PeerAuthentication decides. Source: Istio, "PeerAuthentication" (reference), and istiod's
 * {@code pilot/pkg/security/authn/policy_applier.go}.
 *
 * <p>Mesh-wide (root namespace, no selector), then namespace, then workload (selector), each where it sets a mode; of several
 * on one level the oldest counts. Ports are those of the workload, and only a workload policy has them. A policy with a
 * selector in the root namespace is not used.
 */
public final class PeerAuthentications {
    /**
     * What holds for a port.
     *
     * @param mode the mode
     * @param policy who says so; null where none does
     * @param field where it says so
     * @param because why, in a few words
     */
    public record Decision(MtlsMode mode, @Nullable Resource policy, String field, String because) {}

    private final @Nullable Resource mesh;
    private final Map<String, Resource> namespaces = new HashMap<>();
    private final Map<String, SelectorIndex<Resource>> workloads = new HashMap<>();

    /** Of a configuration. */
    public static PeerAuthentications of(Configuration configuration) {
        return configuration.shared(
                PeerAuthentications.class,
                Set.of(ResourceKind.PEER_AUTHENTICATION),
                whole -> new PeerAuthentications(
                        whole.all(ResourceKind.PEER_AUTHENTICATION),
                        whole.mesh().rootNamespace(),
                        whole::namespaceOf));
    }

    /** Of resources that all name their namespaces. */
    public PeerAuthentications(List<Resource> policies, String rootNamespace) {
        this(policies, rootNamespace, Resource::namespace);
    }

    private PeerAuthentications(
            List<Resource> policies, String rootNamespace, Function<? super Resource, String> namespaceOf) {
        Resource meshWide = null;
        for (Resource policy : policies.stream().sorted(Ages.OLDEST_FIRST).toList()) {
            String namespace = namespaceOf.apply(policy);
            boolean selects = !selector(policy).isEmpty();
            if (namespace.equals(rootNamespace)) {
                meshWide = meshWide == null && !selects ? policy : meshWide;
            } else if (selects) {
                workloads
                        .computeIfAbsent(namespace, any -> new SelectorIndex<>())
                        .add(selector(policy), policy);
            } else {
                namespaces.putIfAbsent(namespace, policy);
            }
        }
        this.mesh = meshWide;
    }

    /** The labels that a policy is limited to; none for a whole namespace or the mesh. */
    public static Map<String, String> selector(Resource policy) {
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
    public Decision of(String namespace, Map<String, String> labels, int port) {
        Decision decided = ofNamespace(namespace);
        SelectorIndex<Resource> selecting = workloads.get(namespace);
        Optional<Resource> workload = selecting == null ? Optional.empty() : selecting.first(labels);
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
    public Decision ofNamespace(String namespace) {
        Decision decided = new Decision(MtlsMode.PERMISSIVE, null, "", "no policy sets a mode");
        if (mesh != null) {
            decided = apply(decided, mesh, mesh.spec().at("mtls"), "spec.mtls.mode", "for the mesh");
        }
        Resource policy = namespaces.get(namespace);
        if (policy != null) {
            decided = apply(decided, policy, policy.spec().at("mtls"), "spec.mtls.mode", "for the namespace");
        }
        return decided;
    }

    private static Decision apply(Decision before, Resource policy, Json mtls, String field, String what) {
        return mode(mtls)
                .map(mode -> new Decision(mode, policy, field, policy.ref() + " sets " + mode + " " + what))
                .orElse(before);
    }
}
