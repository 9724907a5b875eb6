package dev.meshdx.logs.internal;

import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Severity;
import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.AccessLogEntry.Direction;
import dev.meshdx.logs.LogCodes;
import dev.meshdx.logs.ResponseFlag;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;

/** MDX0411: flags DC and DR of HTTP requests. */
final class ClientDisconnectedCheck extends AccessLogCheck {
    ClientDisconnectedCheck() {
        super(LogCodes.CLIENT_DISCONNECTED);
    }

    @Override
    Optional<String> reason(AccessLogEntry entry) {
        // Bare connections are closed by their clients every day.
        return entry.isHttp()
                        && (entry.has(ResponseFlag.DOWNSTREAM_CONNECTION_TERMINATION)
                                || entry.has(ResponseFlag.DOWNSTREAM_REMOTE_RESET))
                ? Optional.of("client went away")
                : Optional.empty();
    }

    @Override
    Severity severity(FailureGroup group, LogModel model) {
        return Severity.INFO;
    }

    @Override
    void describe(FailureGroup group, Finding.Builder finding) {
        Duration shortest = group.hits().stream()
                .map(hit -> hit.entry().duration())
                .min(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
        finding.message("Clients of " + group.destination() + " went away before they had the answer (after "
                        + shortest.toMillis() + " ms and more); " + group.share() + ".")
                .remedy(
                        group.example().direction() == Direction.INBOUND
                                ? "Look at the same request id in the client's proxy: flag UT there means that a timeout of the"
                                        + " VirtualService ended it, DC that the client's own timeout did."
                                : "Compare the duration with the client's own timeout; nothing in the mesh ended the request.");
    }
}
