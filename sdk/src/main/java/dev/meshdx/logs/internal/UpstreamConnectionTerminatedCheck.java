package dev.meshdx.logs.internal;

import dev.meshdx.finding.Finding;
import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.AccessLogEntry.Direction;
import dev.meshdx.logs.LogCodes;
import dev.meshdx.logs.ResponseFlag;
import java.util.Optional;

/** MDX0412: flags UC and UR. */
final class UpstreamConnectionTerminatedCheck extends AccessLogCheck {
    UpstreamConnectionTerminatedCheck() {
        super(LogCodes.UPSTREAM_CONNECTION_TERMINATED);
    }

    @Override
    Optional<String> reason(AccessLogEntry entry) {
        if (TlsText.isTls(entry) || !entry.isHttp()) {
            return Optional.empty();
        }
        if (entry.has(ResponseFlag.UPSTREAM_CONNECTION_TERMINATION)) {
            return Optional.of("closed the connection");
        }
        return entry.has(ResponseFlag.UPSTREAM_REMOTE_RESET) ? Optional.of("reset the stream") : Optional.empty();
    }

    @Override
    void describe(FailureGroup group, Finding.Builder finding) {
        AccessLogEntry example = group.example();
        boolean inbound = example.direction() == Direction.INBOUND;
        finding.message((inbound
                                ? "The application of " + group.pod().pod().name()
                                : group.destination()
                                        + (example.upstreamHost().isEmpty() ? "" : " at " + example.upstreamHost()))
                        + " " + group.reason() + " before it had answered the proxy"
                        + (inbound ? "" : " of " + group.pod().pod().name()) + "; " + group.share() + " failed.")
                .remedy(
                        inbound
                                ? "Look at the application's log and restarts, and whether it closes idle connections sooner than the proxy"
                                        + " does."
                                : "If every request fails, look at mTLS: a STRICT server closes connections in plain text (DestinationRule"
                                        + " with tls.mode DISABLE), and a server refuses a client certificate that has expired or comes from"
                                        + " another CA. If only some fail, look at restarts of the server and at its idle timeout.");
    }
}
