package dev.meshdx.logs.internal;

import dev.meshdx.finding.Finding;
import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.LogCodes;
import dev.meshdx.logs.ResponseFlag;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;

/** MDX0407: flag UT. */
final class UpstreamTimeoutCheck extends AccessLogCheck {
    UpstreamTimeoutCheck() {
        super(LogCodes.UPSTREAM_TIMEOUT);
    }

    @Override
    Optional<String> reason(AccessLogEntry entry) {
        return entry.has(ResponseFlag.UPSTREAM_REQUEST_TIMEOUT)
                ? Optional.of(entry.details().isEmpty() ? "response_timeout" : entry.details())
                : Optional.empty();
    }

    @Override
    void describe(FailureGroup group, Finding.Builder finding) {
        Duration shortest = group.hits().stream()
                .map(hit -> hit.entry().duration())
                .min(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
        boolean oneTry = group.reason().contains("per_try");
        finding.message(group.destination() + " did not answer the proxy of "
                        + group.pod().pod().name() + " within the timeout (about " + shortest.toMillis() + " ms); "
                        + group.share() + " failed.")
                .remedy("Find out why the server is slow or hangs ("
                        + (group.example().upstreamHost().isEmpty()
                                ? "its pods"
                                : "the pod at " + group.distinct(AccessLogEntry::upstreamHost))
                        + "), or raise " + (oneTry ? "retries.perTryTimeout" : "timeout")
                        + " of the VirtualService's route.");
    }
}
