package dev.meshdx.source.internal;

import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceKind;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Takes private keys, tokens and passwords out of a {@code Secret} before anybody sees it. What stays are the names of the
 * entries and certificates, which are public.
 */
public final class SecretRedaction {
    /** As it stands in {@code data}, which holds base64: a reader that decodes it gets {@code [redacted]}. */
    public static final String REDACTED_DATA =
            Base64.getEncoder().encodeToString("[redacted]".getBytes(StandardCharsets.UTF_8));

    /** As it stands in {@code stringData}. */
    public static final String REDACTED = "[redacted]";

    /**
     * Names under which certificates are kept. Source: Kubernetes docs, "TLS Secrets"; Istio docs, "Plug in CA certificates"
     * (ca-cert.pem, root-cert.pem, cert-chain.pem) and "Secure gateways" (cert, cacert, ca.crl).
     */
    private static final Pattern CERTIFICATE = Pattern.compile(".*\\.crt|.*cert.*\\.pem|cert|cacert|ca\\.crl");

    private SecretRedaction() {}

    /** A document as it is, unless it is a Secret: then without what is secret in it. */
    public static Json redact(ResourceKind kind, Json document) {
        boolean secret = kind.group().isEmpty() && kind.plural().equals(ResourceKind.SECRET.plural());
        return secret ? redact(document) : document;
    }

    private static Json redact(Json secret) {
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        secret.forEachField((name, value) -> copy.put(
                name,
                switch (name) {
                    case "data" -> values(value, true);
                    case "stringData" -> values(value, false);
                    case "metadata" -> metadata(value);
                    default -> value;
                }));
        return Json.of(copy);
    }

    private static Json values(Json data, boolean base64) {
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        data.forEachField((name, value) -> copy.put(
                name,
                isEmpty(value) || isCertificate(name, value.text(""), base64)
                        ? value
                        : base64 ? REDACTED_DATA : REDACTED));
        return Json.of(copy);
    }

    /** That a key is missing is no secret, and why the certificate beside it is of no use. */
    private static boolean isEmpty(Json value) {
        return !value.exists() || (value.isText() && value.text("").isEmpty());
    }

    private static boolean isCertificate(String name, String value, boolean base64) {
        if (!CERTIFICATE.matcher(name.toLowerCase(Locale.ROOT)).matches()) {
            return false;
        }
        String text = value;
        if (base64) {
            try {
                text = new String(Base64.getMimeDecoder().decode(value), StandardCharsets.ISO_8859_1);
            } catch (IllegalArgumentException e) {
                return false;
            }
        }
        // Some keep certificate and key in one file.
        return !text.contains("PRIVATE KEY");
    }

    /** {@code kubectl apply} keeps a copy of the whole document in an annotation. */
    private static Json metadata(Json metadata) {
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        metadata.forEachField((name, value) -> {
            if (name.equals("annotations")) {
                Map<String, @Nullable Object> annotations = new LinkedHashMap<>();
                value.forEachField((key, text) ->
                        annotations.put(key, key.endsWith("last-applied-configuration") ? REDACTED : text));
                copy.put(name, Json.of(annotations));
            } else {
                copy.put(name, value);
            }
        });
        return Json.of(copy);
    }
}
