package dev.meshdx.configuration.internal;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.Field;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A Secret as gateways read it: certificate and key are {@code cert} and {@code key}, else {@code tls.crt} and {@code tls.key};
 * the authority for clients is {@code cacert}, else {@code ca.crt}. Its type does not count. Source: istio/istio,
 * {@code pilot/pkg/credentials/kube/secrets.go}.
 */
public final class TlsSecret {
    private static final List<List<String>> PAIRS = List.of(List.of("cert", "key"), List.of("tls.crt", "tls.key"));

    /** As {@link #named} finds them. */
    private static final class ByName {
        private final Map<String, List<Resource>> secrets = new HashMap<>();

        ByName(Configuration configuration) {
            for (Resource secret : configuration.all(ResourceKind.SECRET)) {
                secrets.computeIfAbsent(secret.name(), name -> new ArrayList<>())
                        .add(secret);
            }
        }
    }

    private final Resource secret;
    private final Map<String, String> data;

    private TlsSecret(Resource secret, Map<String, String> data) {
        this.secret = secret;
        this.data = data;
    }

    /** What is in a Secret. {@code stringData} comes before {@code data}, as the API server merges them. */
    public static TlsSecret of(Resource secret) {
        Map<String, String> data = new LinkedHashMap<>(secret.raw().at("data").textMap());
        Json plain = secret.raw().at("stringData");
        plain.textMap()
                .forEach((name, text) ->
                        data.put(name, Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8))));
        return new TlsSecret(secret, data);
    }

    /** All Secrets of a name, of those that were read. */
    public static List<Resource> named(Configuration configuration, String name) {
        return configuration
                .shared(ByName.class, Set.of(ResourceKind.SECRET), ByName::new)
                .secrets
                .getOrDefault(name, List.of());
    }

    /** The Secrets that a server of an Istio Gateway names; those that do not lie in the cluster are left out. */
    public static List<Field> credentials(Field server) {
        List<Field> credentials = new ArrayList<>();
        credentials.add(server.at("tls", "credentialName"));
        credentials.addAll(server.at("tls", "credentialNames").items());
        credentials.removeIf(field -> field.text().isEmpty() || field.text().contains("://"));
        return credentials;
    }

    /** The names of its entries. */
    public List<String> keys() {
        return List.copyOf(data.keySet());
    }

    /** Whether it can tell which clients to trust. */
    public boolean hasAuthority() {
        return has("cacert") || has("ca.crt");
    }

    private boolean has(String name) {
        return !data.getOrDefault(name, "").isEmpty();
    }

    /** The certificate that it holds with its key; empty where there is none, or none that can be read. */
    public Optional<PemCertificate> certificate() {
        try {
            String text = text();
            return text.isEmpty() || PemCertificate.isRedacted(text)
                    ? Optional.empty()
                    : Optional.of(PemCertificate.read(text));
        } catch (CertificateException e) {
            return Optional.empty();
        }
    }

    private String text() {
        for (List<String> pair : PAIRS) {
            if (has(pair.get(0)) && has(pair.get(1))) {
                return data.getOrDefault(pair.get(0), "");
            }
        }
        return "";
    }

    /** What is wrong with it, to go after the Secret's name; empty where nothing is. */
    public String problem(Instant now) {
        String certificate = text();
        if (certificate.isEmpty()) {
            return incomplete();
        }
        if (PemCertificate.isRedacted(certificate)) {
            return "";
        }
        try {
            PemCertificate read = PemCertificate.read(certificate);
            return now.isAfter(read.notAfter())
                    ? "the certificate expired at " + read.notAfter()
                    : now.isBefore(read.notBefore()) ? "the certificate is not valid before " + read.notBefore() : "";
        } catch (CertificateException e) {
            String message = String.valueOf(e.getMessage());
            return "the certificate " + (message.startsWith("is not in ") ? message : "cannot be read");
        }
    }

    private String incomplete() {
        for (List<String> pair : PAIRS) {
            if (has(pair.get(0))) {
                return "there is a certificate (" + pair.get(0) + ") but no private key: " + pair.get(1) + " is "
                        + (data.containsKey(pair.get(1)) ? "empty" : "absent");
            }
            if (has(pair.get(1))) {
                return "there is a private key (" + pair.get(1) + ") but no certificate: " + pair.get(0) + " is "
                        + (data.containsKey(pair.get(0)) ? "empty" : "absent");
            }
        }
        String type = secret.raw().at("type").text("");
        return "there is neither tls.crt with tls.key nor cert with key"
                + (type.isEmpty() || type.equals("Opaque") || type.equals("kubernetes.io/tls")
                        ? ""
                        : "; it is of type " + type);
    }
}
