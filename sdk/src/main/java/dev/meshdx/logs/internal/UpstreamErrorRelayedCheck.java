package dev.meshdx.logs.internal;

import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Severity;
import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.AccessLogEntry.Direction;
import dev.meshdx.logs.LogCodes;
import dev.meshdx.logs.ResponseFlag;
import java.util.Optional;

/** MDX0415: a server error with details via_upstream: not this proxy's doing. */
final class UpstreamErrorRelayedCheck extends AccessLogCheck {
    UpstreamErrorRelayedCheck() {
        super(LogCodes.UPSTREAM_ERROR_RELAYED);
    }

    @Override
    Optional<String> reason(AccessLogEntry entry) {
        return entry.isHttp() && entry.isRelayed() && entry.responseCode() >= 500
                ? Optional.of(Integer.toString(entry.responseCode()))
                : Optional.empty();
    }

    @Override
    Severity severity(FailureGroup group, LogModel model) {
        Severity severity = group.severity(model.now(), true);
        return severity == Severity.ERROR ? Severity.WARNING : severity;
    }

    @Override
    void describe(FailureGroup group, Finding.Builder finding) {
        AccessLogEntry example = group.example();
        boolean inbound = example.direction() == Direction.INBOUND;
        boolean retried = example.has(ResponseFlag.UPSTREAM_RETRY_LIMIT_EXCEEDED);
        finding.message((inbound
                                ? "The application of " + group.pod().pod().name() + " answers "
                                : group.destination() + " answers the proxy of "
                                        + group.pod().pod().name() + " ")
                        + group.share() + " with " + group.reason()
                        + (retried ? ", even after retries" : "") + "; this proxy only passes it on.")
                .remedy(
                        inbound
                                ? "Look at the application's log."
                                : "Look at the log of the proxy at " + group.distinct(AccessLogEntry::upstreamHost)
                                        + " for the same request id (" + example.requestId()
                                        + "): it tells whether the application or that proxy answered so.");
    }
}
