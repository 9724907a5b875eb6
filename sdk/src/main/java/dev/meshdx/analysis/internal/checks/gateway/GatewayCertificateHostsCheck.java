package dev.meshdx.analysis.internal.checks.gateway;

import static dev.meshdx.model.ResourceKind.SECRET;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.analysis.internal.checks.gateway.GatewayServers.Credential;
import dev.meshdx.analysis.internal.checks.gateway.GatewayServers.Server;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.PemCertificate;
import dev.meshdx.configuration.internal.TlsSecret;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Certificates of gateways that are for other hosts than those that the gateway serves with them: clients refuse the
 * connection. Source: RFC 9110, 4.3.4, and RFC 6125, 6.4.3: a wildcard stands for exactly one label. Envoy does not compare.
 */
public final class GatewayCertificateHostsCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0283",
            "GatewayCertificateForOtherHosts",
            Severity.WARNING,
            "The certificate that a gateway serves is for other hosts than the gateway's.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        Set<ResourceKind> inputs = new HashSet<>(GatewayServers.INPUTS);
        inputs.add(SECRET);
        return inputs;
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Server server : GatewayServers.of(configuration)) {
            Map<Resource, PemCertificate> certificates = new LinkedHashMap<>();
            for (Credential credential : server.credentials()) {
                Optional<Resource> secret = credential.secret(configuration);
                Optional<PemCertificate> certificate =
                        secret.flatMap(found -> TlsSecret.of(found).certificate());
                if (secret.isPresent() && certificate.isPresent()) {
                    certificates.put(secret.get(), certificate.get());
                }
            }
            if (!certificates.isEmpty()
                    && certificates.size() == server.credentials().size()) {
                check(configuration, server, certificates, report);
            }
        }
    }

    private static void check(
            Configuration configuration,
            Server server,
            Map<Resource, PemCertificate> certificates,
            Consumer<Finding> report) {
        Set<String> names = new TreeSet<>();
        certificates.values().forEach(certificate -> names.addAll(certificate.names()));
        Map<String, Field> foreign = new TreeMap<>();
        server.hosts().forEach((field, host) -> {
            if (!host.isEmpty() && !host.equals("*") && names.stream().noneMatch(name -> canServe(name, host))) {
                foreign.put(field.path(), field);
            }
        });
        if (foreign.isEmpty()) {
            return;
        }
        Field first = foreign.values().iterator().next();
        List<String> hosts =
                foreign.values().stream().map(server.hosts()::get).distinct().toList();
        List<String> secrets =
                certificates.keySet().stream().map(configuration::qualifiedName).toList();
        Finding.Builder finding = configuration
                .finding(CODE, server.gateway(), first)
                .message("The certificate in Secret " + String.join(", ", secrets) + " is for "
                        + (names.isEmpty() ? "no host at all (it has no subjectAltName)" : String.join(", ", names))
                        + ", not for " + String.join(", ", hosts) + ": clients that verify it refuse to connect.");
        certificates.forEach((secret, certificate) -> finding.evidence(
                "subjectAltName",
                secret.toString(),
                certificate.names().isEmpty()
                        ? "none (subject " + certificate.subject() + ")"
                        : String.join(", ", certificate.names())));
        report.accept(finding.remedy("Issue the certificate with these names too (cert-manager: spec.dnsNames: ["
                        + String.join(", ", hosts) + "]), or name the Secret that has them: "
                        + ReferencedResources.edit(server.gateway()))
                .build());
    }

    /** Whether a certificate's name is good for the host, or for some of the hosts that a wildcard stands for. */
    private static boolean canServe(String name, String written) {
        String host = written.toLowerCase(java.util.Locale.ROOT);
        if (name.equals(host)) {
            return true;
        }
        if (host.startsWith("*")) {
            return name.endsWith(host.substring(1));
        }
        int dot = host.indexOf('.');
        return name.startsWith("*.") && dot > 0 && name.substring(1).equals(host.substring(dot));
    }
}
