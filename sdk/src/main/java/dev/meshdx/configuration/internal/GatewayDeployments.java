package dev.meshdx.configuration.internal;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a controller creates for Gateways of the Gateway API, so that files do not have it: a Deployment, a Service and a
 * ServiceAccount of one name. Sources: Istio, "Kubernetes Gateway API", automated deployment; istio/istio,
 * {@code pilot/pkg/config/kube/gateway/deploymentcontroller.go} ({@code getDefaultName}: NAME-CLASS, for waypoints and east-west
 * gateways NAME; the annotations {@code gateway.istio.io/name-override} and {@code gateway.istio.io/service-account}).
 */
public final class GatewayDeployments {
    /** The kinds that it is made from. */
    public static final Set<ResourceKind> INPUTS = Set.of(ResourceKind.KUBERNETES_GATEWAY);

    private final Map<String, Set<String>> names = new TreeMap<>();

    private final Map<String, Set<String>> accounts = new TreeMap<>();

    private GatewayDeployments(Configuration configuration) {
        for (Resource gateway : configuration.all(ResourceKind.KUBERNETES_GATEWAY)) {
            String namespace = configuration.namespaceOf(gateway);
            Set<String> own = new LinkedHashSet<>();
            // Which of the two it is, the controller of the class decides.
            gateway.annotation("gateway.istio.io/name-override")
                    .ifPresentOrElse(
                            own::add,
                            () -> own.addAll(
                                    List.of(gateway.name(), gateway.name() + "-" + Waypoints.className(gateway))));
            names.computeIfAbsent(namespace, any -> new TreeSet<>()).addAll(own);
            accounts.computeIfAbsent(namespace, any -> new TreeSet<>())
                    .addAll(gateway.annotation("gateway.istio.io/service-account")
                            .map(Set::of)
                            .orElse(own));
        }
    }

    /** Of a configuration. */
    public static GatewayDeployments of(Configuration configuration) {
        return configuration.shared(GatewayDeployments.class, INPUTS, GatewayDeployments::new);
    }

    /** Whether a Service of this name comes, or may come, from a Gateway. */
    public boolean has(String namespace, String name) {
        return names.getOrDefault(namespace, Set.of()).contains(name);
    }

    /** The accounts that come, or may come, from Gateways, by namespace. */
    public Map<String, Set<String>> accounts() {
        return Collections.unmodifiableMap(accounts);
    }
}
