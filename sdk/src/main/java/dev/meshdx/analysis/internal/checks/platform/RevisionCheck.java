package dev.meshdx.analysis.internal.checks.platform;

import static dev.meshdx.model.ResourceKind.DAEMON_SET;
import static dev.meshdx.model.ResourceKind.DEPLOYMENT;
import static dev.meshdx.model.ResourceKind.MUTATING_WEBHOOK_CONFIGURATION;
import static dev.meshdx.model.ResourceKind.NAMESPACE;
import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.STATEFUL_SET;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.internal.DataPlane;
import dev.meshdx.configuration.internal.InjectionWebhooks;
import dev.meshdx.configuration.internal.Workload;
import dev.meshdx.configuration.internal.Workloads;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Labels {@code istio.io/rev} for which nobody injects: the revision was removed, its tag was never set, or the name is
 * misspelt. Kubernetes then creates the pods as they are, without a word.
 *
 * <p>Sources: Istio, "Canary Upgrades" and "Installing the Sidecar" (the label of the namespace comes before that of the pod;
 * {@code istio-injection} before both); istio/istio, {@code manifests/charts/istio-control/istio-discovery/templates},
 * {@code mutatingwebhook.yaml} and {@code revision-tags.yaml} (one webhook configuration for each revision and each tag, and
 * what they select).
 */
