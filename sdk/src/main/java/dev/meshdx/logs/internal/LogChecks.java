package dev.meshdx.logs.internal;

import dev.meshdx.check.Check;
import java.util.List;

/** The checks of the logs step, one line each. */
final class LogChecks {
    static final List<Check<LogModel>> ALL = List.of(
            new UpstreamConnectionFailedCheck(),
            new NoHealthyUpstreamCheck(),
            new TlsFailureCheck(),
            new NoRouteMatchedCheck(),
            new ClusterNotFoundCheck(),
            new CircuitBreakerOpenCheck(),
            new UpstreamTimeoutCheck(),
            new RequestDeniedCheck(),
            new RateLimitedCheck(),
            new FaultInjectedCheck(),
            new ClientDisconnectedCheck(),
            new UpstreamConnectionTerminatedCheck(),
            new PlaintextRefusedCheck(),
            new ControlPlaneStreamClosedCheck(),
            new UpstreamErrorRelayedCheck(),
            new UnknownHostRefusedCheck());

    private LogChecks() {}
}
