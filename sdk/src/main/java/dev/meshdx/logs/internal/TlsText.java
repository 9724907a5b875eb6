package dev.meshdx.logs.internal;

import dev.meshdx.logs.AccessLogEntry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the TLS errors that Envoy quotes from BoringSSL. Source: Envoy, {@code source/common/tls/ssl_socket.cc}. */
final class TlsText {
    /** The end of the text belongs to the error: blanks may be underscores. */
    private static final Pattern ERROR = Pattern.compile("OPENSSL_internal:(.*?)(?:TLS_error_end|\\}|$)");

    /** What the words mean; looked for in this order, in upper case without blanks. */
    private static final Map<String, String> REASONS = reasons();

    private TlsText() {}

    private static Map<String, String> reasons() {
        Map<String, String> reasons = new LinkedHashMap<>();
        reasons.put("CERTIFICATE_HAS_EXPIRED", "the server's certificate has expired");
        reasons.put("CERTIFICATE_IS_NOT_YET_VALID", "the server's certificate is not valid yet (look at the clocks)");
        reasons.put(
                "SELF_SIGNED_CERTIFICATE", "the server's certificate comes from a CA that this proxy does not trust");
        reasons.put(
                "SELF-SIGNED_CERTIFICATE", "the server's certificate comes from a CA that this proxy does not trust");
        reasons.put("UNABLE_TO_GET", "the server's certificate comes from a CA that this proxy does not trust");
        reasons.put("UNABLE_TO_VERIFY", "the server's chain of certificates is incomplete");
        reasons.put("SAN_MATCHER", "the server's certificate is for another identity than the one that is expected");
        reasons.put("VERIFY_SAN_LIST", "the server's certificate is for another name than the one that is expected");
        reasons.put("EMPTY_CERT_CHAIN", "the server sent no certificate");
        reasons.put("ALERT_CERTIFICATE_EXPIRED", "the server says that this proxy's certificate has expired");
        reasons.put("CERTIFICATE_EXPIRED", "the server's certificate has expired");
        reasons.put("ALERT_UNKNOWN_CA", "the server does not trust the CA of this proxy's certificate");
        reasons.put("ALERT_CERTIFICATE_UNKNOWN", "the server does not accept this proxy's certificate");
        reasons.put("ALERT_BAD_CERTIFICATE", "the server does not accept this proxy's certificate");
        reasons.put("ALERT_CERTIFICATE_REQUIRED", "the server wants a client certificate and got none");
        reasons.put("PEER_DID_NOT_RETURN_A_CERTIFICATE", "the client showed no certificate, and this side wants one");
        reasons.put("WRONG_VERSION_NUMBER", "this proxy speaks TLS and the server answers in plain text");
        reasons.put("HTTP_REQUEST", "the client speaks plain HTTP where TLS is expected");
        reasons.put("HANDSHAKE_FAILURE", "the two sides have no TLS parameters in common, or a certificate is missing");
        reasons.put("NO_SHARED_CIPHER", "the two sides have no cipher in common");
        reasons.put("PROTOCOL_VERSION", "the two sides have no TLS version in common");
        reasons.put("UNSUPPORTED_PROTOCOL", "the two sides have no TLS version in common");
        reasons.put("UNRECOGNIZED_NAME", "the server does not know the name (SNI) that was asked for");
        reasons.put("APPLICATION_PROTOCOL", "the two sides have no application protocol (ALPN) in common");
        reasons.put("CERTIFICATE_VERIFY_FAILED", "the server's certificate was not accepted");
        reasons.put("SECRET_IS_NOT_SUPPLIED_BY_SDS", "the proxy has no certificate yet");
        return reasons;
    }

    /** The place in an entry in which a TLS error stands; empty where there is none. */
    static String text(AccessLogEntry entry) {
        for (String text :
                List.of(entry.transportFailureReason(), entry.details(), entry.connectionTerminationDetails())) {
            String upper = text.toUpperCase(Locale.ROOT);
            if (upper.contains("TLS_ERROR")
                    || upper.contains("TLS ERROR")
                    || upper.contains("OPENSSL_INTERNAL")
                    || upper.contains("CERTIFICATE_VERIFY")
                    || upper.contains("NOT SUPPLIED BY SDS")
                    || upper.contains("NOT_SUPPLIED_BY_SDS")) {
                return text;
            }
        }
        return "";
    }

    static boolean isTls(AccessLogEntry entry) {
        return !text(entry).isEmpty();
    }

    /** What it says, in words; empty where the text is none of the known ones. */
    static Optional<String> reason(String text) {
        String upper = text.toUpperCase(Locale.ROOT).replace(' ', '_');
        return REASONS.entrySet().stream()
                .filter(reason -> upper.contains(reason.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** The part after {@code OPENSSL_internal}, readable. */
    static String quote(String text) {
        Matcher matcher = ERROR.matcher(text);
        String quoted = matcher.find() ? matcher.group(1) : text;
        return quoted.replace('_', ' ').replaceAll("[:\\s]+$", "").strip();
    }
}
