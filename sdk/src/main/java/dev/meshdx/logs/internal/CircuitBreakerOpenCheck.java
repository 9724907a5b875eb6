package dev.meshdx.logs.internal;

import dev.meshdx.finding.Finding;
import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.LogCodes;
import dev.meshdx.logs.ResponseFlag;
import java.util.Optional;

/** MDX0406: flag UO. */
final class CircuitBreakerOpenCheck extends AccessLogCheck {
    CircuitBreakerOpenCheck() {
        super(LogCodes.CIRCUIT_BREAKER_OPEN);
    }

    @Override
    Optional<String> reason(AccessLogEntry entry) {
        return entry.has(ResponseFlag.UPSTREAM_OVERFLOW) ? Optional.of("overflow") : Optional.empty();
    }

    @Override
    void describe(FailureGroup group, Finding.Builder finding) {
        String host = host(group.example());
        finding.message("The connection pool of the proxy of "
                        + group.pod().pod().name() + " for " + group.destination() + " is full; " + group.share()
                        + " were refused at once.")
                .remedy("Compare the load with trafficPolicy.connectionPool of the DestinationRule for "
                        + (host.isEmpty() ? "the host" : host)
                        + ": maxConnections, http1MaxPendingRequests, http2MaxRequests. Istio itself sets no limit.");
    }
}
