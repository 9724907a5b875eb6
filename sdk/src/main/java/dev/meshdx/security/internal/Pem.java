package dev.meshdx.security.internal;

import dev.meshdx.security.CertificateChain;
import dev.meshdx.security.CertificateInfo;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Reads certificates from PEM text with the JDK alone. Source: RFC 7468. */
public final class Pem {
    private static final String BEGIN = "-----BEGIN ";
    private static final String DASHES = "-----";

    private Pem() {}

    /** All certificates of a text; other blocks (keys, lists) are passed over without being decoded. */
    public static CertificateChain parse(String name, String text) {
        List<CertificateInfo> certificates = new ArrayList<>();
        List<String> unreadable = new ArrayList<>();
        int at = 0;
        int block = 0;
        while (true) {
            int begin = text.indexOf(BEGIN, at);
            if (begin < 0) {
                break;
            }
            int labelEnd = text.indexOf(DASHES, begin + BEGIN.length());
            if (labelEnd < 0) {
                break;
            }
            String label = text.substring(begin + BEGIN.length(), labelEnd);
            String end = "-----END " + label + DASHES;
            int endAt = text.indexOf(end, labelEnd);
            int bodyStart = labelEnd + DASHES.length();
            at = bodyStart;
            if (!label.equals("CERTIFICATE") && !label.equals("X509 CERTIFICATE")) {
                at = endAt < 0 ? bodyStart : endAt + end.length();
                continue;
            }
            block++;
            if (endAt < 0) {
                unreadable.add("certificate " + block + " is cut off: its END line is missing");
                continue;
            }
            at = endAt + end.length();
            try {
                certificates.add(decode(text.substring(bodyStart, endAt)));
            } catch (CertificateException | IllegalArgumentException e) {
                unreadable.add("certificate " + block + " cannot be read");
            }
        }
        return CertificateChain.of(name, certificates, unreadable);
    }

    private static CertificateInfo decode(String body) throws CertificateException {
        byte[] der = Base64.getMimeDecoder().decode(body.trim());
        return CertificateInfo.of((X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der)));
    }
}
