package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.model.internal.Selectors;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** MDX0109: a service with a selector has no endpoint that is ready, and why. */
final class WorkloadUnavailableCheck implements Check<HealthModel> {
    /** Kubernetes' own namespaces, which are not part of a mesh. */
    private static final Set<String> SYSTEM = Set.of("kube-system", "kube-public", "kube-node-lease");

    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.WORKLOAD_UNAVAILABLE);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        for (Resource service : unavailable(model)) {
            if (!model.servedElsewhere.contains(service.ref())) {
                report.accept(finding(model, service));
            }
        }
    }

    /** Services in the scope whose own cluster has no endpoint that is ready for them. */
    static List<Resource> unavailable(HealthModel model) {
        return model.endpointsKnown
                ? model.services.stream()
                        .filter(service -> isUnavailable(model, service))
                        .toList()
                : List.of();
    }

    private static boolean isUnavailable(HealthModel model, Resource service) {
        Map<String, String> selector = service.spec().at("selector").textMap();
        return !selector.isEmpty()
                && !service.spec().at("type").text("").equals("ExternalName")
                && !SYSTEM.contains(service.namespace())
                && !"istiod".equals(selector.get("app")) // MDX0101 says it
                && !(model.scope.isPod() && pods(model, service).isEmpty())
                // Kubernetes, "EndpointSlices": a condition that is not set counts as ready.
                && endpoints(model, service).stream()
                        .noneMatch(
                                endpoint -> endpoint.at("conditions", "ready").bool(true));
    }

    private static List<Resource> pods(HealthModel model, Resource service) {
        Map<String, String> selector = service.spec().at("selector").textMap();
        return model.pods.stream()
                .filter(pod ->
                        pod.namespace().equals(service.namespace()) && Selectors.matchesMap(selector, pod.labels()))
                .toList();
    }

    private static List<Json> endpoints(HealthModel model, Resource service) {
        return model.endpointSlices.stream()
                .filter(slice -> slice.namespace().equals(service.namespace())
                        && slice.label("kubernetes.io/service-name").orElse("").equals(service.name()))
                .flatMap(slice -> slice.raw().at("endpoints").items().stream())
                .toList();
    }

    private static Finding finding(HealthModel model, Resource service) {
        Map<String, String> selector = service.spec().at("selector").textMap();
        List<Resource> pods = pods(model, service);
        int notReady = endpoints(model, service).size();
        List<Resource> scaledDown = model.workloads.stream()
                .filter(workload -> workload.namespace().equals(service.namespace())
                        && Selectors.matchesMap(
                                selector,
                                workload.spec()
                                        .at("template", "metadata", "labels")
                                        .textMap()))
                .filter(workload -> workload.spec().at("replicas").number(1) == 0)
                .toList();
        String labels = selector.entrySet().stream()
                .map(label -> label.getKey() + "=" + label.getValue())
                .collect(Collectors.joining(","));
        Finding.Builder finding = Finding.of(HealthCodes.WORKLOAD_UNAVAILABLE, service)
                .evidence(
                        "endpoints",
                        "EndpointSlices of " + service.ref(),
                        notReady == 0 ? "none" : notReady + ", none of them ready")
                .evidence("spec.selector", service.ref().toString(), labels);
        String begin = "Service " + service.name() + " has no pod that is ready: ";
        String end = " Requests to it are answered 503 (no healthy upstream, flag UH).";
        if (!scaledDown.isEmpty() && pods.isEmpty()) {
            Resource workload = scaledDown.get(0);
            finding.evidence("spec.replicas", workload.ref().toString(), "0");
            return finding.message(begin + workload.kind().kind() + " " + workload.name() + " is scaled to zero." + end)
                    .remedy("kubectl -n " + service.namespace() + " scale "
                            + workload.kind().plural() + "/" + workload.name() + " --replicas=1")
                    .build();
        }
        if (pods.isEmpty()) {
            return finding.message(begin + "no pod has the labels " + labels + " that it selects." + end)
                    .remedy("kubectl -n " + service.namespace()
                            + " get pods --show-labels; correct the selector of the service"
                            + " or the labels of the pods.")
                    .build();
        }
        pods.stream().limit(5).forEach(pod -> finding.evidence("pod", pod.ref().toString(), state(pod)));
        return finding.message(begin
                        + (pods.size() == 1
                                ? "its only pod, " + pods.get(0).name() + ", is not (" + state(pods.get(0)) + ")."
                                : "none of its " + pods.size() + " pods is; "
                                        + pods.get(0).name() + ": " + state(pods.get(0)) + ".")
                        + end)
                .remedy("kubectl -n " + service.namespace() + " describe pods -l " + labels)
                .build();
    }

    /** Why a pod is not ready, in a few words. */
    private static String state(Resource pod) {
        for (String list : List.of("initContainerStatuses", "containerStatuses")) {
            for (Json status : pod.status().at(list).items()) {
                String reason = status.at("state", "waiting", "reason").text("");
                if (!reason.isEmpty() && !reason.equals("PodInitializing")) {
                    return "container " + status.at("name").text("") + " waits in " + reason;
                }
                if (!status.at("ready").bool(true)
                        && status.at("state", "running").exists()
                        && list.equals("containerStatuses")) {
                    return "container " + status.at("name").text("") + " is not ready";
                }
            }
        }
        return Pods.isReady(pod) ? "ready, but not among the endpoints" : "phase " + Pods.phase(pod);
    }
}
