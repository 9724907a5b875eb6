package dev.meshdx.analysis.internal.checks.gateway;

import static dev.meshdx.model.ResourceKind.GATEWAY_CLASS;
import static dev.meshdx.model.ResourceKind.KUBERNETES_GATEWAY;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
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
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Gateways of a class that does not exist: no controller does anything about them. istiod makes the classes of Istio itself.
 * Sources: Gateway API, "GatewayClass"; istio/istio, {@code pilot/pkg/config/kube/gateway/gatewayclass.go} and
 * {@code pkg/config/constants}; Kiali, KIA1504.
 */
public final class GatewayClassCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0242", "GatewayClassNotFound", Severity.ERROR, "The class of a Gateway does not exist.");

    private static final Set<String> ISTIO = Set.of("istio", "istio-remote", "istio-waypoint", "istio-east-west");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(KUBERNETES_GATEWAY, GATEWAY_CLASS);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        if (!configuration.complete(GATEWAY_CLASS)) {
            return;
        }
        Set<String> written = new TreeSet<>();
        configuration.all(GATEWAY_CLASS).forEach(one -> written.add(one.name()));
        Set<String> known = new TreeSet<>(written);
        known.addAll(ISTIO);
        String names = String.join(", ", known.stream().limit(10).toList()) + (known.size() > 10 ? ", …" : "");
        for (Resource gateway : configuration.all(KUBERNETES_GATEWAY)) {
            Field name = Field.spec(gateway).at("gatewayClassName");
            if (name.text().isEmpty() || known.contains(name.text())) {
                continue;
            }
            List<String> near = configuration.near(name.text(), known);
            // Files seldom hold classes: one that they lack may be another controller's, unless it looks like a slip.
            if (written.isEmpty() && near.isEmpty()) {
                continue;
            }
            report.accept(configuration
                    .finding(CODE, gateway, name)
                    .severity(written.isEmpty() ? Severity.WARNING : Severity.ERROR)
                    .message("GatewayClass \"" + name.text() + "\" does not exist, so nobody sets this Gateway up."
                            + ReferencedResources.didYouMean(near))
                    .evidence("classes that exist", "GatewayClass", names)
                    .remedy((near.isEmpty() ? "Write one of " + names : "Write gatewayClassName: " + near.get(0)) + ": "
                            + ReferencedResources.edit(gateway))
                    .build());
        }
    }
}
