package dev.meshdx.analysis.internal.checks.gateway;

import static dev.meshdx.model.ResourceKind.SECRET;

import dev.meshdx.analysis.internal.checks.gateway.GatewayServers.Credential;
import dev.meshdx.analysis.internal.checks.gateway.GatewayServers.Server;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.internal.PemCertificate;
import dev.meshdx.configuration.internal.TlsSecret;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Certificates of gateways that expire soon. Thresholds: 30 and 7 days, or a fifth and a tenth of a shorter lifetime
 * (cert-manager renews with a third left: cert-manager, "Certificate", {@code renewBefore}).
 */
public final class GatewayCertificateExpiryCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0284",
            "GatewayCertificateExpiresSoon",
            Severity.WARNING,
            "The certificate in a Secret that a gateway uses expires soon.");

    private static final Duration SOON = Duration.ofDays(30);
    private static final Duration VERY_SOON = Duration.ofDays(7);

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
        Set<String> reported = new HashSet<>();
        for (Server server : GatewayServers.of(configuration)) {
            for (Credential credential : server.credentials()) {
                Optional<Resource> secret = credential.secret(configuration);
                Optional<PemCertificate> certificate =
                        secret.flatMap(found -> TlsSecret.of(found).certificate());
                if (secret.isPresent()
                        && certificate.isPresent()
                        && reported.add(server.gateway() + " " + secret.get())) {
                    check(configuration, server, credential, secret.get(), certificate.get(), report);
                }
            }
        }
    }

    private static void check(
            Configuration configuration,
            Server server,
            Credential credential,
            Resource secret,
            PemCertificate certificate,
            Consumer<Finding> report) {
        Duration left = Duration.between(configuration.now(), certificate.notAfter());
        Duration lifetime = Duration.between(certificate.notBefore(), certificate.notAfter());
        if (left.isNegative() || left.compareTo(shorter(SOON, lifetime.dividedBy(5))) > 0) {
            return;
        }
        boolean urgent = left.compareTo(shorter(VERY_SOON, lifetime.dividedBy(10))) <= 0;
        String namespace = configuration.namespaceOf(secret);
        report.accept(configuration
                .finding(CODE, server.gateway(), credential.field())
                .severity(urgent ? Severity.WARNING : Severity.INFO)
                .message("The certificate in Secret " + configuration.qualifiedName(secret) + " expires in "
                        + (left.toDays() == 1
                                ? "1 day"
                                : left.toDays() > 0 ? left.toDays() + " days" : left.toHours() + " h")
                        + ", at " + certificate.notAfter() + ".")
                .evidence("notAfter", secret.toString(), certificate.notAfter().toString())
                .evidence("judged at", "", configuration.now().toString())
                .remedy("Renew it: kubectl -n " + namespace + " create secret tls " + secret.name()
                        + " --cert=CERT --key=KEY --dry-run=client -o yaml | kubectl apply -f -; if cert-manager should have:"
                        + " kubectl -n " + namespace + " describe certificates")
                .build());
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
