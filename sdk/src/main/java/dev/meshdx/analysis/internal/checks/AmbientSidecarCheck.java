package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.NAMESPACE;
import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.SIDECAR;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Sidecars for what runs in ambient mode, where there is no sidecar that they could limit. Source: istio/istio,
 * {@code sidecar/selector.go}.
 */
public final class AmbientSidecarCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0167",
            "IneffectivePolicy",
            Severity.WARNING,
            "The Sidecar does nothing, because what it is for runs in ambient mode.");

    private static final String REDIRECTION = "ambient.istio.io/redirection";

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(SIDECAR, POD, NAMESPACE);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Resource sidecar : configuration.all(SIDECAR)) {
            Field labels = Field.spec(sidecar).at("workloadSelector", "labels");
            Map<String, String> selector = labels.value().textMap();
            String namespace = configuration.namespaceOf(sidecar);
            if (selector.isEmpty()) {
                configuration
                        .find(NAMESPACE, "", namespace)
                        .filter(AmbientSidecarCheck::isAmbient)
                        .ifPresent(found -> report.accept(configuration
                                .finding(CODE, sidecar, labels)
                                .message("The Sidecar is for all of namespace " + namespace
                                        + ", which is in ambient mode: it has no effect on ztunnel and waypoints.")
                                .evidence("metadata.labels.istio.io/dataplane-mode", found.toString(), "ambient")
                                .remedy(remedy(sidecar))
                                .build()));
                continue;
            }
            Optional<Resource> pod = configuration.matching(POD, selector, namespace).stream()
                    .filter(candidate ->
                            candidate.annotation(REDIRECTION).orElse("").equals("enabled"))
                    .findFirst();
            pod.ifPresent(found -> report.accept(configuration
                    .finding(CODE, sidecar, labels)
                    .message("The Sidecar selects pod " + found.name()
                            + ", which is in ambient mode and has no sidecar: there it has no effect.")
                    .evidence("metadata.annotations." + REDIRECTION, found.toString(), "enabled")
                    .remedy(remedy(sidecar))
                    .build()));
        }
    }

    private static String remedy(Resource sidecar) {
        return "Delete it, or take the workloads out of ambient mode: kubectl -n " + sidecar.namespace() + " delete "
                + sidecar.kind().qualifiedPlural() + " " + sidecar.name();
    }

    private static boolean isAmbient(Resource namespace) {
        return !namespace.label("istio-injection").orElse("").equals("enabled")
                && namespace.label("istio.io/rev").orElse("").isEmpty()
                && namespace.label("istio.io/dataplane-mode").orElse("").equals("ambient");
    }
}