public final class RevisionCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0295",
            "RevisionNotServed",
            Severity.WARNING,
            "A label names a revision or tag that no injection webhook serves.");

    private static final String REVISION = InjectionWebhooks.REVISION;
    private static final String INJECTION = "istio-injection";
    private static final String INJECT = "sidecar.istio.io/inject";

    /** So many pods are named. */
    private static final int NAMED = 3;

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(MUTATING_WEBHOOK_CONFIGURATION, NAMESPACE, POD, DEPLOYMENT, STATEFUL_SET, DAEMON_SET);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        InjectionWebhooks webhooks = InjectionWebhooks.of(configuration);
        if (!webhooks.all().isEmpty() && configuration.complete(MUTATING_WEBHOOK_CONFIGURATION)) {
            new Run(configuration, webhooks, report).run();
        }
    }

    private record Group(String namespace, String revision) {}

    private static final class Run {
        private final Configuration configuration;
        private final InjectionWebhooks webhooks;
        private final Consumer<Finding> report;
        private final DataPlane dataPlane;
        private final Workloads workloads;

        /** Revisions and tags that are served, with what serves them. */
        private final Map<String, InjectionWebhooks.Webhook> served = new TreeMap<>();

        Run(Configuration configuration, InjectionWebhooks webhooks, Consumer<Finding> report) {
            this.configuration = configuration;
            this.webhooks = webhooks;
            this.report = report;
            this.dataPlane = DataPlane.of(configuration);
            this.workloads = Workloads.of(configuration);
            for (String revision : webhooks.revisions()) {
                Map<String, String> label = Map.of(REVISION, revision);
                webhooks.all().stream()
                        .filter(webhook -> webhook.actsOn(label, Map.of()) || webhook.actsOn(Map.of(), label))
                        .findFirst()
                        .ifPresent(webhook -> served.put(revision, webhook));
            }
        }

        void run() {
            for (Resource namespace : configuration.all(NAMESPACE)) {
                String revision = namespace.label(REVISION).orElse("");
                if (isUnknown(revision) && isForInjection(namespace) && !isInjected(namespace)) {
                    reportNamespace(namespace, revision);
                }
            }
            Set<Workload> told = new HashSet<>();
            for (Workload workload : workloads.all()) {
                if (!workload.resource().kind().equals(POD) && isLeftOut(workload)) {
                    List<Workload> pods = running(workloads.matching(workload.labels(), workload.namespace()));
                    told.addAll(pods);
                    reportWorkload(workload, pods);
                }
            }
            Map<Group, List<Workload>> others = new LinkedHashMap<>();
            for (Workload workload : workloads.all()) {
                if (workload.resource().kind().equals(POD) && !told.contains(workload) && isLeftOut(workload)) {
                    others.computeIfAbsent(
                                    new Group(workload.namespace(), revision(workload)), any -> new ArrayList<>())
                            .add(workload);
                }
            }
            others.values().forEach(pods -> reportWorkload(pods.get(0), running(pods)));
        }

        private boolean isUnknown(String revision) {
            return !revision.isEmpty() && !served.containsKey(revision);
        }

        /** Whether the label of the namespace decides: {@code istio-injection} comes before it, and ambient mode needs none. */
        private boolean isForInjection(Resource namespace) {
            return !namespace.name().equals(configuration.istioNamespace())
                    && namespace.label(INJECTION).isEmpty()
                    && !namespace.label(DataPlane.MODE).orElse("").equals("ambient");
        }

        private boolean isInjected(Resource namespace) {
            return webhooks.act(namespace.labels(), Map.of())
                    || webhooks.act(namespace.labels(), Map.of(INJECT, "true"));
        }

        private static String revision(Workload workload) {
            return workload.labels().getOrDefault(REVISION, "");
        }

        /** Whether it is the label of its pods that asks for a sidecar in vain. */
        private boolean isLeftOut(Workload workload) {
            if (!isUnknown(revision(workload))
                    || isEnded(workload)
                    || DataPlane.isProxy(workload)
                    || DataPlane.hasSidecar(workload)
                    || dataPlane.wantsAmbient(workload).isPresent()
                    || !workload.annotation(DataPlane.REDIRECTION).isEmpty()
                    || dataPlane
                            .wantsSidecar(workload)
                            .filter(label -> label.holder().equals(workload.resource()))
                            .isEmpty()) {
                return false;
            }
            Optional<Resource> namespace = configuration.find(NAMESPACE, "", workload.namespace());
            return namespace.isPresent()
                    && isForInjection(namespace.get())
                    && !webhooks.act(namespace.get().labels(), workload.labels());
        }

        private static boolean isEnded(Workload workload) {
            String phase = workload.pod().at("status", "phase").text("");
            return phase.equals("Succeeded") || phase.equals("Failed");
        }

        /** Those that run without the sidecar that they ask for. */
        private List<Workload> running(List<Workload> all) {
            return all.stream()
                    .filter(workload -> workload.resource().kind().equals(POD)
                            && DataPlane.isRunning(workload)
                            && dataPlane.mode(workload) == DataPlane.Mode.NONE
                            && dataPlane.wantsSidecar(workload).isPresent())
                    .toList();
        }

        private void reportNamespace(Resource namespace, String revision) {
            DataPlane.Label label = DataPlane.Label.of(namespace, REVISION);
            List<Workload> pods = running(workloads.in(namespace.name()));
            String change = served.isEmpty()
                    ? "kubectl label namespace " + namespace.name() + " " + REVISION + "- " + INJECTION + "=enabled"
                    : "kubectl label namespace " + namespace.name() + " " + REVISION + "=" + instead(revision)
                            + " --overwrite";
            report(label, "namespace " + namespace.name(), revision, pods, change, namespace.name());
        }

        private void reportWorkload(Workload workload, List<Workload> pods) {
            String revision = revision(workload);
            Resource resource = workload.resource();
            String change = resource.kind().equals(POD)
                    ? "set the label in the template that the pod comes from to " + quoted(instead(revision))
                    : ReferencedResources.edit(resource) + ", label " + workload.podPath() + "metadata.labels."
                            + REVISION + ": " + instead(revision);
            report(
                    DataPlane.Label.of(workload, REVISION),
                    resource.kind().equals(POD) ? "the pod" : "the template of " + resource,
                    revision,
                    pods,
                    change,
                    workload.namespace());
        }

        private static String quoted(String name) {
            return '"' + name + '"';
        }

        /** What was probably meant, else one that is there. */
        private String instead(String revision) {
            return near(revision).stream()
                    .findFirst()
                    .or(() -> served.keySet().stream().findFirst())
                    .orElse("REVISION");
        }

        /** A revision, not a tag. */
        private String installed() {
            return served.values().stream()
                    .flatMap(webhook -> webhook.owner().label(REVISION).stream())
                    .findFirst()
                    .orElse("REVISION");
        }

        private List<String> near(String revision) {
            return configuration.near(revision, served.keySet());
        }

        private void report(
                DataPlane.Label label,
                String whose,
                String revision,
                List<Workload> pods,
                String change,
                String namespace) {
            Set<String> names = new TreeSet<>();
            pods.forEach(pod -> names.add(pod.resource().name()));
            Finding.Builder finding = configuration
                    .finding(CODE, label.holder(), label.field())
                    .severity(pods.isEmpty() ? Severity.WARNING : Severity.ERROR)
                    .message("No injection webhook serves the revision or tag " + quoted(revision) + " that the label "
                            + REVISION + " of " + whose + " names: "
                            + (pods.isEmpty()
                                    ? "pods that are created get no sidecar."
                                    : names.stream().limit(NAMED).collect(Collectors.joining(", "))
                                            + (names.size() > NAMED ? " and " + (names.size() - NAMED) + " more" : "")
                                            + (names.size() == 1 ? " runs" : " run") + " without a sidecar.")
                            + ReferencedResources.didYouMean(near(revision)))
                    .evidence(
                            "revisions and tags that are served",
                            "MutatingWebhookConfigurations",
                            served.isEmpty()
                                    ? "none; namespaces with " + INJECTION + "=enabled only"
                                    : served.entrySet().stream()
                                            .map(one -> one.getKey() + " ("
                                                    + one.getValue().owner().name() + ")")
                                            .collect(Collectors.joining(", ")));
            pods.stream()
                    .limit(NAMED)
                    .forEach(pod -> finding.evidence(
                            "spec.containers[].name",
                            pod.resource().toString(),
                            pod.podSpec().at("containers").items().stream()
                                    .map(container -> container.at("name").text("unnamed"))
                                    .collect(Collectors.joining(", "))));
            report.accept(finding.remedy("Name one that is served: " + change
                            + "; then create the pods anew: kubectl -n "
                            + namespace + " rollout restart deployment. Or let the name mean a revision again: istioctl"
                            + " tag set " + revision + " --revision "
                            + installed())
                    .build());
        }
    }
}
