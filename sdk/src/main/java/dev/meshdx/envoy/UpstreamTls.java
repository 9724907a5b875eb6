package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a proxy connects to hosts of a cluster: plain text, TLS, mutual TLS, and what it wants to see there. A cluster has one
 * for all hosts ({@link Cluster#tls()}), or several of which the first that matches a host's metadata counts
 * ({@link Cluster#tlsMatches()}).
 *
 * <p>Source: Envoy, {@code config/cluster/v3/cluster.proto} ({@code transport_socket}, {@code transport_socket_matches}),
 * {@code extensions/transport_sockets/tls/v3/tls.proto} ({@code UpstreamTlsContext}). Immutable.
 */
public final class UpstreamTls {
    private static final String TLS_SOCKET = "envoy.transport_sockets.tls";

    /** Sockets stand in each other two or three deep; a document that does more is not a proxy's. */
    private static final int DEEPEST = 8;

    /** Under this name the agent hands out the workload's certificate. Source: Istio, {@code pkg/security/security.go}. */
    private static final String WORKLOAD = "default";

    private final String name;
    private final Json match;
    private final Json socket;
    private final Json httpOptions;

    UpstreamTls(String name, Json match, Json socket, Json httpOptions) {
        this.name = name;
        this.match = match;
        this.socket = socket;
        this.httpOptions = httpOptions;
    }

    /** The name of the entry: {@code tlsMode-istio}, {@code tlsMode-disabled}, {@code hbone}; empty for the cluster's own. */
    public String name() {
        return name;
    }

    /** What has to stand in a host's metadata, such as {@code tlsMode=istio}; empty where every host matches. */
    public Map<String, String> match() {
        return match.textMap();
    }

    /** Whether a host with these entries under {@code envoy.transport_socket_match} is connected to in this way. */
    boolean matches(Json metadata) {
        for (String key : match.names()) {
            if (!match.at(key).equals(metadata.at(key))) {
                return false;
            }
        }
        return true;
    }

    /** The sockets, the outermost first: the one for HBONE or for the PROXY protocol, then the one that it wraps. */
    private List<Json> sockets() {
        List<Json> sockets = new ArrayList<>();
        Json at = socket;
        while (at.exists() && sockets.size() < DEEPEST) {
            sockets.add(at);
            at = at.at("typed_config", "transport_socket");
        }
        return sockets;
    }

    private Json context() {
        for (Json one : sockets()) {
            Json config = one.at("typed_config");
            String type = ProtoValues.type(config);
            if (type.equals("UpstreamTlsContext")
                    || (type.isEmpty() && one.at("name").text("").equals(TLS_SOCKET))) {
                return config;
            }
            if (type.equals("StartTlsConfig") || type.equals("UpstreamStartTlsConfig")) {
                return config.at("tls_socket_config");
            }
        }
        return Json.MISSING;
    }

    private boolean wrapped(String type) {
        return sockets().stream()
                .anyMatch(one -> ProtoValues.type(one.at("typed_config")).equals(type));
    }

    private CommonTls common() {
        return new CommonTls(context().at("common_tls_context"));
    }

    /** What is done to the connections. */
    public UpstreamTlsMode mode() {
        if (!context().exists()) {
            return UpstreamTlsMode.PLAINTEXT;
        }
        List<String> certificates = certificateSecrets();
        if (certificates.contains(WORKLOAD)) {
            return UpstreamTlsMode.ISTIO_MUTUAL;
        }
        boolean own = !certificates.isEmpty()
                || common().raw().at("tls_certificates").size() > 0
                || common().raw().at("tls_certificate_provider_instance").exists();
        return own ? UpstreamTlsMode.MUTUAL : UpstreamTlsMode.TLS;
    }

    /** Whether the connection goes to a listener inside the proxy, which puts it into an HBONE tunnel. */
    public boolean isTunnel() {
        return wrapped("InternalUpstreamTransport");
    }

    /** The version of the PROXY protocol that the connection begins with, {@code V1} or {@code V2}, where it does. */
    public Optional<String> proxyProtocol() {
        for (Json one : sockets()) {
            Json config = one.at("typed_config");
            if (ProtoValues.type(config).equals("ProxyProtocolUpstreamTransport")) {
                return Optional.of(config.at("config", "version").text("V1"));
            }
        }
        return Optional.empty();
    }

    /** The server name that is asked for; empty where none is set, or where it is taken from the request's host. */
    public String sni() {
        return context().at("sni").text("");
    }

    /** Whether the server name is the request's host ({@code auto_sni}). */
    public boolean isSniFromHost() {
        return context().at("auto_host_sni").bool(false)
                || httpOptions.at("upstream_http_protocol_options", "auto_sni").bool(false);
    }

    /** The protocols that are offered inside TLS: {@code istio-peer-exchange}, {@code istio}, {@code h2}. */
    public List<String> alpnProtocols() {
        return common().alpnProtocols();
    }

    /** The names of the secrets with the certificate that is shown; {@code default} is the workload's. */
    public List<String> certificateSecrets() {
        return common().certificateSecrets();
    }

    /** The files with the certificate that is shown, where it does not come as a secret. */
    public List<String> certificateFiles() {
        return common().certificateFiles();
    }

    /** The name of the secret with the roots that are trusted; {@code ROOTCA} is the mesh's. */
    public Optional<String> validationSecret() {
        return common().validationSecret();
    }

    /** The file with the roots that are trusted, where they do not come as a secret. */
    public Optional<String> validationFile() {
        return common().validationFile();
    }

    /** What the other side's certificate may be called: one of these has to match; empty for any name. */
    public List<SanMatch> subjectAltNames() {
        return common().subjectAltNames();
    }

    List<String> secrets() {
        return common().secrets();
    }

    /**
     * Whether the other side's certificate has to lead to a root that is trusted. Without roots Envoy takes every
     * certificate, and says nothing about it.
     */
    public boolean verifiesServer() {
        Json common = common().raw();
        Json validation = common().validation();
        if (!context().exists()
                || validation.at("trust_chain_verification").text("").equals("ACCEPT_UNTRUSTED")) {
            return false;
        }
        Json combined = common.at("combined_validation_context");
        return validationSecret().isPresent()
                || validation.at("trusted_ca").size() > 0
                || validation.at("system_root_certs").exists()
                || validation.at("custom_validator_config").exists()
                || validation.at("ca_certificate_provider_instance").exists()
                || validation.at("verify_certificate_hash").size() > 0
                || validation.at("verify_certificate_spki").size() > 0
                || combined.at("validation_context_certificate_provider_instance")
                        .exists()
                || combined.at("validation_context_certificate_provider").exists()
                || common.at("validation_context_certificate_provider_instance").exists()
                || common.at("validation_context_certificate_provider").exists();
    }

    /** Whether the certificate's names are looked at too; without, every certificate of a trusted root will do. */
    public boolean verifiesName() {
        return verifiesServer()
                && (!subjectAltNames().isEmpty()
                        || context().at("auto_sni_san_validation").bool(false)
                        || httpOptions
                                .at("upstream_http_protocol_options", "auto_san_validation")
                                .bool(false));
    }

    /** The lowest version of TLS that is accepted; {@code TLSv1_2} by default. */
    public String minimumVersion() {
        return common().version("tls_minimum_protocol_version", "TLSv1_2");
    }

    /** The highest version of TLS that is offered; {@code TLSv1_2} by default. */
    public String maximumVersion() {
        return common().version("tls_maximum_protocol_version", "TLSv1_2");
    }

    /** The whole transport socket as Envoy prints it; missing where the cluster has none, which is plain text. */
    public Json raw() {
        return socket;
    }

    /** One line. */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder(name.isEmpty() ? "" : name + " ");
        if (!match().isEmpty()) {
            out.append(match()).append(' ');
        }
        out.append(mode());
        if (isTunnel()) {
            out.append(" in a tunnel");
        }
        proxyProtocol().ifPresent(version -> out.append(" with PROXY protocol ").append(version));
        if (mode() == UpstreamTlsMode.PLAINTEXT) {
            return out.toString();
        }
        if (!sni().isEmpty()) {
            out.append(" sni ").append(sni());
        }
        if (!verifiesServer()) {
            out.append(" WITHOUT VERIFICATION");
        }
        List<SanMatch> names = subjectAltNames();
        if (!names.isEmpty()) {
            out.append(" wants ").append(names.get(0));
            if (names.size() > 1) {
                out.append(" or ").append(names.size() - 1).append(" more");
            }
        }
        return out.toString();
    }
}
