package dev.meshdx.logs.internal;

import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Severity;
import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.LogCodes;
import dev.meshdx.logs.ResponseFlag;
import java.util.Optional;

/** MDX0413: flag NR of a bare connection. */
final class PlaintextRefusedCheck extends AccessLogCheck {
    private static final String PLAINTEXT = "plain text";

    PlaintextRefusedCheck() {
        super(LogCodes.PLAINTEXT_REFUSED);
    }

    @Override
    Optional<String> reason(AccessLogEntry entry) {
        if (entry.isHttp() || !entry.has(ResponseFlag.NO_ROUTE_FOUND)) {
            return Optional.empty();
        }
        return Optional.of(entry.requestedServerName().isEmpty() ? PLAINTEXT : entry.requestedServerName());
    }

    @Override
    Severity severity(FailureGroup group, LogModel model) {
        Severity severity = group.severity(model.now(), false);
        if (group.reason().equals(PLAINTEXT)) {
            return severity;
        }
        // Anybody may ask a gateway for any name: as long as most of what comes to the address is taken, it is a stray.
        String address = group.example().downstreamLocalAddress();
        long taken = model.logs().stream()
                .flatMap(log -> log.lines().accessLog().stream())
                .filter(entry -> entry.downstreamLocalAddress().equals(address)
                        && reason(entry).isEmpty())
                .count();
        if (taken > group.count()) {
            return Severity.INFO;
        }
        return severity == Severity.ERROR ? Severity.WARNING : severity;
    }

    @Override
    void describe(FailureGroup group, Finding.Builder finding) {
        AccessLogEntry example = group.example();
        String pod = group.pod().pod().name();
        boolean plaintext = group.reason().equals(PLAINTEXT);
        finding.evidence("clients", "access log", group.distinct(entry -> address(entry.downstreamRemoteAddress())));
        if (plaintext) {
            finding.message("The proxy of " + pod + " refuses " + group.share() + " to "
                            + example.downstreamLocalAddress()
                            + " that are not mutual TLS: no filter chain takes plain text there (STRICT mTLS, or a TLS port of a"
                            + " gateway).")
                    .remedy(
                            "Find the client by its address (kubectl get pods -A -o wide). Give it a sidecar, remove tls.mode"
                                    + " DISABLE from its DestinationRule, or set the PeerAuthentication of the server to PERMISSIVE.");
        } else {
            finding.message("The proxy of " + pod + " refuses " + group.share() + " to "
                            + example.downstreamLocalAddress() + " for the server name " + group.reason()
                            + ": no filter chain has it.")
                    .remedy(
                            "If clients should reach that name here, add it to the hosts of a TLS server of the Gateway; look at"
                                    + " spelling, and at whether another Gateway takes the port.");
        }
    }

    private static String address(String address) {
        int colon = address.lastIndexOf(':');
        return colon < 0 ? address : address.substring(0, colon);
    }
}
