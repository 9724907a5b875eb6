package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.IstiodInstance;
import dev.meshdx.health.Termination;
import dev.meshdx.health.Webhook;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Pods;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** MDX0101: no istiod of a revision is ready. */
final class ControlPlaneUnavailableCheck implements Check<HealthModel> {
    private static final String CONSEQUENCE =
            "Proxies keep the configuration that they have: changes and new endpoints do not reach them, certificates are not"
                    + " renewed";

    private static final String NOT_INJECTED = ", new pods are not injected.";

    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.CONTROL_PLANE_UNAVAILABLE);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        if (!model.istiodsKnown) {
            return;
        }
        String namespace = model.istioNamespace;
        if (model.istiods.isEmpty()) {
            Finding.Builder finding =
                    Finding.of(HealthCodes.CONTROL_PLANE_UNAVAILABLE, ResourceRef.of("Namespace", "", namespace));
            finding.message("There is no istiod pod in namespace " + namespace
                            + missing(model, "")
                            + (isInstalled(model)
                                    ? ". " + CONSEQUENCE + refusals(model, "", true)
                                    : (model.pods.isEmpty() ? "" : ", and no pod here has a proxy")
                                            + ": Istio is not installed in this cluster, or its control plane runs in"
                                            + " another namespace."))
                    .evidence("pods with label app=istiod", "namespace " + namespace, "none")
                    .remedy("kubectl -n " + namespace
                            + " get deployments,replicasets; scale istiod up, or name the namespace in which it"
                            + " runs if that is another one: kubectl get pods -A -l app=istiod");
            evidence(finding, model, "", true);
            report.accept(finding.build());
            return;
        }
        Map<String, List<IstiodInstance>> revisions = model.istiods.stream()
                .collect(Collectors.groupingBy(IstiodInstance::revision, TreeMap::new, Collectors.toList()));
        revisions.forEach((revision, istiods) -> {
            if (istiods.stream().noneMatch(IstiodInstance::ready)) {
                report.accept(finding(model, revision, istiods));
            }
        });
    }

    /** Whether there are proxies, or something that a control plane left. */
    private static boolean isInstalled(HealthModel model) {
        return model.pods.stream().anyMatch(ControlPlaneUnavailableCheck::isOfMesh)
                || !model.controlPlane.webhooks().isEmpty()
                || !model.controlPlane.missing().isEmpty();
    }

    private static boolean isOfMesh(Resource pod) {
        return Pods.hasProxy(pod) || Pods.isAmbient(pod);
    }

    private static Finding finding(HealthModel model, String revision, List<IstiodInstance> istiods) {
        IstiodInstance first = istiods.get(0);
        String state = istiods.stream().map(ControlPlaneUnavailableCheck::state).collect(Collectors.joining("; "));
        Finding.Builder finding = Finding.of(HealthCodes.CONTROL_PLANE_UNAVAILABLE, first.podRef())
                .message("No istiod of revision " + revision + " is ready: " + state + ". " + cause(istiods)
                        + CONSEQUENCE + refusals(model, revision, false));
        for (IstiodInstance istiod : istiods) {
            evidence(finding, istiod);
        }
        evidence(finding, model, revision, false);
        return finding.remedy(remedy(first)).build();
    }

    /** Why, where the pods tell it: the first that does speaks for all. */
    private static String cause(List<IstiodInstance> istiods) {
        for (IstiodInstance istiod : istiods) {
            if (istiod.pendingReason().isPresent()) {
                return "It does not start: " + sentence(istiod.pendingReason().get());
            }
            if (istiod.lastTermination().isPresent()) {
                Termination last = istiod.lastTermination().get();
                return "Its last run ended with " + last + ": " + sentence(last.meaning());
            }
        }
        return "";
    }

    private static String sentence(String text) {
        return text.endsWith(".") ? text + " " : text + ". ";
    }

    /** What to look at first. */
    static String remedy(IstiodInstance istiod) {
        String pod = "kubectl -n " + istiod.namespace() + " ";
        if (istiod.pendingReason().isPresent()) {
            return IstiodPendingCheck.remedy(istiod.pendingReason().get(), istiod.namespace()) + "; " + pod
                    + "describe pod " + istiod.pod();
        }
        boolean memory = istiod.lastTermination()
                .filter(last -> last.reason().equals("OOMKilled"))
                .isPresent();
        return (memory ? "Raise the memory limit, or send less to each proxy (see MDX0103); " : "") + pod + "logs "
                + istiod.pod() + " -c discovery" + (istiod.restarts() > 0 ? " --previous" : "") + "; " + pod
                + "describe pod " + istiod.pod();
    }

    /** What the API server refuses meanwhile, because it cannot call the webhooks. */
    private static String refusals(HealthModel model, String revision, boolean all) {
        boolean pods = false;
        boolean objects = false;
        for (Webhook webhook : dead(model, revision, all)) {
            boolean refuses = webhook.failurePolicy().equals("Fail");
            pods |= refuses && webhook.kind() == Webhook.Kind.INJECTION;
            objects |= refuses && webhook.kind() == Webhook.Kind.VALIDATION;
        }
        if (!pods && !objects) {
            return NOT_INJECTED;
        }
        return (pods ? "." : NOT_INJECTED) + " The API server refuses "
                + (pods ? "new pods in injected namespaces" + (objects ? ", and " : "") : "")
                + (objects ? "every change of Istio's objects" : "")
                + ", because the webhooks do not answer and their failurePolicy is Fail.";
    }

    private static void evidence(Finding.Builder finding, HealthModel model, String revision, boolean all) {
        for (ControlPlaneFacts.Missing missing : model.controlPlane.missing()) {
            if (!missing.reason().isEmpty() && (all || missing.revision().equals(revision))) {
                finding.evidence(missing.source(), "Deployment " + missing.deployment(), missing.reason());
            }
        }
        dead(model, revision, all).stream()
                .map(webhook -> List.of(
                        webhook.configurationRef().toString(),
                        webhook.failurePolicy() + ", " + webhook.service().orElse("")
                                + (webhook.backend() == Webhook.Backend.SERVICE_MISSING
                                        ? " does not exist"
                                        : " has no ready endpoint")))
                .distinct()
                .forEach(one -> finding.evidence("webhooks[].failurePolicy", one.get(0), one.get(1)));
    }

    /** The webhooks that do not answer for this reason. */
    private static List<Webhook> dead(HealthModel model, String revision, boolean all) {
        return model.controlPlane.webhooks().stream()
                .filter(webhook -> webhook.backend() == Webhook.Backend.NO_ENDPOINT
                        || webhook.backend() == Webhook.Backend.SERVICE_MISSING)
                .filter(webhook -> all || isOf(webhook, revision))
                .toList();
    }

    private static boolean isOf(Webhook webhook, String revision) {
        return webhook.revision().isEmpty() || webhook.revision().equals(revision);
    }

    /** Whether this check tells of a webhook that has no endpoint. */
    static boolean tellsOf(HealthModel model, Webhook webhook) {
        if (model.istiods.isEmpty()) {
            return true;
        }
        Map<String, List<IstiodInstance>> revisions =
                model.istiods.stream().collect(Collectors.groupingBy(IstiodInstance::revision));
        return revisions.entrySet().stream()
                .anyMatch(revision -> isOf(webhook, revision.getKey())
                        && revision.getValue().stream().noneMatch(IstiodInstance::ready));
    }

    private static String missing(HealthModel model, String revision) {
        return model.controlPlane.missing().stream()
                .filter(missing -> !missing.reason().isEmpty()
                        && (revision.isEmpty() || missing.revision().equals(revision)))
                .findFirst()
                .map(missing -> " (Deployment " + missing.deployment() + ": " + missing.reason() + ")")
                .orElse("");
    }

    /** A few words: {@code istiod-1 waits in CrashLoopBackOff after 5 restarts}. */
    static String state(IstiodInstance istiod) {
        String what = istiod.waitingReason()
                .map(reason -> " waits in " + reason)
                .orElse(istiod.phase().equals("Running") ? " runs but is not ready" : " is " + istiod.phase());
        return istiod.pod() + what + (istiod.restarts() > 0 ? " after " + istiod.restarts() + " restarts" : "");
    }

    static void evidence(Finding.Builder finding, IstiodInstance istiod) {
        String where = istiod.podRef().toString();
        finding.evidence("status.phase", where, istiod.phase() + (istiod.ready() ? ", ready" : ", not ready"));
        istiod.waitingReason()
                .ifPresent(reason -> finding.evidence(
                        "state.waiting",
                        where,
                        reason
                                + istiod.waitingMessage()
                                        .map(text -> ": " + text)
                                        .orElse("")));
        if (istiod.restarts() > 0) {
            finding.evidence("restartCount", where, Integer.toString(istiod.restarts()));
        }
        istiod.lastTermination()
                .ifPresent(last -> finding.evidence("lastState.terminated", where, last + " (" + last.meaning() + ")"));
        istiod.pendingReason().ifPresent(reason -> finding.evidence("conditions, events", where, reason));
        istiod.notReadySince()
                .filter(since -> !istiod.ready())
                .ifPresent(since -> finding.evidence(
                        "conditions[type=Ready]",
                        where,
                        "False since " + since
                                + (istiod.readinessProbe().isEmpty()
                                        ? ""
                                        : ", readiness probe " + istiod.readinessProbe())));
    }
}
