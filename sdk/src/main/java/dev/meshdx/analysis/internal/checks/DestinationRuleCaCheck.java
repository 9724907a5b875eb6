package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.DESTINATION_RULE;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * DestinationRules that originate TLS and name nothing to verify the server with. Source: istio/istio,
 * {@code destinationrule/ca-certificate.go}; Istio, "ClientTLSSettings".
 */
public final class DestinationRuleCaCheck implements ConfigurationCheck {
    static final FindingCode RULE = new FindingCode(
            "IST0128",
            "NoServerCertificateVerificationDestinationLevel",
            Severity.WARNING,
            "TLS to a host is originated without CA certificates to verify the server with.");

    static final FindingCode PORT = new FindingCode(
            "IST0129",
            "NoServerCertificateVerificationPortLevel",
            Severity.WARNING,
            "TLS to a port is originated without CA certificates to verify the server with.");

    @Override
    public List<FindingCode> codes() {
        return List.of(RULE, PORT);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(DESTINATION_RULE);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Resource rule : configuration.all(DESTINATION_RULE)) {
            Field policy = Field.spec(rule).at("trafficPolicy");
            check(configuration, RULE, rule, policy.at("tls"), "", report);
            for (Field port : policy.at("portLevelSettings").items()) {
                String number = port.at("port", "number").text();
                check(configuration, PORT, rule, port.at("tls"), number.isEmpty() ? "?" : number, report);
            }
        }
    }

    private static void check(
            Configuration configuration,
            FindingCode code,
            Resource rule,
            Field tls,
            String port,
            Consumer<Finding> report) {
        String mode = tls.at("mode").text();
        Field certificates = tls.at("caCertificates");
        Field credential = tls.at("credentialName");
        boolean bySecret = !credential.text().isEmpty()
                && rule.spec().at("workloadSelector").exists();
        if (!(mode.equals("SIMPLE") || mode.equals("MUTUAL"))
                || !certificates.text().isEmpty()
                || bySecret) {
            return;
        }
        String host = rule.spec().at("host").text("");
        String to = port.isEmpty() ? "\"" + host + "\"" : "port " + port + " of \"" + host + "\"";
        Finding.Builder finding = configuration
                .finding(code, rule, certificates)
                .message("TLS to " + to + " has mode " + mode + " without caCertificates"
                        + (credential.text().isEmpty()
                                ? ": nothing here says which certificates of the server to believe."
                                : ", and credentialName counts for a rule with a workloadSelector only."))
                .evidence(tls.at("mode").path(), rule.toString(), tls.at("mode").quoted());
        if (credential.exists()) {
            finding.evidence(credential.path(), rule.toString(), credential.quoted());
        }
        report.accept(finding.remedy("Set caCertificates to the CA's file in the proxy"
                        + " (/etc/ssl/certs/ca-certificates.crt for public ones): " + ReferencedResources.edit(rule))
                .build());
    }
}
