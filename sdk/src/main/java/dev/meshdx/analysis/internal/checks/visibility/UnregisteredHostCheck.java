package dev.meshdx.analysis.internal.checks.visibility;

import static dev.meshdx.model.ResourceKind.DAEMON_SET;
import static dev.meshdx.model.ResourceKind.DEPLOYMENT;
import static dev.meshdx.model.ResourceKind.NAMESPACE;
import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.SERVICE;
import static dev.meshdx.model.ResourceKind.SERVICE_ENTRY;
import static dev.meshdx.model.ResourceKind.SIDECAR;
import static dev.meshdx.model.ResourceKind.STATEFUL_SET;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.Calls;
import dev.meshdx.configuration.internal.Calls.Call;
import dev.meshdx.configuration.internal.ExternalHosts;
import dev.meshdx.configuration.internal.Visibility;
import dev.meshdx.configuration.internal.Visibility.Imports;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Hosts outside the mesh that workloads name, or that a Service of type ExternalName leads to, and that no ServiceEntry
 * registers, where only registered hosts can be reached. Sources: Istio, "Accessing External Services" (REGISTRY_ONLY),
 * "Global Mesh Options" and "Sidecar" (outboundTrafficPolicy), "Istio 1.21 Upgrade Notes" (ExternalName is an alias).
 */
public final class UnregisteredHostCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0272",
            "UnregisteredHost",
            Severity.WARNING,
            "A host outside has no ServiceEntry where only registered hosts can be reached.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(SIDECAR, SERVICE, SERVICE_ENTRY, NAMESPACE, POD, DEPLOYMENT, STATEFUL_SET, DAEMON_SET);
    }

    private record Key(String namespace, String host, long port) {}

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        if (!configuration.complete(SERVICE_ENTRY) || !configuration.complete(SERVICE)) {
            return;
        }
        Visibility visibility = Visibility.of(configuration);
        Calls calls = Calls.of(configuration);
        Map<Key, List<Call>> unregistered = new LinkedHashMap<>();
        for (Call call : calls.unknown()) {
            if (visibility.imports(call.namespace(), call.caller().labels()).registryOnly(configuration.mesh())) {
                unregistered
                        .computeIfAbsent(new Key(call.namespace(), call.host(), call.port()), any -> new ArrayList<>())
                        .add(call);
            }
        }
        unregistered.forEach((key, callers) -> report(configuration, visibility, key, callers, report));
        for (Resource service : configuration.all(SERVICE)) {
            Field target = Field.spec(service).at("externalName");
            String host = target.text().toLowerCase(Locale.ROOT);
            String namespace = configuration.namespaceOf(service);
            if (service.spec().at("type").text("").equals("ExternalName")
                    && host.contains(".")
                    && !host.endsWith(".local")
                    && !host.endsWith(".svc")
                    && !calls.isKnown(host)
                    && visibility.imports(namespace).registryOnly(configuration.mesh())) {
                reportAlias(configuration, visibility, service, target, host, report);
            }
        }
    }

    private static void report(
            Configuration configuration, Visibility visibility, Key key, List<Call> callers, Consumer<Finding> report) {
        Call first = callers.get(0);
        Finding.Builder finding = configuration
                .finding(CODE, first.caller().resource(), first.field())
                // Where files hold no ServiceEntry at all, those are probably kept elsewhere.
                .severity(
                        configuration.fromFiles()
                                        && configuration.all(SERVICE_ENTRY).isEmpty()
                                ? Severity.INFO
                                : Severity.WARNING)
                .message((callers.size() == 1
                                ? "It names "
                                : "It and " + (callers.size() - 1) + " more workloads of its namespace name ")
                        + key.host() + ":" + key.port()
                        + ", which neither a ServiceEntry nor a Service has. The proxies let out to registered hosts only"
                        + " (REGISTRY_ONLY): calls of it fail.");
        SidecarHostCheck.evidence(finding, callers.subList(1, callers.size()));
        policy(visibility.imports(first.namespace(), first.caller().labels()), finding);
        report.accept(finding.remedy("If the workload itself calls it, register it:\n"
                        + ExternalHosts.register(
                                key.host(), key.namespace(), key.port(), ExternalHosts.protocol(key.port())))
                .build());
    }

    private static void policy(Imports imports, Finding.Builder finding) {
        boolean own = imports.sidecar()
                .filter(sidecar -> sidecar.spec().at("outboundTrafficPolicy").exists())
                .isPresent();
        finding.evidence(
                own ? "spec.outboundTrafficPolicy.mode" : "outboundTrafficPolicy.mode",
                own ? imports.sidecar().orElseThrow().toString() : "mesh configuration",
                "REGISTRY_ONLY");
    }

    private static void reportAlias(
            Configuration configuration,
            Visibility visibility,
            Resource service,
            Field target,
            String host,
            Consumer<Finding> report) {
        String namespace = configuration.namespaceOf(service);
        Finding.Builder finding = configuration
                .finding(CODE, service, target)
                .severity(Severity.INFO)
                .message("It is an alias of " + host
                        + ", which no ServiceEntry has: where only registered hosts can be reached (REGISTRY_ONLY), calls of "
                        + service.name() + " fail.");
        policy(visibility.imports(namespace), finding);
        long port = service.spec().at("ports").at(0).at("port").number(443);
        report.accept(finding.remedy("Register the host:\n"
                        + ExternalHosts.register(host, namespace, port, ExternalHosts.protocol(port)))
                .build());
    }
}
