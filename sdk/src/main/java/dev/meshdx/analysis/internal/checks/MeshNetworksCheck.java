package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.SECRET;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Networks that take their endpoints from a cluster that the control plane has no access to. Source: istio/istio,
 * {@code multicluster/meshnetworks.go}; Istio, "MeshNetworks", field fromRegistry.
 */
public final class MeshNetworksCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0126",
            "UnknownMeshNetworksServiceRegistry",
            Severity.ERROR,
            "A network takes endpoints from a registry that the control plane does not know.");

    /** Registries that need no Secret. */
    private static final Set<String> BUILT_IN = Set.of("Mock", "Kubernetes", "External");

    private static final String REMOTE = "istio/multiCluster";

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(SECRET);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Set<String> known = new TreeSet<>(BUILT_IN);
        for (Resource secret : configuration.all(SECRET)) {
            if (secret.label(REMOTE).map("true"::equals).orElse(false)) {
                known.addAll(secret.raw().at("data").names());
            }
        }
        if (!configuration.complete(SECRET, configuration.istioNamespace())) {
            return;
        }
        Field networks = new Field("networks", configuration.meshNetworks().at("networks"));
        for (Field network : networks.entries()) {
            for (Field endpoint : network.at("endpoints").items()) {
                Field registry = endpoint.at("fromRegistry");
                if (registry.exists() && !known.contains(registry.text())) {
                    report(configuration, networks, network, registry, known, report);
                }
            }
        }
    }

    private static void report(
            Configuration configuration,
            Field networks,
            Field network,
            Field registry,
            Set<String> known,
            Consumer<Finding> report) {
        ResourceRef subject = ResourceRef.of("MeshNetworks", configuration.istioNamespace(), "meshnetworks");
        List<String> near = configuration.near(registry.text(), known);
        report.accept(Finding.of(CODE, subject)
                .location(configuration.meshNetworksOrigin())
                .message("Network " + network.path().substring(networks.path().length() + 1)
                        + " takes endpoints from registry \"" + registry.text()
                        + "\", but there is no Secret with access to a cluster of this name."
                        + ReferencedResources.didYouMean(near))
                .evidence(registry.path(), subject.toString(), registry.quoted())
                .evidence("data of Secrets with " + REMOTE + "=true", "Secrets", String.join(", ", known))
                .remedy("Write the name under which the cluster is known (istioctl remote-clusters) as fromRegistry, or"
                        + " give the control plane access: istioctl create-remote-secret --name="
                        + registry.text() + " | kubectl apply -f -")
                .build());
    }
}
