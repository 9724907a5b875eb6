package dev.meshdx.analysis.internal.checks.routing;

import static dev.meshdx.model.ResourceKind.NAMESPACE;
import static dev.meshdx.model.ResourceKind.SERVICE;
import static dev.meshdx.model.ResourceKind.SERVICE_ENTRY;
import static dev.meshdx.model.ResourceKind.SIDECAR;
import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Hosts that a Sidecar imports and that nobody offers in the namespace it names. Source: Istio, "Sidecar",
 * IstioEgressListener, field hosts ({@code namespace/dnsName}, the latter in its full form; Services, ServiceEntries and
 * VirtualServices are imported); istio/istio, {@code pilot/pkg/model/sidecar.go}; Kiali, KIA1004.
 */
public final class SidecarEgressHostCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0224",
            "SidecarEgressHostNotFound",
            Severity.WARNING,
            "A Sidecar imports a host that nobody offers in that namespace.");

    private static final List<ResourceKind> OFFERS = List.of(SERVICE, SERVICE_ENTRY, VIRTUAL_SERVICE);

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(SIDECAR, SERVICE, SERVICE_ENTRY, VIRTUAL_SERVICE, NAMESPACE);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        if (configuration.all(SIDECAR).isEmpty()) {
            return;
        }
        Map<String, HostIndex> offered = offered(configuration);
        Set<String> namespaces = new TreeSet<>(offered.keySet());
        namespaces.remove("*");
        configuration.all(NAMESPACE).forEach(namespace -> namespaces.add(namespace.name()));
        for (Resource sidecar : configuration.all(SIDECAR)) {
            for (Field listener : Field.spec(sidecar).at("egress").items()) {
                for (Field host : listener.at("hosts").items()) {
                    check(configuration, sidecar, host, offered, namespaces, report);
                }
            }
        }
    }

    /** By namespace; {@code *} stands for all of them. */
    private static Map<String, HostIndex> offered(Configuration configuration) {
        Map<String, HostIndex> offered = new HashMap<>();
        for (ResourceKind kind : OFFERS) {
            for (Resource resource : configuration.all(kind)) {
                if (kind.equals(VIRTUAL_SERVICE)
                        && !Routes.gateways(configuration, resource).containsKey("mesh")) {
                    continue;
                }
                String namespace = configuration.namespaceOf(resource);
                List<String> hosts = kind.equals(SERVICE)
                        ? List.of(resource.name())
                        : resource.spec().at("hosts").texts();
                for (String written : hosts) {
                    String host = ServiceRegistry.qualify(namespace, written);
                    for (String scope : List.of("*", namespace)) {
                        offered.computeIfAbsent(scope, unused -> new HostIndex())
                                .add(host);
                    }
                }
            }
        }
        return offered;
    }

    private static void check(
            Configuration configuration,
            Resource sidecar,
            Field field,
            Map<String, HostIndex> offered,
            Set<String> namespaces,
            Consumer<Finding> report) {
        String text = field.text();
        int slash = text.indexOf('/');
        String own = configuration.namespaceOf(sidecar);
        if (slash <= 0 || slash == text.length() - 1) {
            return;
        }
        String written = text.substring(0, slash);
        String host = text.substring(slash + 1);
        String namespace = written.equals(".") ? own : written;
        if (namespace.equals("~") || (host.equals("*") && (namespace.equals("*") || namespace.equals(own)))) {
            return;
        }
        if (!namespace.equals("*") && !namespaces.contains(namespace)) {
            if (configuration.complete(NAMESPACE)
                    && !configuration.all(NAMESPACE).isEmpty()) {
                List<String> near = configuration.near(namespace, namespaces);
                if (configuration.fromFiles() && near.isEmpty()) {
                    // Of files that know nothing of it, only a slip is worth a word.
                    return;
                }
                report(
                        configuration,
                        sidecar,
                        field,
                        configuration.fromFiles()
                                ? "namespace " + namespace + " is not in these files."
                                : "namespace " + namespace + " does not exist.",
                        configuration.fromFiles() ? Severity.INFO : Severity.WARNING,
                        near.stream().map(other -> other + "/" + host).toList(),
                        report);
            }
            return;
        }
        if (host.equals("*")
                || !OFFERS.stream()
                        .allMatch(kind -> configuration.knows(kind, namespace.equals("*") ? "" : namespace))) {
            return;
        }
        HostIndex index = offered.getOrDefault(namespace, new HostIndex());
        if (index.overlaps(host)) {
            return;
        }
        report(
                configuration,
                sidecar,
                field,
                "no Service, ServiceEntry or VirtualService "
                        + (namespace.equals("*") ? "" : "of namespace " + namespace + " ") + "has the host " + host
                        + ".",
                Severity.WARNING,
                near(configuration, written, namespace, own, host, offered),
                report);
    }

    private static List<String> near(
            Configuration configuration,
            String written,
            String namespace,
            String own,
            String host,
            Map<String, HostIndex> offered) {
        List<String> near = new ArrayList<>();
        HostIndex index = offered.getOrDefault(namespace, new HostIndex());
        String full = ServiceRegistry.qualify(namespace.equals("*") ? own : namespace, host);
        if (!full.equals(host) && index.overlaps(full)) {
            // reviews: short names are not completed here.
            near.add(written + "/" + full);
        } else if (host.chars().filter(c -> c == '.').count() == 1 && index.overlaps(host + ServiceRegistry.SUFFIX)) {
            near.add(written + "/" + host + ServiceRegistry.SUFFIX);
        } else if (offered.getOrDefault("*", new HostIndex()).overlaps(host)) {
            ServiceRegistry.namespaceOf(host)
                    .filter(owner ->
                            offered.getOrDefault(owner, new HostIndex()).overlaps(host))
                    .ifPresentOrElse(owner -> near.add(owner + "/" + host), () -> near.add("*/" + host));
        } else {
            configuration.near(host, index.names()).forEach(other -> near.add(written + "/" + other));
        }
        return near;
    }

    private static void report(
            Configuration configuration,
            Resource sidecar,
            Field field,
            String why,
            Severity severity,
            List<String> near,
            Consumer<Finding> report) {
        Map<String, String> selector =
                sidecar.spec().at("workloadSelector", "labels").textMap();
        report.accept(configuration
                .finding(CODE, sidecar, field)
                .severity(severity)
                .message("The egress host \"" + field.text()
                        + (severity == Severity.INFO ? "\" may import nothing: " : "\" imports nothing: ") + why
                        + ReferencedResources.didYouMean(near))
                .evidence(
                        "spec.workloadSelector",
                        sidecar.toString(),
                        selector.isEmpty()
                                ? "absent: all workloads of the namespace"
                                : Configuration.text(new LinkedHashMap<>(selector)))
                .remedy((near.isEmpty() ? "Correct the host or take it out: " : "Write " + near.get(0) + ": ")
                        + ReferencedResources.edit(sidecar))
                .build());
    }
}
