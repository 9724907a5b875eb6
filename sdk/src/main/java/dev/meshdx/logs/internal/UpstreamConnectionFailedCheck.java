package dev.meshdx.logs.internal;

import dev.meshdx.finding.Finding;
import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.AccessLogEntry.Direction;
import dev.meshdx.logs.LogCodes;
import dev.meshdx.logs.ResponseFlag;
import java.util.Locale;
import java.util.Optional;

/** MDX0401: flag UF without a TLS error: refused, no route, timeout. */
final class UpstreamConnectionFailedCheck extends AccessLogCheck {
    private static final String REFUSED = "connection refused";
    private static final String NO_ROUTE = "no route to host";
    private static final String TIMEOUT = "connection timed out";
    private static final String RESET = "connection reset";

    UpstreamConnectionFailedCheck() {
        super(LogCodes.UPSTREAM_CONNECTION_FAILED);
    }

    @Override
    Optional<String> reason(AccessLogEntry entry) {
        return entry.has(ResponseFlag.UPSTREAM_CONNECTION_FAILURE) && !TlsText.isTls(entry)
                ? Optional.of(cause(entry))
                : Optional.empty();
    }

    /** Newer Envoys write the error's text, older ones its number (Linux, errno). */
    private static String cause(AccessLogEntry entry) {
        String text = (entry.transportFailureReason() + " " + entry.details())
                .toLowerCase(Locale.ROOT)
                .replace('_', ' ');
        if (text.contains("connection refused") || text.contains("connect error: 111")) {
            return REFUSED;
        }
        if (text.contains("no route to host")
                || text.contains("connect error: 113")
                || text.contains("network is unreachable")
                || text.contains("connect error: 101")) {
            return NO_ROUTE;
        }
        if (text.contains("timed out") || text.contains("connect error: 110") || text.contains("connection timeout")) {
            return TIMEOUT;
        }
        if (text.contains("reset by peer") || text.contains("connect error: 104")) {
            return RESET;
        }
        return "connection failed";
    }

    @Override
    void describe(FailureGroup group, Finding.Builder finding) {
        AccessLogEntry example = group.example();
        String pod = group.pod().pod().name();
        String namespace = group.pod().pod().namespace();
        if (example.direction() == Direction.INBOUND && group.reason().equals(REFUSED)) {
            finding.message("The application of " + pod + " does not listen on port " + port(example)
                            + ": its own proxy is refused there, and " + group.share() + " failed.")
                    .remedy("Look whether the container runs and on which port and address it listens (kubectl -n "
                            + namespace + " logs " + pod
                            + "); then correct the application or the targetPort of the Service.");
            return;
        }
        String host = example.upstreamHost();
        finding.message("The proxy of " + pod + " cannot connect to " + group.destination()
                        + (host.isEmpty() ? "" : " at " + host) + ": " + group.reason() + "; " + group.share()
                        + " failed.")
                .remedy(
                        switch (group.reason()) {
                            case REFUSED ->
                                "Nothing listens at that address: the pod is gone, restarting, or listens on another port. "
                                        + "Compare it with kubectl get pods -A -o wide | grep " + address(host);
                            case NO_ROUTE ->
                                "No machine answers at that address: compare it with the endpoints (kubectl get endpointslices"
                                        + " -A) or with the ServiceEntry, and look at NetworkPolicies.";
                            case TIMEOUT ->
                                "Packets get lost on the way: look at NetworkPolicies, firewalls, and at whether the address"
                                        + " lies in another network that is reached through a gateway only.";
                            default -> "Look at the server's own proxy and at the pod that has the address.";
                        });
    }

    private static String address(String host) {
        int colon = host.lastIndexOf(':');
        return colon < 0 ? host : host.substring(0, colon);
    }
}
