package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.CUSTOM_RESOURCE_DEFINITION;

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
 * Kinds of the Gateway API that the cluster serves in versions only which Istio does not read, or will not read for long.
 * Source: istio/istio, {@code istioctl/pkg/precheck}, {@code checkGatewayAPIs}: {@code v1beta1} is what it needs,
 * {@code v1} what it will need; Gateway API, "Versioning".
 */
public final class GatewayApiServedCheck implements ConfigurationCheck {
    static final FindingCode UNSUPPORTED = new FindingCode(
            "IST0156",
            "UnsupportedGatewayAPIVersion",
            Severity.ERROR,
            "A kind of the Gateway API is served in no version that Istio reads.");

    static final FindingCode FUTURE = new FindingCode(
            "IST0172",
            "FutureUnsupportedGatewayAPIVersion",
            Severity.WARNING,
            "A kind of the Gateway API is not served in the version that coming releases of Istio need.");

    private static final String GROUP = "gateway.networking.k8s.io";
    private static final Set<String> NEED_BETA = Set.of("Gateway", "GatewayClass", "HTTPRoute", "ReferenceGrant");
    private static final Set<String> WILL_NEED_V1 = Set.of("Gateway", "GatewayClass", "HTTPRoute", "GRPCRoute");

    @Override
    public List<FindingCode> codes() {
        return List.of(UNSUPPORTED, FUTURE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(CUSTOM_RESOURCE_DEFINITION);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Resource definition : configuration.all(CUSTOM_RESOURCE_DEFINITION)) {
            Field spec = Field.spec(definition);
            String kind = spec.at("names", "kind").text();
            Field versions = spec.at("versions");
            if (!spec.at("group").text().equals(GROUP)
                    || versions.items().isEmpty()
                    || GatewayApiVersionCheck.tooOld(definition).isPresent()) {
                // That the bundle is too old is said already.
                continue;
            }
            Set<String> served = new TreeSet<>();
            for (Field version : versions.items()) {
                if (version.at("served").value().bool(false)) {
                    served.add(version.at("name").text());
                }
            }
            // Whoever serves v1 serves what Istio reads: later bundles give the beta up.
            if (NEED_BETA.contains(kind) && !served.contains("v1beta1") && !served.contains("v1")) {
                report.accept(finding(definition, UNSUPPORTED, served)
                        .message(kind + " of the Gateway API is served as " + text(served)
                                + "; Istio needs v1beta1 or v1, and ignores resources of this kind.")
                        .build());
            } else if (WILL_NEED_V1.contains(kind) && !served.contains("v1")) {
                report.accept(finding(definition, FUTURE, served)
                        .message(kind + " of the Gateway API is served as " + text(served)
                                + "; coming releases of Istio need v1.")
                        .build());
            }
        }
    }

    private static Finding.Builder finding(Resource definition, FindingCode code, Set<String> served) {
        return Finding.of(code, definition)
                .evidence("spec.versions[].served", definition.toString(), text(served))
                .remedy(
                        "Install a newer bundle of the Gateway API: kubectl apply --server-side -f"
                                + " https://github.com/kubernetes-sigs/gateway-api/releases/latest/download/standard-install.yaml");
    }

    private static String text(Set<String> served) {
        return served.isEmpty() ? "no version" : String.join(", ", served);
    }
}
