package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.envoy.internal.TypedConfig;
import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a filter chain ends TLS. Immutable. Source: Envoy, {@code extensions/transport_sockets/tls/v3/tls.proto},
 * {@code DownstreamTlsContext}, and {@code common.proto}.
 */
public final class DownstreamTls {
    /** What a filter chain does about TLS. */
    public enum Mode {
        /** It ends TLS and wants a certificate of the client. */
        MUTUAL,
        /** It ends TLS without wanting one. */
        SIMPLE,
        /** It takes TLS and passes it on as it is. */
        PASSTHROUGH,
        /** It has nothing to do with TLS. */
        NONE
    }

    private final Json raw;

    DownstreamTls(Json raw) {
        this.raw = raw;
    }

    private CommonTls common() {
        return new CommonTls(raw.at("common_tls_context"));
    }

    /** {@link Mode#MUTUAL} or {@link Mode#SIMPLE}. */
    public Mode mode() {
        return requiresClientCertificate() ? Mode.MUTUAL : Mode.SIMPLE;
    }

    /** Whether a client without a certificate is refused. One that shows a certificate has it checked in any case. */
    public boolean requiresClientCertificate() {
        return raw.at("require_client_certificate").bool(false);
    }

    /** The lowest version, such as {@code TLSv1_2}, which is the default (before Envoy 1.22 it was {@code TLSv1_0}). */
    public String minimumVersion() {
        return common().version("tls_minimum_protocol_version", "TLSv1_2");
    }

    /** The highest version; {@code TLSv1_3} is the default. */
    public String maximumVersion() {
        return common().version("tls_maximum_protocol_version", "TLSv1_3");
    }

    /** The cipher suites up to TLS 1.2; empty for Envoy's own. */
    public List<String> cipherSuites() {
        return common().raw().at("tls_params", "cipher_suites").texts();
    }

    /** The application protocols that it agrees to, the preferred one first; empty for none. */
    public List<String> alpnProtocols() {
        return common().alpnProtocols();
    }

    /** The names of the secrets with its own certificates: {@code default} in sidecars, {@code kubernetes://web-cert}. */
    public List<String> certificateSecrets() {
        return common().certificateSecrets();
    }

    /** The name of the secret with the roots that clients' certificates are checked with, such as {@code ROOTCA}. */
    public Optional<String> validationSecret() {
        return common().validationSecret();
    }

    /** The files of certificates that are not sent but read, such as those that are mounted into a pod. */
    public List<String> certificateFiles() {
        return common().certificateFiles();
    }

    /** Whether a client's certificate is checked at all. */
    public boolean validatesClients() {
        return validationSecret().isPresent() || common().validation().size() > 0;
    }

    /** The names of which a client's certificate has to carry one; empty for any name. */
    public List<SanMatch> subjectAltNames() {
        return common().subjectAltNames();
    }

    /** The trust domains whose certificates are taken, where a SPIFFE validator checks them; empty otherwise. */
    public List<String> trustDomains() {
        List<String> domains = new ArrayList<>();
        Json validator = common().validation().at("custom_validator_config", "typed_config");
        for (Json domain :
                TypedConfig.of(validator).fields().at("trust_domains").items()) {
            domain.at("name").text().ifPresent(domains::add);
        }
        return List.copyOf(domains);
    }

    List<String> secrets() {
        return common().secrets();
    }

    /** The whole context as Envoy prints it. */
    public Json raw() {
        return raw;
    }

    /** {@code MUTUAL TLSv1_2 to TLSv1_3, certificate default, roots ROOTCA, clients spiffe://cluster.local/*}. */
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        parts.add(mode() + " " + minimumVersion() + " to " + maximumVersion());
        List<String> certificates = new ArrayList<>(certificateSecrets());
        certificates.addAll(certificateFiles());
        if (!certificates.isEmpty()) {
            parts.add("certificate " + ProtoValues.some(certificates, 3));
        }
        validationSecret().ifPresent(name -> parts.add("roots " + name));
        if (!subjectAltNames().isEmpty()) {
            parts.add("clients "
                    + ProtoValues.some(
                            subjectAltNames().stream().map(SanMatch::toString).toList(), 3));
        }
        if (!trustDomains().isEmpty()) {
            parts.add("trust domains " + ProtoValues.some(trustDomains(), 3));
        }
        if (!alpnProtocols().isEmpty()) {
            parts.add("ALPN " + String.join(",", alpnProtocols()));
        }
        return String.join(", ", parts);
    }
}
