package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.DEPLOYMENT;
import static dev.meshdx.model.ResourceKind.MUTATING_WEBHOOK_CONFIGURATION;
import static dev.meshdx.model.ResourceKind.NAMESPACE;
import static dev.meshdx.model.ResourceKind.POD;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Selectors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Proxies whose image {@code auto} nobody replaces. Injection does it, for gateways too. Source: istio/istio,
 * {@code injection/image_auto.go}; Istio, "Installing Gateways".
 */
public final class ProxyImageAutoCheck implements ConfigurationCheck {
    static final FindingCode DEPLOYMENT_NOT_INJECTED = new FindingCode(
            "IST0146",
            "ImageAutoWithoutInjectionWarning",
            Severity.WARNING,
            "The Deployment leaves its proxy's image to injection, but no injection webhook acts on it.");

    static final FindingCode POD_NOT_INJECTED = new FindingCode(
            "IST0147",
            "ImageAutoWithoutInjectionError",
            Severity.ERROR,
            "The pod's proxy still has the placeholder image auto.");

    @Override
    public List<FindingCode> codes() {
        return List.of(DEPLOYMENT_NOT_INJECTED, POD_NOT_INJECTED);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(NAMESPACE, POD, DEPLOYMENT, MUTATING_WEBHOOK_CONFIGURATION);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Resource pod : configuration.all(POD)) {
            auto(Field.spec(pod))
                    .ifPresent(image -> report.accept(configuration
                            .finding(POD_NOT_INJECTED, pod, image)
                            .message("The container istio-proxy of pod " + pod.name()
                                    + " has the image \"auto\": injection should have replaced it and did not.")
                            .remedy("Enable injection for the pod (label sidecar.istio.io/inject=true or a label of its"
                                    + " namespace), then create it anew: kubectl -n " + configuration.namespaceOf(pod)
                                    + " delete pod " + pod.name())
                            .build()));
        }
        for (Resource deployment : configuration.all(DEPLOYMENT)) {
            auto(Field.spec(deployment).at("template", "spec"))
                    .ifPresent(image -> check(configuration, deployment, image, report));
        }
    }

    /** The field that holds {@code auto}. */
    private static Optional<Field> auto(Field podSpec) {
        return podSpec.at("containers").items().stream()
                .filter(container -> container.at("name").text().equals("istio-proxy"))
                .map(container -> container.at("image"))
                .filter(image -> image.text().equals("auto"))
                .findFirst();
    }

    private static void check(Configuration configuration, Resource deployment, Field image, Consumer<Finding> report) {
        String name = configuration.namespaceOf(deployment);
        Optional<Resource> namespace = configuration.find(NAMESPACE, "", name);
        if (namespace.isEmpty() && !configuration.complete(NAMESPACE, name)) {
            return;
        }
        Map<String, String> namespaceLabels = namespace.map(Resource::labels).orElse(Map.of());
        Map<String, String> podLabels =
                deployment.spec().at("template", "metadata", "labels").textMap();
        List<String> webhooks = new ArrayList<>();
        for (Resource webhookConfiguration : configuration.all(MUTATING_WEBHOOK_CONFIGURATION)) {
            for (Json webhook : webhookConfiguration.raw().at("webhooks").items()) {
                if (!webhook.at("name").text("").endsWith("istio.io")) {
                    continue;
                }
                if (Selectors.matches(webhook.at("namespaceSelector"), namespaceLabels)
                        && Selectors.matches(webhook.at("objectSelector"), podLabels)) {
                    return;
                }
                webhooks.add(
                        webhookConfiguration.name() + "/" + webhook.at("name").text(""));
            }
        }
        Finding.Builder finding = configuration
                .finding(DEPLOYMENT_NOT_INJECTED, deployment, image)
                .message("The container istio-proxy of Deployment " + deployment.name()
                        + " has the image \"auto\", which injection replaces; but "
                        + (webhooks.isEmpty()
                                ? "there is no injection webhook."
                                : "no injection webhook selects namespace " + name + " and the pods' labels."))
                .evidence("metadata.labels", "Namespace " + name, Configuration.text(namespaceLabels) + " (labels)")
                .evidence(
                        "spec.template.metadata.labels",
                        deployment.toString(),
                        Configuration.text(podLabels) + " (labels)");
        if (!webhooks.isEmpty()) {
            finding.evidence(
                    "webhooks[].namespaceSelector, objectSelector",
                    "MutatingWebhookConfigurations",
                    "not satisfied: " + String.join(", ", webhooks));
        }
        report.accept(finding.remedy("Enable injection: kubectl label namespace " + name
                        + " istio-injection=enabled, or give the pods the label sidecar.istio.io/inject=true: "
                        + ReferencedResources.edit(deployment))
                .build());
    }
}
