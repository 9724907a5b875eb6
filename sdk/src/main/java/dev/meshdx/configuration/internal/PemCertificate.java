package dev.meshdx.configuration.internal;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a certificate in a Secret says.
 *
 * @param names the hosts that it is for: its DNS names and addresses (subjectAltName), in lower case
 * @param subject whom it was issued to; clients do not take hosts from there (RFC 9110, 4.3.4)
 * @param notBefore from then
 * @param notAfter until then
 */
public record PemCertificate(List<String> names, String subject, Instant notBefore, Instant notAfter) {
    private static final Pattern PEM = Pattern.compile("-----BEGIN [^-]+-----([A-Za-z0-9+/=\\s]*)-----END [^-]+-----");

    /** What a source puts in place of what nobody may see. */
    private static final String REDACTED = "[redacted]";

    /** Whether the source took away what stands in an entry of {@code data}. */
    public static boolean isRedacted(String data) {
        try {
            return text(data).equals(REDACTED);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * Reads the first certificate of an entry of {@code data}.
     *
     * @throws CertificateException if there is none, with a message that goes after "the certificate"
     */
    public static PemCertificate read(String data) throws CertificateException {
        try {
            Matcher pem = PEM.matcher(text(data));
            if (!pem.find()) {
                throw new CertificateException("is not in PEM form");
            }
            byte[] der = Base64.getMimeDecoder().decode(String.valueOf(pem.group(1)));
            X509Certificate certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
            return new PemCertificate(
                    names(certificate),
                    certificate.getSubjectX500Principal().getName(),
                    certificate.getNotBefore().toInstant(),
                    certificate.getNotAfter().toInstant());
        } catch (IllegalArgumentException e) {
            throw new CertificateException("is not in base64", e);
        }
    }

    private static List<String> names(X509Certificate certificate) throws CertificateException {
        List<String> names = new ArrayList<>();
        Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
        if (alternatives != null) {
            for (List<?> alternative : alternatives) {
                // RFC 5280: 2 is a DNS name, 7 an address.
                if (alternative.size() > 1
                        && (Objects.equals(alternative.get(0), 2) || Objects.equals(alternative.get(0), 7))) {
                    names.add(String.valueOf(alternative.get(1)).toLowerCase(Locale.ROOT));
                }
            }
        }
        return List.copyOf(names);
    }

    private static String text(String data) {
        return new String(Base64.getMimeDecoder().decode(data), StandardCharsets.ISO_8859_1);
    }
}
