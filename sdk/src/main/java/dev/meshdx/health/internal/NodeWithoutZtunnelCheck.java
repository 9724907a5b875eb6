package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Pods;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * MDX0143: pods are in ambient mode, and the ztunnel of their node does not run or is connected to no istiod. A ztunnel in the scope
 * that runs and is not connected is told by MDX0106. Source: Istio, "Ambient mode", ztunnel: one for each node carries the traffic
 * of its pods.
 */
final class NodeWithoutZtunnelCheck implements Check<HealthModel> {
    private static final int NAMED = 5;

    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.NODE_WITHOUT_ZTUNNEL);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        for (Connections.Node node : model.connections().nodes()) {
            Resource ztunnel = node.ztunnel();
            if (ztunnel == null || !(runs(ztunnel) ? isTold(model, ztunnel) : isToldUnhealthy(model, ztunnel))) {
                report.accept(finding(model, node, ztunnel));
            }
        }
    }

    /** Whether its process runs, as far as is known. */
    private static boolean runs(Resource ztunnel) {
        return Pods.isRunning(ztunnel)
                && Pods.containerStatus(ztunnel, Pods.PROXY_CONTAINER)
                        .map(status -> status.at("state", "running").exists())
                        .orElse(true);
    }

    /** MDX0106 says it of the ztunnel, or it is too early to say anything. */
    private static boolean isTold(HealthModel model, Resource ztunnel) {
        return model.connections().notConnected().contains(ztunnel)
                || !ProxyNotConnectedCheck.runsLongEnough(ztunnel, model.now);
    }

    /** MDX0107 says it of the ztunnel. */
    private static boolean isToldUnhealthy(HealthModel model, Resource ztunnel) {
        return model.wholeStep && model.pods.contains(ztunnel) && ProxyUnhealthyCheck.isUnwell(ztunnel);
    }

    private static Finding finding(HealthModel model, Connections.Node node, @Nullable Resource ztunnel) {
        int count = node.pods().size();
        String pods = node.pods().stream()
                        .limit(NAMED)
                        .map(pod -> pod.namespace() + "/" + pod.name())
                        .collect(Collectors.joining(", "))
                + (count > NAMED ? " and " + (count - NAMED) + " more" : "");
        String begin = "Node " + node.name() + " has " + (count == 1 ? "a pod" : count + " pods") + " in ambient mode ("
                + pods + "), and ";
        Finding.Builder finding = Finding.of(HealthCodes.NODE_WITHOUT_ZTUNNEL, ResourceRef.of("Node", "", node.name()))
                .severity(Severity.ERROR)
                .evidence(
                        "annotation ambient.istio.io/redirection",
                        node.pods().get(0).ref().toString(),
                        "enabled");
        if (ztunnel == null) {
            return finding.message(begin + "no ztunnel runs on it: connections from and to these pods fail.")
                    .evidence("pods of ztunnel", "spec.nodeName " + node.name(), "none")
                    .remedy(look(model.istioNamespace, node.name()))
                    .build();
        }
        if (!runs(ztunnel)) {
            return finding.message(begin + "its ztunnel " + ztunnel.name() + " does not run (" + state(ztunnel)
                            + "): connections from and to these pods fail.")
                    .evidence("state", ztunnel.ref().toString(), state(ztunnel))
                    .remedy(look(ztunnel.namespace(), node.name()))
                    .build();
        }
        String kubectl = "kubectl -n " + ztunnel.namespace();
        return finding.message(begin + "its ztunnel " + ztunnel.name()
                        + " is connected to no istiod: it goes on with what it knows, and learns of no new pod, policy or"
                        + " certificate.")
                .evidence("proxy", "/debug/syncz of every istiod", "not listed")
                .remedy(kubectl + " logs " + ztunnel.name()
                        + " --tail=50 (look for xds); if nothing is wrong there the connection is half open: " + kubectl
                        + " delete pod " + ztunnel.name())
                .build();
    }

    private static String look(String namespace, String node) {
        return "kubectl -n " + namespace + " get daemonset ztunnel; kubectl -n " + namespace
                + " get pods -l app=ztunnel -o wide; kubectl describe node " + node;
    }

    private static String state(Resource ztunnel) {
        if (ztunnel.raw().at("metadata", "deletionTimestamp").exists()) {
            return "being deleted";
        }
        return Pods.containerStatus(ztunnel, Pods.PROXY_CONTAINER)
                .map(status -> status.at("state", "waiting", "reason").text(""))
                .filter(reason -> !reason.isEmpty())
                .orElse(Pods.phase(ztunnel));
    }
}
