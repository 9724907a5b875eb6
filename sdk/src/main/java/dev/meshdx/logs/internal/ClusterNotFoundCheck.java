package dev.meshdx.logs.internal;

import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Severity;
import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.LogCodes;
import dev.meshdx.logs.ResponseFlag;
import java.util.Optional;

/** MDX0405: flag NC. */
final class ClusterNotFoundCheck extends AccessLogCheck {
    ClusterNotFoundCheck() {
        super(LogCodes.CLUSTER_NOT_FOUND);
    }

    @Override
    Optional<String> reason(AccessLogEntry entry) {
        return entry.has(ResponseFlag.NO_CLUSTER_FOUND) ? Optional.of("cluster_not_found") : Optional.empty();
    }

    @Override
    Severity severity(FailureGroup group, LogModel model) {
        return group.severity(model.now(), false);
    }

    @Override
    void describe(FailureGroup group, Finding.Builder finding) {
        finding.message("The route for " + group.destination() + " leads to a cluster that the proxy of "
                        + group.pod().pod().name() + " does not have; " + group.share() + " failed.")
                .remedy(
                        "Look at the destinations of the VirtualService for that host: a host without Service or ServiceEntry, a"
                                + " subset that no DestinationRule defines, a port that the Service lacks, or a Sidecar resource that"
                                + " leaves the host out (istioctl analyze, codes IST0101 and IST0137).");
    }
}
