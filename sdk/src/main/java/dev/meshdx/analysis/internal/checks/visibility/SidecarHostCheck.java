package dev.meshdx.analysis.internal.checks.visibility;

import static dev.meshdx.model.ResourceKind.DAEMON_SET;
import static dev.meshdx.model.ResourceKind.DEPLOYMENT;
import static dev.meshdx.model.ResourceKind.NAMESPACE;
import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.SERVICE;
import static dev.meshdx.model.ResourceKind.SERVICE_ENTRY;
import static dev.meshdx.model.ResourceKind.SIDECAR;
import static dev.meshdx.model.ResourceKind.STATEFUL_SET;
import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.analysis.internal.checks.VirtualServices;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.Calls;
import dev.meshdx.configuration.internal.Calls.Call;
import dev.meshdx.configuration.internal.Visibility;
import dev.meshdx.configuration.internal.Visibility.Imports;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Hosts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Sidecars whose egress leaves out a host that the workloads they hold for call. What a VirtualService leads to is not meant:
 * istiod imports the destinations of what is imported. Sources: Istio, "Sidecar" (field egress); istio/istio,
 * {@code pilot/pkg/model/sidecar.go} ("Infer more possible destinations from virtual services").
 */
public final class SidecarHostCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0268", "SidecarHidesHost", Severity.WARNING, "A Sidecar leaves out a host that its workloads call.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(
                SIDECAR, VIRTUAL_SERVICE, SERVICE, SERVICE_ENTRY, NAMESPACE, POD, DEPLOYMENT, STATEFUL_SET, DAEMON_SET);
    }

    private record Key(Resource sidecar, String host) {}

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        if (!configuration.complete(VIRTUAL_SERVICE)) {
            // One that is not known may import the host.
            return;
        }
        Visibility visibility = Visibility.of(configuration);
        Map<Key, List<Call>> hidden = new LinkedHashMap<>();
        Map<String, List<Resource>> routes = null;
        for (Call call : Calls.of(configuration).known()) {
            Imports imports = visibility.imports(call.namespace(), call.caller().labels());
            if (imports.sidecar().isEmpty()
                    || imports.everything()
                    || call.targets().stream()
                            .anyMatch(target -> !visibility.isExported(
                                            target, configuration.namespaceOf(target), call.namespace())
                                    || imports.include(
                                            call.host(), configuration.namespaceOf(target), call.namespace()))) {
                continue;
            }
            if (routes == null) {
                routes = routesTo(configuration);
            }
            if (routes.getOrDefault(call.host(), List.of()).stream()
                    .noneMatch(route -> isImported(configuration, visibility, imports, route, call.namespace()))) {
                hidden.computeIfAbsent(new Key(imports.sidecar().get(), call.host()), any -> new ArrayList<>())
                        .add(call);
            }
        }
        hidden.forEach((key, calls) -> report(configuration, visibility, key, calls, report));
    }

    /** The VirtualServices that lead to a host. */
    private static Map<String, List<Resource>> routesTo(Configuration configuration) {
        Map<String, List<Resource>> routes = new HashMap<>();
        for (Resource virtualService : configuration.all(VIRTUAL_SERVICE)) {
            String namespace = configuration.namespaceOf(virtualService);
            for (VirtualServices.Destination destination : VirtualServices.destinations(virtualService)) {
                routes.computeIfAbsent(Hosts.qualify(destination.host().text(), namespace), any -> new ArrayList<>())
                        .add(virtualService);
            }
        }
        return routes;
    }

    private static boolean isImported(
            Configuration configuration,
            Visibility visibility,
            Imports imports,
            Resource virtualService,
            String client) {
        String namespace = configuration.namespaceOf(virtualService);
        List<String> hosts = virtualService.spec().at("hosts").texts();
        // A delegate has no hosts; the one that delegates to it is not looked for.
        return visibility.isExported(virtualService, namespace, client)
                && (hosts.isEmpty()
                        || hosts.stream()
                                .anyMatch(host -> imports.include(Hosts.qualify(host, namespace), namespace, client)));
    }

    private static void report(
            Configuration configuration, Visibility visibility, Key key, List<Call> calls, Consumer<Finding> report) {
        Resource sidecar = key.sidecar();
        Call first = calls.get(0);
        Imports imports = visibility.imports(first.namespace(), first.caller().labels());
        boolean refused = imports.registryOnly(configuration.mesh());
        Resource target = first.targets().get(0);
        String owner = configuration.namespaceOf(target);
        Field imported = imports.fields().stream()
                .findFirst()
                .orElseGet(() -> Field.spec(sidecar).at("egress"));
        Finding.Builder finding = configuration
                .finding(CODE, sidecar, imported)
                .severity(refused ? Severity.ERROR : Severity.WARNING)
                .message("Its egress leaves out " + key.host() + ", which " + first.caller() + " calls"
                        + others(calls) + ". "
                        + (refused
                                ? "Hosts that are not imported cannot be reached (REGISTRY_ONLY): the requests fail with 502,"
                                        + " connections are closed."
                                : target.kind().equals(SERVICE)
                                        ? "The requests go out as to a host outside the mesh (PassthroughCluster): without mutual"
                                                + " TLS, routes, retries and telemetry, and a server in STRICT mode refuses them."
                                        : "The requests go out as to a host that nobody registered (PassthroughCluster): without the"
                                                + " routes, rules and telemetry that are meant for it."));
        evidence(finding, calls);
        finding.evidence("the host's owner", target.toString(), key.host());
        finding.evidence(
                "outboundTrafficPolicy",
                sidecar.spec().at("outboundTrafficPolicy").exists() ? sidecar.toString() : "mesh configuration",
                refused ? "REGISTRY_ONLY" : "ALLOW_ANY");
        report.accept(finding.remedy("Add \"" + (owner.equals(first.namespace()) ? "." : owner) + "/" + key.host()
                        + "\" to spec.egress[].hosts: " + ReferencedResources.edit(sidecar))
                .build());
    }

    /** {@code  (and 2 more)}. */
    static String others(List<Call> calls) {
        return calls.size() == 1 ? "" : " (and " + (calls.size() - 1) + " more)";
    }

    /** Who calls, and where that stands; of the value the host only, since the rest may be a password. */
    static void evidence(Finding.Builder finding, List<Call> calls) {
        calls.stream()
                .limit(5)
                .forEach(call -> finding.evidence(
                        call.field().path(),
                        call.caller().toString(),
                        call.field().quoted()));
    }
}
