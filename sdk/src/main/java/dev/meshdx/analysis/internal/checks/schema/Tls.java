package dev.meshdx.analysis.internal.checks.schema;

import dev.meshdx.analysis.internal.configuration.Field;
import java.util.ArrayList;
import java.util.List;

/** Rules for TLS settings. */
final class Tls {
    private Tls() {}

    private static boolean has(Field tls, String name) {
        return tls.at(name).value().size() > 0 || !tls.at(name).text().isEmpty();
    }

    /** Of a server: Gateways, and Sidecars' ingress listeners. */
    static void checkServer(Field tls, Problems problems) {
        String mode = tls.at("mode").value().text("PASSTHROUGH");
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
