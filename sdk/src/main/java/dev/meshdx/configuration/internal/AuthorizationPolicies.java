package dev.meshdx.configuration.internal;

import dev.meshdx.configuration.AuthorizationPolicy;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.TargetReference;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Selectors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which AuthorizationPolicies istiod applies to a proxy. Sources: istio/istio, {@code pilot/pkg/model/authorization.go}
 * ({@code ListAuthorizationPolicies}: the root namespace first, then the proxy's, then the service's, in each the oldest first)
 * and {@code pilot/pkg/model/policyattachment.go} ({@code ShouldAttachPolicy}).
 *
 * <p>A sidecar, or a gateway that is no Gateway of the Gateway API, takes policies by their selector, and none with
 * {@code targetRefs}. A gateway of the Gateway API takes those that name its Gateway, and, as is istiod's default, those without
 * {@code targetRefs} by their selector. A waypoint takes only those with {@code targetRefs}: that name its Gateway, the Service or
 * ServiceEntry, or in the root namespace its GatewayClass.
 */
public final class AuthorizationPolicies {
    private static final String GATEWAY_API = "gateway.networking.k8s.io";
    private static final String NETWORKING = "networking.istio.io";

    /**
     * A policy of a namespace that is looked at, and whether it holds.
     *
     * @param policy the policy
     * @param applies whether it is for the target
     * @param because the selector or reference that decides, in a few words
     */
    public record Candidate(AuthorizationPolicy policy, boolean applies, String because) {}

    private final Map<String, List<AuthorizationPolicy>> byNamespace = new HashMap<>();
    private final String root;

    private AuthorizationPolicies(Configuration configuration) {
        this.root = configuration.mesh().rootNamespace();
        configuration.byNamespace(ResourceKind.AUTHORIZATION_POLICY).forEach((namespace, policies) -> {
            List<Resource> sorted = new ArrayList<>(policies);
            sorted.sort(Ages.OLDEST_FIRST);
            byNamespace.put(
                    namespace, sorted.stream().map(AuthorizationPolicy::new).toList());
        });
    }

    /** Of a configuration. */
    public static AuthorizationPolicies of(Configuration configuration) {
        return configuration.shared(
                AuthorizationPolicies.class, Set.of(ResourceKind.AUTHORIZATION_POLICY), AuthorizationPolicies::new);
    }

    /** Those of the namespaces that istiod looks at for a target, in its order. */
    public List<Candidate> candidates(PolicyTarget target) {
        Set<String> namespaces = new LinkedHashSet<>(List.of(root, target.namespace()));
        target.addressed().ifPresent(service -> namespaces.add(service.namespace()));
        List<Candidate> found = new ArrayList<>();
        for (String namespace : namespaces) {
            for (AuthorizationPolicy policy : byNamespace.getOrDefault(namespace, List.of())) {
                found.add(judge(policy, namespace, target));
            }
        }
        return Collections.unmodifiableList(found);
    }

    private Candidate judge(AuthorizationPolicy policy, String namespace, PolicyTarget target) {
        List<TargetReference> references = policy.targets();
        boolean gatewayApi = target.waypoint() || target.gateway().isPresent();
        if (!references.isEmpty()) {
            Optional<TargetReference> fits = gatewayApi
                    ? references.stream()
                            .filter(reference -> names(reference, namespace, target))
                            .findFirst()
                    : Optional.empty();
            return new Candidate(
                    policy,
                    fits.isPresent(),
                    fits.map(reference -> "attached to " + reference)
                            .orElseGet(() -> "attached to "
                                    + references.stream().map(String::valueOf).collect(Collectors.joining(", "))
                                    + (gatewayApi ? "" : ", which a sidecar does not look at")));
        }
        if (target.waypoint()) {
            return new Candidate(policy, false, "it has no targetRefs, and a waypoint takes no other policies");
        }
        boolean selected = namespace.equals(root) || namespace.equals(target.namespace());
        selected = selected && Selectors.matchesMap(policy.selector(), target.labels());
        return new Candidate(
                policy,
                selected,
                policy.selector().isEmpty()
                        ? namespace.equals(root) ? "for the mesh" : "for the namespace"
                        : "selector " + Configuration.text(policy.selector()));
    }

    private boolean names(TargetReference reference, String namespace, PolicyTarget target) {
        String group = reference.group().equals("core") ? "" : reference.group();
        String kind = reference.kind();
        if (kind.equals("Gateway") && group.equals(GATEWAY_API)) {
            return namespace.equals(target.namespace())
                    && (reference.namespace().isEmpty() || reference.namespace().equals(namespace))
                    && target.gateway().filter(reference.name()::equals).isPresent();
        }
        if (!target.waypoint()) {
            return false;
        }
        if (kind.equals("GatewayClass") && group.equals(GATEWAY_API)) {
            return namespace.equals(root) && reference.name().equals(target.gatewayClass());
        }
        boolean service = kind.equals("Service") && group.isEmpty();
        boolean entry = kind.equals("ServiceEntry") && group.equals(NETWORKING);
        return (service || entry)
                && target.addressed()
                        .filter(addressed -> addressed.kind().equals(kind)
                                && addressed.name().equals(reference.name())
                                && addressed.namespace().equals(namespace))
                        .isPresent();
    }
}
