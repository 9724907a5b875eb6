package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.SERVICE;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Services of one namespace and name that differ between the clusters of a mesh: Istio takes them for one and spreads traffic
 * over all of them. Source: istio/istio, {@code multicluster/service.go}; Istio, "Deployment Models", namespace sameness.
 */
public final class ClusterServicesCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0170",
            "MultiClusterInconsistentService",
            Severity.WARNING,
            "A Service is not the same in all clusters of the mesh.");

    private static final String HERE = "this cluster";

    /** A Service of one of the clusters. */
    private record Service(String cluster, Resource resource) {
        boolean headless() {
            return resource.spec().at("clusterIP").text("").equals("None");
        }

        String type() {
            return resource.spec().at("type").text("ClusterIP");
        }

        /** By name, with what the API server adds; a node's port is each cluster's own. */
        Map<String, String> ports() {
            Map<String, String> ports = new TreeMap<>();
            for (Field port : Field.spec(resource).at("ports").items()) {
                String number = port.at("port").text();
                ports.put(
                        port.at("name").text(),
                        number + "/" + port.at("protocol").value().text("TCP") + " to "
                                + port.at("targetPort").value().text(number)
                                + (port.at("appProtocol").exists()
                                        ? " (" + port.at("appProtocol").text() + ")"
                                        : ""));
            }
            return ports;
        }

        String quoted() {
            return type() + (headless() ? ", headless" : "") + ", ports " + ports();
        }
    }

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(SERVICE);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Map<String, List<Service>> services = new LinkedHashMap<>();
        add(HERE, configuration, services);
        configuration.clusters().forEach((name, other) -> add(name, other, services));
        for (List<Service> same : services.values()) {
            Set<String> differences = new TreeSet<>();
            Set<String> clusters = new TreeSet<>();
            Service reference = same.get(0);
            for (Service other : same.subList(1, same.size())) {
                Set<String> own = differences(reference, other);
                differences.addAll(own);
                if (!own.isEmpty()) {
                    clusters.add(other.cluster());
                }
            }
            if (!differences.isEmpty()) {
                report.accept(finding(configuration, same, clusters, differences));
            }
        }
    }

    private static void add(String cluster, Configuration configuration, Map<String, List<Service>> services) {
        for (Resource service : configuration.all(SERVICE)) {
            services.computeIfAbsent(configuration.qualifiedName(service), unused -> new ArrayList<>())
                    .add(new Service(cluster, service));
        }
    }

    private static Set<String> differences(Service one, Service other) {
        Set<String> differences = new TreeSet<>();
        if (one.headless() != other.headless()) {
            differences.add("headless in one and not in the other");
        }
        if (!one.type().equals(other.type())) {
            differences.add("different types");
        }
        if (!one.ports().equals(other.ports())) {
            differences.add("different ports");
        }
        return differences;
    }

    private static Finding finding(
            Configuration configuration, List<Service> same, Set<String> clusters, Set<String> differences) {
        Service reference = same.get(0);
        String name = configuration.qualifiedName(reference.resource());
        Finding.Builder finding = Finding.of(CODE, reference.resource())
                .message("Service " + name + " is not the same in " + reference.cluster() + " and in "
                        + String.join(", ", clusters) + ": " + String.join("; ", differences)
                        + ". Istio takes them for one Service.");
        for (Service service : same) {
            if (service.cluster().equals(reference.cluster()) || clusters.contains(service.cluster())) {
                finding.evidence("spec", service.cluster() + ": " + service.resource(), service.quoted());
            }
        }
        return finding.remedy(
                        "Apply the same Service in all clusters, or give those that are not the same thing different"
                                + " names: " + ReferencedResources.edit(reference.resource()))
                .build();
    }
}
