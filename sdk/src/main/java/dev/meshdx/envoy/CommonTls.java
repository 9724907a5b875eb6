package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What both sides of TLS are configured with. Source: Envoy, {@code extensions/transport_sockets/tls/v3/tls.proto},
 * {@code CommonTlsContext}.
 *
 * @param raw the context
 */
record CommonTls(Json raw) {
    List<String> certificateSecrets() {
        List<String> names = new ArrayList<>();
        for (Json secret : raw.at("tls_certificate_sds_secret_configs").items()) {
            secret.at("name").text().ifPresent(names::add);
        }
        return List.copyOf(names);
    }

    List<String> certificateFiles() {
        List<String> files = new ArrayList<>();
        for (Json certificate : raw.at("tls_certificates").items()) {
            ProtoValues.place(certificate.at("certificate_chain")).ifPresent(files::add);
        }
        return List.copyOf(files);
    }

    Optional<String> validationSecret() {
        return raw.at("combined_validation_context", "validation_context_sds_secret_config", "name")
                .text()
                .or(() -> raw.at("validation_context_sds_secret_config", "name").text());
    }

    Optional<String> validationFile() {
        return ProtoValues.place(validation().at("trusted_ca"));
    }

    /** What is written there about validation, rather than sent as a secret. */
    Json validation() {
        Json combined = raw.at("combined_validation_context", "default_validation_context");
        return combined.exists() ? combined : raw.at("validation_context");
    }

    List<SanMatch> subjectAltNames() {
        return SanMatch.all(validation());
    }

    List<String> alpnProtocols() {
        return raw.at("alpn_protocols").texts();
    }

    /**
     * A version of TLS.
     *
     * @param field of {@code tls_params}
     * @param automatic what Envoy takes by itself
     */
    String version(String field, String automatic) {
        String version = raw.at("tls_params", field).text("TLS_AUTO");
        return version.equals("TLS_AUTO") ? automatic : version;
    }

    /** The names of all secrets that it needs. */
    List<String> secrets() {
        List<String> names = new ArrayList<>(certificateSecrets());
        validationSecret().ifPresent(names::add);
        names.removeIf(String::isEmpty);
        return List.copyOf(names);
    }
}
