package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.DEPLOYMENT;
import static dev.meshdx.model.ResourceKind.REQUEST_AUTHENTICATION;

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
 * istiod fetches keys from the address that a RequestAuthentication names; whoever may write one can make it call addresses
 * inside the cluster, unless some are blocked. Source: istio/istio, {@code authn/blocked_cidrs.go}; Istio, "pilot-discovery",
 * BLOCKED_CIDRS_IN_JWKS_URIS.
 */
public final class JwksFetchCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0175", "JwksUriFetchUnrestricted", Severity.WARNING, "istiod may fetch JWT keys from any address.");

    private static final String VARIABLE = "BLOCKED_CIDRS_IN_JWKS_URIS";

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(REQUEST_AUTHENTICATION, DEPLOYMENT);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        List<String> policies = configuration.all(REQUEST_AUTHENTICATION).stream()
                .map(configuration::qualifiedName)
                .sorted()
                .toList();
        if (policies.isEmpty()) {
            return;
        }
        for (Resource deployment : configuration.all(DEPLOYMENT)) {
            if (!deployment.label("app").orElse("").equals("istiod")) {
                continue;
            }
            Field containers = Field.spec(deployment).at("template", "spec", "containers");
            if (containers.items().stream()
                    .flatMap(container -> container.at("env").items().stream())
                    .anyMatch(variable -> variable.at("name").text().equals(VARIABLE)
                            && !variable.at("value").text().isEmpty())) {
                continue;
            }
            String names = String.join(", ", policies.subList(0, Math.min(5, policies.size())))
                    + (policies.size() > 5 ? " and " + (policies.size() - 5) + " more" : "");
            report.accept(Finding.of(CODE, deployment)
                    .message("There "
                            + (policies.size() == 1
                                    ? "is a RequestAuthentication"
                                    : "are " + policies.size() + " RequestAuthentications")
                            + " (" + names + "), and istiod fetches their keys from any address, those inside the"
                            + " cluster included.")
                    .evidence(containers.path() + "[].env." + VARIABLE, deployment.toString(), "absent")
                    .remedy("Block the addresses that nobody should reach this way: kubectl -n "
                            + configuration.namespaceOf(deployment) + " set env deployment/" + deployment.name() + " "
                            + VARIABLE + "=10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,169.254.0.0/16 (better in the"
                            + " installation's values)")
                    .build());
        }
    }
}
