package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.DEPLOYMENT;
import static dev.meshdx.model.ResourceKind.NAMESPACE;
import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.SERVICE;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Annotations in Istio's name that do nothing: unknown ones, and known ones on a kind of resource where nobody reads them.
 * Source: istio/istio, {@code annotations/annotations.go}; the list is istio/api's, {@code annotation/annotations.yaml}.
 */
public final class AnnotationCheck implements ConfigurationCheck {
    static final FindingCode MISPLACED = new FindingCode(
            "IST0107",
            "MisplacedAnnotation",
            Severity.WARNING,
            "An annotation sits on a kind that nobody reads it from.");

    static final FindingCode UNKNOWN = new FindingCode(
            "IST0108",
            "UnknownAnnotation",
            Severity.WARNING,
            "An annotation in Istio's name that Istio does not know.");

    static final FindingCode DEPRECATED = new FindingCode(
            "IST0135", "DeprecatedAnnotation", Severity.INFO, "An annotation that Istio has deprecated.");

    /** Written by Istio itself, or read from anywhere. */
    private static final Set<String> IGNORED =
            Set.of("sidecar.istio.io/status", "gateway.istio.io/controller-version", "istio.io/rev");

    /** Name, the kinds that carry it, and whether it is deprecated. */
    private static final String TABLE = """
            alpha.istio.io/canonical-serviceaccounts Service deprecated
            alpha.istio.io/kubernetes-serviceaccounts Service deprecated
            ambient.istio.io/bypass-inbound-capture Pod
            ambient.istio.io/dns-capture Pod
            ambient.istio.io/redirection Pod
            ambient.istio.io/waypoint-inbound-binding GatewayClass,Gateway
            galley.istio.io/analyze-suppress Any
            gateway.istio.io/controller-version Any
            gateway.istio.io/name-override Gateway
            gateway.istio.io/service-account Gateway
            inject.istio.io/templates Pod
            istio.io/autoRegistrationGroup WorkloadEntry
            istio.io/connectedAt WorkloadEntry
            istio.io/disconnectedAt WorkloadEntry
            istio.io/dry-run AuthorizationPolicy
            istio.io/reroute-virtual-interfaces Pod
            istio.io/rev Pod
            istio.io/use-waypoint-canary-weight Service,ServiceEntry,Namespace
            istio.io/workloadController WorkloadEntry
            kubernetes.io/ingress.class Ingress
            networking.istio.io/exportTo Service
            networking.istio.io/service-type Gateway
            networking.istio.io/traffic-distribution Namespace,Service,ServiceEntry
            prometheus.istio.io/merge-metrics Pod
            proxy.istio.io/config Pod
            proxy.istio.io/overrides Pod
            readiness.status.sidecar.istio.io/applicationPorts Pod
            readiness.status.sidecar.istio.io/failureThreshold Pod
            readiness.status.sidecar.istio.io/initialDelaySeconds Pod
            readiness.status.sidecar.istio.io/periodSeconds Pod
            sidecar.istio.io/agentLogLevel Pod
            sidecar.istio.io/bootstrapOverride Pod
            sidecar.istio.io/componentLogLevel Pod
            sidecar.istio.io/discoveryAddress Pod deprecated
            sidecar.istio.io/extraStatTags Pod deprecated
            sidecar.istio.io/inject Pod deprecated
            sidecar.istio.io/interceptionMode Pod
            sidecar.istio.io/logLevel Pod
            sidecar.istio.io/nativeSidecar Pod
            sidecar.istio.io/proxyCPU Pod
            sidecar.istio.io/proxyCPULimit Pod
            sidecar.istio.io/proxyImage Pod
            sidecar.istio.io/proxyImageType Pod
            sidecar.istio.io/proxyMemory Pod
            sidecar.istio.io/proxyMemoryLimit Pod
            sidecar.istio.io/rewriteAppHTTPProbers Pod
            sidecar.istio.io/statsCompression Pod deprecated
            sidecar.istio.io/statsEvictionInterval Pod
            sidecar.istio.io/statsFlushInterval Pod
            sidecar.istio.io/statsHistogramBins Pod
            sidecar.istio.io/statsHistogramBuckets Pod
            sidecar.istio.io/statsInclusionPrefixes Pod deprecated
            sidecar.istio.io/statsInclusionRegexps Pod deprecated
            sidecar.istio.io/statsInclusionSuffixes Pod deprecated
            sidecar.istio.io/status Pod
            sidecar.istio.io/userVolume Pod
            sidecar.istio.io/userVolumeMount Pod
            status.sidecar.istio.io/port Pod
            topology.istio.io/controlPlaneClusters Namespace
            traffic.istio.io/nodeSelector Service
            traffic.sidecar.istio.io/excludeInboundPorts Pod
            traffic.sidecar.istio.io/excludeInterfaces Pod
            traffic.sidecar.istio.io/excludeOutboundIPRanges Pod
            traffic.sidecar.istio.io/excludeOutboundPorts Pod
            traffic.sidecar.istio.io/includeInboundPorts Pod
            traffic.sidecar.istio.io/includeOutboundIPRanges Pod
            traffic.sidecar.istio.io/includeOutboundPorts Pod
            traffic.sidecar.istio.io/kubevirtInterfaces Pod deprecated
            """;

