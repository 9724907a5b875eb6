package dev.meshdx.logs.internal;

import dev.meshdx.finding.Finding;
import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.LogCodes;
import java.util.Optional;

/** MDX0403: a TLS error in an access log. */
final class TlsFailureCheck extends AccessLogCheck {
    TlsFailureCheck() {
        super(LogCodes.TLS_FAILURE);
    }

    @Override
    Optional<String> reason(AccessLogEntry entry) {
        String text = TlsText.text(entry);
        return text.isEmpty() || !(entry.failed() || !entry.isHttp())
                ? Optional.empty()
                : Optional.of(TlsText.reason(text).orElseGet(() -> TlsText.quote(text)));
    }

    @Override
    void describe(FailureGroup group, Finding.Builder finding) {
        AccessLogEntry example = group.example();
        String text = TlsText.text(example);
        finding.message("TLS between the proxy of " + group.pod().pod().name() + " and " + group.destination()
                        + (example.upstreamHost().isEmpty() ? "" : " at " + example.upstreamHost()) + " fails: "
                        + group.reason() + "; " + group.share() + " failed.")
                .evidence("TLS error", "access log", TlsText.quote(text))
                .remedy(remedy(group.reason()));
    }

    private static String remedy(String reason) {
        if (reason.contains("expired")) {
            return "Look at the dates (/certs of the server's proxy), then at why it gets no new certificate: its agent's log,"
                    + " scopes cache and sds. Restarting the pod makes it ask again.";
        }
        if (reason.contains("CA that")) {
            return "Compare the root certificates of both proxies and the ConfigMap istio-ca-root-cert of both namespaces; restart"
                    + " the pods that still have the old one.";
        }
        if (reason.contains("plain text")) {
            return "The DestinationRule demands TLS (tls.mode) from a server that does not speak it: give the server a sidecar, or"
                    + " set the mode that it speaks.";
        }
        if (reason.contains("identity") || reason.contains("another name")) {
            return "Compare subjectAltNames of the DestinationRule or ServiceEntry with the server's service account and trust"
                    + " domain.";
        }
        return "Compare the TLS settings of both sides: DestinationRule of the client, PeerAuthentication or Gateway of the server,"
                + " and the certificates of both proxies.";
    }
}
