package dev.meshdx.traffic.internal.checks;

import dev.meshdx.annotation.Internal;
import dev.meshdx.check.Check;
import java.util.List;

/** The checks of the traffic step. */
@Internal
public final class TrafficChecks {
    private static final List<ProxyCheck<?>> ALL = List.of(
            new RequestNearlyMatchedCheck(),
            new ClusterMissingCheck(),
            new NoHealthyEndpointsCheck(),
            new ResourceRejectedCheck(),
            new ResourceWarmingCheck(),
            new ListenerNotBoundCheck(),
            new RouteConfigurationMissingCheck(),
            new EndpointsEjectedCheck(),
            new SecretMissingCheck());

    private TrafficChecks() {}

    /** All of them, by code. */
    public static List<Check<TrafficModel>> all() {
        return List.copyOf(ALL);
    }

    static List<ProxyCheck<?>> perProxy() {
        return ALL;
    }
}