    /** Those that have left alpha; all others in the table may still change. */
    private static final Set<String> STABLE = Set.of(
            "ambient.istio.io/redirection",
            "kubernetes.io/ingress.class",
            "proxy.istio.io/config",
            "sidecar.istio.io/inject",
            "traffic.istio.io/nodeSelector");

    private record Known(Set<String> kinds, boolean deprecated) {}

    private static final Map<String, Known> KNOWN = TABLE.lines()
            .map(line -> line.trim().split(" "))
            .filter(columns -> columns.length > 1)
            .collect(Collectors.toMap(
                    columns -> columns[0],
                    columns -> new Known(Set.of(columns[1].split(",")), columns.length > 2),
                    (first, second) -> first,
                    TreeMap::new));

    @Override
    public List<FindingCode> codes() {
        return List.of(MISPLACED, UNKNOWN, DEPRECATED);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(NAMESPACE, SERVICE, POD, DEPLOYMENT);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (ResourceKind kind : List.of(NAMESPACE, SERVICE, POD, DEPLOYMENT)) {
            for (Resource resource : configuration.all(kind)) {
                resource.annotations().keySet().stream()
                        .filter(AnnotationCheck::isIstios)
                        .forEach(name -> check(configuration, resource, name, report));
            }
        }
    }

    /** Whether an annotation is known, somebody else's business than Istio's own, and in alpha. */
    static boolean isAlpha(String name) {
        return isIstios(name) && KNOWN.containsKey(name) && !STABLE.contains(name);
    }

    private static boolean isIstios(String name) {
        int slash = name.indexOf('/');
        String domain = slash < 0 ? name : name.substring(0, slash);
        return (domain.endsWith("istio.io") || name.equals("kubernetes.io/ingress.class")) && !IGNORED.contains(name);
    }

    private static void check(Configuration configuration, Resource resource, String name, Consumer<Finding> report) {
        Known known = KNOWN.get(name);
        if (known == null) {
            List<String> near = configuration.near(name, KNOWN.keySet());
            report.accept(about(configuration, UNKNOWN, resource, name)
                    .message("Istio knows no annotation \"" + name + "\", so it has no effect."
                            + ReferencedResources.didYouMean(near))
                    .remedy(
                            near.isEmpty()
                                    ? "Remove it: " + remove(resource, name)
                                    : "Rename it to " + near.get(0) + ".")
                    .build());
            return;
        }
        if (known.deprecated()
                && !(name.equals("sidecar.istio.io/inject")
                        && resource.label(name).isPresent())) {
            report.accept(about(configuration, DEPRECATED, resource, name)
                    .message("The annotation \"" + name + "\" is deprecated."
                            + (name.equals("sidecar.istio.io/inject") ? " Use the label of the same name." : ""))
                    .remedy(
                            name.equals("sidecar.istio.io/inject")
                                    ? "Move it from metadata.annotations to metadata.labels."
                                    : "Look up its successor in Istio's reference, \"Resource Annotations\".")
                    .build());
        }
        String kind = resource.kind().kind();
        if (!known.kinds().contains("Any") && !known.kinds().contains(kind)) {
            String kinds = String.join(" or ", known.kinds().stream().sorted().toList());
            report.accept(about(configuration, MISPLACED, resource, name)
                    .message("The annotation \"" + name + "\" has no effect on a " + kind + ": it belongs on a " + kinds
                            + ".")
                    .remedy(
                            kind.equals("Deployment") && known.kinds().contains("Pod")
                                    ? "Move it to spec.template.metadata.annotations: "
                                            + ReferencedResources.edit(resource)
                                    : "Move it to the " + kinds + ", or remove it: " + remove(resource, name))
                    .build());
        }
    }

    private static Finding.Builder about(
            Configuration configuration, FindingCode code, Resource resource, String name) {
        return configuration.finding(
                code,
                resource,
                new dev.meshdx.configuration.Field(
                        "metadata.annotations." + name,
                        dev.meshdx.model.Json.of(resource.annotations().get(name))));
    }

    private static String remove(Resource resource, String name) {
        return "kubectl " + (resource.namespace().isEmpty() ? "" : "-n " + resource.namespace() + " ") + "annotate "
                + resource.kind().qualifiedPlural() + " " + resource.name() + " " + name + "-";
    }
}
