package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.CONFIG_MAP;
import static dev.meshdx.model.ResourceKind.NAMESPACE;
import static dev.meshdx.model.ResourceKind.POD;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Whether namespaces say that they want sidecars, and whether their pods have them. Source: istio/istio,
 * {@code injection/injection.go}.
 */
public final class NamespaceInjectionCheck implements ConfigurationCheck {
    static final FindingCode NOT_INJECTED = new FindingCode(
            "IST0102",
            "NamespaceNotInjected",
            Severity.INFO,
            "The namespace says neither yes nor no to sidecar injection.");

    static final FindingCode POD_WITHOUT_PROXY = new FindingCode(
            "IST0103",
            "PodMissingProxy",
            Severity.WARNING,
            "The pod runs without a sidecar in a namespace that wants sidecars.");

    static final FindingCode SEVERAL_LABELS = new FindingCode(
            "IST0123",
            "NamespaceMultipleInjectionLabels",
            Severity.WARNING,
            "The namespace carries several labels that decide how it joins the mesh.");

    static final FindingCode INJECTED_BY_DEFAULT = new FindingCode(
            "IST0148",
            "NamespaceInjectionEnabledByDefault",
            Severity.INFO,
            "The namespace carries no label, and is injected because the installation injects by default.");

    private static final String INJECTION = "istio-injection";
    private static final String REVISION = "istio.io/rev";
    private static final String DATAPLANE = "istio.io/dataplane-mode";
    private static final String INJECT = "sidecar.istio.io/inject";

    @Override
    public List<FindingCode> codes() {
        return List.of(NOT_INJECTED, POD_WITHOUT_PROXY, SEVERAL_LABELS, INJECTED_BY_DEFAULT);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(NAMESPACE, POD, CONFIG_MAP);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Map<String, Boolean> defaults = injectsByDefault(configuration);
        for (Resource namespace : configuration.all(NAMESPACE)) {
            if (!namespace.name().equals(configuration.istioNamespace())) {
                check(configuration, namespace, defaults, report);
            }
        }
    }

    private static void check(
            Configuration configuration, Resource namespace, Map<String, Boolean> defaults, Consumer<Finding> report) {
        Optional<String> injection = namespace.label(INJECTION);
        Optional<String> revision = namespace.label(REVISION);
        Optional<String> dataplane = namespace.label(DATAPLANE);
        List<String> labels = new ArrayList<>();
        injection.ifPresent(value -> labels.add(INJECTION + "=" + value));
        if (injection.map("enabled"::equals).orElse(true)) {
            revision.ifPresent(value -> labels.add(REVISION + "=" + value));
            dataplane.ifPresent(value -> labels.add(DATAPLANE + "=" + value));
        }
        if (labels.size() > 1) {
            report.accept(Finding.of(SEVERAL_LABELS, namespace)
                    .message("The namespace carries " + String.join(" and ", labels)
                            + "; they contradict each other, and only one is followed.")
                    .evidence("metadata.labels", namespace.toString(), String.join(", ", labels))
                    .remedy("Take away all but one: kubectl label namespace " + namespace.name() + " "
                            + (labels.size() > 1
                                    ? labels.get(1).substring(0, labels.get(1).indexOf('='))
                                    : "") + "-")
                    .build());
        }
        if (dataplane.map("ambient"::equals).orElse(false)) {
            return;
        }
        if (injection.orElse("").isEmpty() && revision.isEmpty()) {
            if (!configuration.complete(CONFIG_MAP, configuration.istioNamespace())) {
                // Whether the installation injects by default cannot be told.
                return;
            }
            boolean byDefault = defaults.getOrDefault("", false);
            report.accept(Finding.of(byDefault ? INJECTED_BY_DEFAULT : NOT_INJECTED, namespace)
                    .message(
                            byDefault
                                    ? "Namespace " + namespace.name()
                                            + " carries no injection label; its pods get sidecars"
                                            + " because the installation injects by default."
                                    : "Namespace " + namespace.name()
                                            + " is not enabled for injection, and does not say that"
                                            + " it should not be: its pods are outside the mesh.")
                    .evidence("metadata.labels." + INJECTION, namespace.toString(), "absent")
                    .remedy("Say what you want: kubectl label namespace " + namespace.name() + " " + INJECTION
                            + "=enabled (or =disabled)")
                    .build());
            return;
        }
        if (injection.map("enabled"::equals).orElse(false)) {
            for (Resource pod : configuration.in(POD, namespace.name())) {
                checkPod(pod, namespace, report);
            }
        }
    }

    private static void checkPod(Resource pod, Resource namespace, Consumer<Finding> report) {
        String wish = pod.label(INJECT).or(() -> pod.annotation(INJECT)).orElse("");
        if (wish.equalsIgnoreCase("false") || pod.spec().at("hostNetwork").bool(false)) {
            return;
        }
        List<Json> proxies = new ArrayList<>();
        for (String list : List.of("containers", "initContainers")) {
            for (Json container : pod.spec().at(list).items()) {
                if (container.at("name").text("").equals("istio-proxy")) {
                    proxies.add(container);
                }
            }
        }
        // The first one counts; without an image it is a placeholder that nobody filled in.
        if (!proxies.isEmpty() && !proxies.get(0).at("image").text("").isEmpty()) {
            return;
        }
        report.accept(Finding.of(POD_WITHOUT_PROXY, pod)
                .message("The pod has no istio-proxy container, although its namespace has " + INJECTION
                        + "=enabled: it was created before the label, or injection failed.")
                .evidence("spec.containers[].name", pod.toString(), names(pod))
                .evidence("metadata.labels." + INJECTION, namespace.toString(), "enabled")
                .remedy("Create it anew: kubectl -n " + namespace.name() + " delete pod " + pod.name()
                        + " (or kubectl rollout restart its deployment)")
                .build());
    }

    private static String names(Resource pod) {
        return String.join(
                ", ",
                pod.spec().at("containers").items().stream()
                        .map(container -> container.at("name").text("unnamed"))
                        .toList());
    }

    /** By revision, the default one under the empty name. A namespace without labels follows the default revision. */
    private static Map<String, Boolean> injectsByDefault(Configuration configuration) {
        Map<String, Boolean> defaults = new HashMap<>();
        String prefix = "istio-sidecar-injector";
        for (Resource map : configuration.all(CONFIG_MAP)) {
            if (map.name().startsWith(prefix)) {
                String revision = map.name().substring(prefix.length()).replaceFirst("^-", "");
                defaults.put(revision, enabledByDefault(map));
            }
        }
        return defaults;
    }

    private static boolean enabledByDefault(Resource map) {
        try {
            return map.raw()
                    .at("data", "values")
                    .text()
                    .map(Json::parse)
                    .orElse(Json.MISSING)
                    .at("sidecarInjectorWebhook", "enableNamespacesByDefault")
                    .bool(false);
        } catch (MeshProtocolException e) {
            return false;
        }
    }
}
