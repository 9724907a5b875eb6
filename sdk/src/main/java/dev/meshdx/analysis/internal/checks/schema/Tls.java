package dev.meshdx.analysis.internal.checks.schema;

import dev.meshdx.configuration.Field;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Rules for TLS settings. */
final class Tls {
    private static final List<String> CERTIFICATES = List.of(
            "serverCertificate",
            "privateKey",
            "caCertificates",
            "caCrl",
            "credentialName",
            "credentialNames",
            "tlsCertificates");

    /** Source: istio/istio, {@code pkg/config/security}, {@code ValidCipherSuites}. */
    private static final Set<String> CIPHERS = Set.of(
            "ALL",
            "ECDHE-ECDSA-AES128-GCM-SHA256",
            "ECDHE-RSA-AES128-GCM-SHA256",
            "ECDHE-ECDSA-AES256-GCM-SHA384",
            "ECDHE-RSA-AES256-GCM-SHA384",
            "ECDHE-ECDSA-CHACHA20-POLY1305",
            "ECDHE-RSA-CHACHA20-POLY1305",
            "ECDHE-ECDSA-AES128-SHA",
            "ECDHE-RSA-AES128-SHA",
            "ECDHE-ECDSA-AES256-SHA",
            "ECDHE-RSA-AES256-SHA",
            "AES128-GCM-SHA256",
            "AES256-GCM-SHA384",
            "AES128-SHA",
            "AES256-SHA",
            "DES-CBC3-SHA");

    private Tls() {}

    private static boolean has(Field tls, String name) {
        return tls.at(name).value().size() > 0 || !tls.at(name).text().isEmpty();
    }

    /** Of a server: Gateways, and Sidecars' ingress listeners. */
    static void checkServer(Field tls, Problems problems) {
        String mode = tls.at("mode").value().text("PASSTHROUGH");
        adviseCiphers(tls, problems);
        boolean own = mode.equals("SIMPLE") || mode.equals("MUTUAL") || mode.equals("OPTIONAL_MUTUAL");
        if (mode.equals("ISTIO_MUTUAL")) {
            for (String name : List.of(
                    "serverCertificate",
                    "privateKey",
                    "caCertificates",
                    "tlsCertificates",
                    "credentialName",
                    "credentialNames")) {
                problems.require(
                        !has(tls, name), tls.at(name), "TLS mode ISTIO_MUTUAL takes Istio's certificates: no " + name);
            }
            return;
        }
        if (mode.equals("PASSTHROUGH") || mode.equals("AUTO_PASSTHROUGH")) {
            for (String name : CERTIFICATES) {
                problems.advise(!has(tls, name), tls.at(name), "TLS mode " + mode + " uses no certificates");
            }
        }
        List<String> sources = new ArrayList<>();
        if (has(tls, "serverCertificate") && has(tls, "privateKey")) {
            sources.add("serverCertificate");
        }
        for (String name : List.of("credentialName", "credentialNames", "tlsCertificates")) {
            if (has(tls, name)) {
                sources.add(name);
            }
        }
        problems.require(sources.size() <= 1, tls, "TLS has several sources of certificates: " + sources);
        if (!own) {
            return;
        }
        if (has(tls, "caCrl")) {
            problems.require(!has(tls, "credentialName"), tls.at("caCrl"), "caCrl does not go with credentialName");
            problems.require(!mode.equals("SIMPLE"), tls.at("caCrl"), "caCrl does not go with mode SIMPLE");
        }
        if (has(tls, "credentialName") || has(tls, "credentialNames")) {
            return;
        }
        if (!mode.equals("SIMPLE")) {
            problems.require(
                    has(tls, "caCertificates"), tls, "TLS mode " + mode + " needs caCertificates or a credentialName");
        }
        List<Field> certificates = tls.at("tlsCertificates").items();
        problems.advise(
                certificates.size() <= 2,
                tls.at("tlsCertificates"),
                "TLS mode " + mode + " serves two certificates at most, one RSA and one ECDSA");
        for (Field certificate : certificates.isEmpty() ? List.of(tls) : certificates) {
            problems.require(
                    has(certificate, "serverCertificate"),
                    certificate,
                    "TLS mode " + mode + " needs a serverCertificate or a credentialName");
            problems.require(
                    has(certificate, "privateKey"),
                    certificate,
                    "TLS mode " + mode + " needs a privateKey or a credentialName");
        }
    }

    private static void adviseCiphers(Field tls, Problems problems) {
        Field version = tls.at("minProtocolVersion");
        List<Field> suites = tls.at("cipherSuites").items();
        problems.advise(
                !Set.of("TLSV1_0", "TLSV1_1").contains(version.text()) || !suites.isEmpty(),
                version,
                "TLS below 1.2 needs cipherSuites: the default ones do not work with it");
        Set<String> unknown = new TreeSet<>();
        Set<String> known = new HashSet<>();
        Set<String> repeated = new TreeSet<>();
        for (Field suite : suites) {
            String name = suite.text();
            // Envoy's groups and operators begin with other characters.
            if (name.isEmpty() || CIPHERS.contains(name) || !Character.isLetterOrDigit(name.charAt(0))) {
                if (!known.add(name)) {
                    repeated.add(name);
                }
            } else {
                unknown.add(name);
            }
        }
        problems.advise(
                unknown.isEmpty(),
                tls.at("cipherSuites"),
                "cipher suites that Istio does not know are ignored: " + String.join(", ", unknown));
        problems.advise(
                repeated.isEmpty(),
                tls.at("cipherSuites"),
                "cipher suites are named twice: " + String.join(", ", repeated));
    }

    /** Of a client: DestinationRules. */
    static void checkClient(Field tls, String namespace, Problems problems) {
        if (!tls.exists()) {
            return;
        }
        String mode = tls.at("mode").value().text("DISABLE");
        boolean simple = mode.equals("SIMPLE");
        boolean mutual = mode.equals("MUTUAL");
        String credential = tls.at("credentialName").text();
        if (credential.startsWith("configmap://")) {
            String name = credential.substring("configmap://".length());
            int slash = name.indexOf('/');
            problems.require(
                    slash < 0 ? !name.isEmpty() : name.substring(0, slash).equals(namespace),
                    tls.at("credentialName"),
                    "a ConfigMap with CA certificates must be in the rule's own namespace");
        }
        if (Values.isTrue(tls.at("insecureSkipVerify").value())) {
            for (String name : List.of("caCertificates", "credentialName", "subjectAltNames")) {
                if (simple || (mutual && !name.equals("credentialName"))) {
                    problems.require(!has(tls, name), tls.at(name), "insecureSkipVerify does not go with " + name);
                }
            }
        }
        if ((simple || mutual) && !credential.isEmpty()) {
            List<String> files = List.of("clientCertificate", "privateKey", "caCertificates", "caCrl").stream()
                    .filter(name -> has(tls, name))
                    .toList();
            problems.require(files.isEmpty(), tls, "credentialName does not go with " + String.join(", ", files));
        } else if (mutual) {
            problems.require(
                    has(tls, "clientCertificate"),
                    tls,
                    "TLS mode MUTUAL needs a clientCertificate or a credentialName");
            problems.require(has(tls, "privateKey"), tls, "TLS mode MUTUAL needs a privateKey or a credentialName");
        }
    }
}
