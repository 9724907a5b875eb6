package dev.meshdx;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.health.ControlPlaneHealth;
import dev.meshdx.health.internal.ControlPlaneReader;

/** The control plane: all istiods of all revisions. Navigating does no I/O. Safe for use by several threads. */
@CheckReturnValue
public final class ControlPlane {
    private final MeshContext context;

    ControlPlane(MeshContext context) {
        this.context = context;
    }

    /**
     * Whether the istiods are up, have what they need, bring changes to the proxies in time, and can be called by the API server:
     * readiness, restarts and their reasons, memory and CPU, pushes, webhooks and their certificates, revisions and tags, Istio's
     * kinds, leader elections, settings in force.
     *
     * <p>Costs a list of the control plane's pods; four requests for each of them; lists of the webhook configurations, and of
     * Services, EndpointSlices, Deployments, ConfigMaps and Leases in the control plane's namespace; the definitions of Istio's
     * kinds. What may not be read is in {@code inconclusive()}, and the rest stands.
     *
     * @throws dev.meshdx.error.MeshException if the pods cannot be listed
     */
    public ControlPlaneHealth health() {
        return context.ask(session -> ControlPlaneReader.read(session));
    }

    @Override
    public String toString() {
        return "control plane";
    }
}
