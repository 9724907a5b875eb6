package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.health.CustomResource;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.model.ResourceRef;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** MDX0116: kinds of Istio's own that the API server does not serve. */
final class CustomResourceNotServedCheck implements Check<HealthModel> {
    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.CUSTOM_RESOURCE_NOT_SERVED);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        List<CustomResource> missing = model.controlPlane.customResources().stream()
                .filter(kind -> !kind.installed())
                .toList();
        if (!missing.isEmpty()) {
            Finding.Builder finding = Finding.of(
                            HealthCodes.CUSTOM_RESOURCE_NOT_SERVED,
                            ResourceRef.of(
                                    "CustomResourceDefinition",
                                    "",
                                    missing.get(0).name()))
                    .message(
                            "Kinds of Istio are not installed: "
                                    + missing.stream().map(CustomResource::name).collect(Collectors.joining(", "))
                                    + ". Objects of these kinds cannot be written, and those that there were are gone with them.");
            missing.forEach(kind -> finding.evidence("CustomResourceDefinition", kind.name(), "not found"));
            report.accept(
                    finding.remedy("Install the definitions of the version that istiod has: helm upgrade istio-base"
                                    + " istio/base -n " + model.istioNamespace + ", or istioctl install")
                            .build());
        }
        for (CustomResource kind : model.controlPlane.customResources()) {
            if (kind.installed() && !kind.served()) {
                report.accept(Finding.of(
                                HealthCodes.CUSTOM_RESOURCE_NOT_SERVED,
                                ResourceRef.of("CustomResourceDefinition", "", kind.name()))
                        .message(kind.name() + " is installed and not served: "
                                + (kind.established()
                                        ? "no version of it has served: true."
                                        : "the API server has not accepted it (condition Established is False)."))
                        .evidence(
                                kind.established() ? "spec.versions[].served" : "status.conditions[type=Established]",
                                "CustomResourceDefinition " + kind.name(),
                                kind.established() ? "none" : "False")
                        .remedy(
                                "kubectl describe crd " + kind.name()
                                        + "; two definitions may claim the same names: remove the other one, or install it anew")
                        .build());
            }
        }
    }
}
