package dev.meshdx.configuration.internal;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.RequestAuthentication;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Selectors;
import java.util.List;

/**
 * Which RequestAuthentications are for a proxy: those of its namespace and of the root namespace that select it, or in a waypoint those
 * that are attached to something. Source: Istio, "RequestAuthentication".
 */
public final class RequestAuthentications {
    private RequestAuthentications() {}

    /** Those that count. */
    public static List<RequestAuthentication> of(Configuration configuration, PolicyTarget target) {
        String root = configuration.mesh().rootNamespace();
        return configuration.all(ResourceKind.REQUEST_AUTHENTICATION).stream()
                .map(RequestAuthentication::new)
                .filter(one -> {
                    String namespace = configuration.namespaceOf(one.resource());
                    boolean attached = !one.targets().isEmpty();
                    return attached == target.waypoint()
                            && (namespace.equals(root) || namespace.equals(target.namespace()))
                            && (attached || Selectors.matchesMap(one.selector(), target.labels()));
                })
                .toList();
    }
}
