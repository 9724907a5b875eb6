package dev.meshdx.logs.internal;

import dev.meshdx.finding.Finding;
import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.LogCodes;
import dev.meshdx.logs.ResponseFlag;
import java.util.Optional;

/** MDX0402: flag UH. */
final class NoHealthyUpstreamCheck extends AccessLogCheck {
    NoHealthyUpstreamCheck() {
        super(LogCodes.NO_HEALTHY_UPSTREAM);
    }

    @Override
    Optional<String> reason(AccessLogEntry entry) {
        // BlackHoleCluster never has endpoints: that is another matter.
        return entry.has(ResponseFlag.NO_HEALTHY_UPSTREAM) && !UnknownHostRefusedCheck.isRefused(entry)
                ? Optional.of("no endpoint")
                : Optional.empty();
    }

    @Override
    void describe(FailureGroup group, Finding.Builder finding) {
        finding.message("The proxy of " + group.pod().pod().name() + " has no healthy endpoint for "
                        + group.destination() + "; " + group.share() + " failed.")
                .remedy(service(group.example())
                        .map(service -> "kubectl -n " + service.namespace()
                                + " get endpointslices -l kubernetes.io/service-name=" + service.name()
                                + ": no endpoint means that no ready pod has the labels of the selector (and of the subset);"
                                + " ready endpoints mean that the proxy has ejected them (outlierDetection).")
                        .orElse("Look at the endpoints of the service and at those that are ejected (/clusters of the"
                                + " proxy)."));
    }
}
