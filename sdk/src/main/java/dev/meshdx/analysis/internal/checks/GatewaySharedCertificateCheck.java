package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.GATEWAY;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Selectors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Gateways of the same pods that serve the same certificate: a browser reuses its HTTP/2 connection for the other host, and
 * gets 404. Source: istio/istio, {@code gateway/certificate.go}; Istio, "Common Problems: 404 errors occur when multiple
 * gateways configured with same TLS certificate".
 */
public final class GatewaySharedCertificateCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0138",
            "GatewayDuplicateCertificate",
            Severity.WARNING,
            "Gateways of the same pods serve the same certificate.");

    /** A certificate as a server names it. */
    private record Certificate(String credential, String certificate, String key) {
        boolean known() {
            return !credential.isEmpty() || (!certificate.isEmpty() && !key.isEmpty());
        }
    }

    private record Server(Resource gateway, Field field) {}

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(GATEWAY);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Map<Certificate, List<Server>> servers = new LinkedHashMap<>();
        for (Resource gateway : configuration.all(GATEWAY)) {
            for (Field server : Field.spec(gateway).at("servers").items()) {
                Certificate certificate = certificate(server.at("tls"));
                if (certificate.known()) {
                    servers.computeIfAbsent(certificate, unused -> new ArrayList<>())
                            .add(new Server(gateway, server));
                }
            }
        }
        for (Resource gateway : configuration.all(GATEWAY)) {
            Map<String, String> selector = gateway.spec().at("selector").textMap();
            Map<Resource, Finding.Builder> others = new LinkedHashMap<>();
            for (Field server : Field.spec(gateway).at("servers").items()) {
                for (Server other : servers.getOrDefault(certificate(server.at("tls")), List.of())) {
                    if (!other.gateway().equals(gateway)
                            && Selectors.matchesMap(
                                    selector,
                                    other.gateway().spec().at("selector").textMap())) {
                        others.computeIfAbsent(other.gateway(), unused -> begin(configuration, gateway, server, other))
                                .evidence(
                                        named(other.field()).path(),
                                        other.gateway().toString(),
                                        named(other.field()).quoted());
                    }
                }
            }
            others.values().forEach(finding -> report.accept(finding.build()));
        }
    }

    /** A name in a Secret counts before files. */
    private static Certificate certificate(Field tls) {
        String credential = tls.at("credentialName").text();
        return credential.isEmpty()
                ? new Certificate(
                        "",
                        tls.at("serverCertificate").text(),
                        tls.at("privateKey").text())
                : new Certificate(credential, "", "");
    }

    private static Field named(Field server) {
        Field credential = server.at("tls", "credentialName");
        return credential.text().isEmpty() ? server.at("tls", "serverCertificate") : credential;
    }

    private static Finding.Builder begin(Configuration configuration, Resource gateway, Field server, Server other) {
        String name = configuration.qualifiedName(other.gateway());
        Field named = named(server);
        return Finding.of(CODE, gateway)
                .message("This Gateway and " + name + " serve the same certificate from the same pods. A client that"
                        + " reuses its HTTP/2 connection to one of them for hosts of the other gets 404.")
                .evidence(named.path(), gateway.toString(), named.quoted())
                .remedy(
                        "Serve all hosts of the certificate in one Gateway, and bind the VirtualServices of both to it: "
                                + ReferencedResources.edit(gateway));
    }
}
