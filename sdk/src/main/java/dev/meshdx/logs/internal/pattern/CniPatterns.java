package dev.meshdx.logs.internal.pattern;

import static dev.meshdx.logs.internal.pattern.Rule.error;
import static dev.meshdx.logs.internal.pattern.Rule.info;
import static dev.meshdx.logs.internal.pattern.Rule.istio;
import static dev.meshdx.logs.internal.pattern.Rule.warning;

import java.util.List;

/**
 * What the CNI agent of a node says: pods that it repairs, and its link to ztunnel. Sources in Istio: {@code cni/pkg/repair},
 * {@code cni/pkg/nodeagent} ({@code ztunnelserver.go}, {@code server.go}), {@code cni/pkg/plugin}.
 */
final class CniPatterns {
    private static final String AGENTS = "kubectl -n istio-system get pods -l k8s-app=istio-cni-node -o wide";
    private static final String ZTUNNELS = "kubectl -n istio-system get pods -l app=ztunnel -o wide";
    private static final String WAITING = "kubectl get pod POD -o yaml | grep ambient.istio.io/redirection";

    static final List<Rule> RULES = List.of(
            info("cni-pod-repaired", "A pod had started before the CNI agent was ready; its redirection was put right.")
                    .causes("The node is new, or the CNI agent was restarted.")
                    .next("kubectl get pod POD -n NAMESPACE: is it ready now?", AGENTS)
                    .when(
                            cni("info", "repair", "Repairing pod...\tpod=shop/orders-v1"),
                            istio("Repairing pod"),
                            istio("pod repaired"),
                            istio("repaired pod").in("repair")),
            error("cni-repair-failed", "The redirection of a pod's traffic could not be set up.")
                    .causes(
                            "The CNI agent may not enter the pod's network (privileges, SELinux).",
                            "iptables of the node does not fit.")
                    .next(
                            "Read the reason in the line.",
                            "kubectl delete pod POD (its controller makes a new one)",
                            AGENTS)
                    .findings("MDX0107", "MDX0262")
                    .when(
                            cni("error", "repair", "failed to setup redirection: exit status 1"),
                            istio("failed to setup redirection")),
            warning(
                            "cni-repair-unexpected-pod",
                            "A pod that was repaired is now another one of that name; it was left alone.")
                    .causes("The pod was made anew in the meantime.")
                    .next("kubectl get pod POD -n NAMESPACE: if it is not ready, delete it.")
                    .when(
                            cni("warn", "repair", "Skipping pod, already repaired with an unexpected UID"),
                            istio("already repaired with an unexpected UID")),
            warning(
                            "cni-ztunnel-disconnected",
                            "The node's ztunnel ended its link to the CNI agent; new ambient pods wait until it is back.")
                    .causes("ztunnel was restarted or updated: then it comes back within seconds.", "ztunnel crashed.")
                    .next("Is there a line new ztunnel connected after it?", ZTUNNELS)
                    .findings("MDX0262")
                    .when(cni("info", "ambient", "ztunnel disconnected"), istio("ztunnel disconnected")),
            error("cni-no-ztunnel", "No ztunnel is connected on this node, so new ambient pods are not captured.")
                    .causes(
                            "ztunnel does not run on the node, or is not ready.",
                            "They do not share the folder of the socket (/var/run/ztunnel).")
                    .next(ZTUNNELS, "kubectl -n istio-system describe pod ZTUNNEL", WAITING)
                    .findings("MDX0262")
                    .when(
                            cni("error", "ambient", "failed to add pod shop/orders-v1: no ztunnel connection"),
                            istio("no ztunnel connection"),
                            istio("failed to wait for ztunnel connection")),
            error("cni-pod-not-sent-to-ztunnel", "ztunnel did not take over a pod yet; it is tried again.")
                    .causes(
                            "ztunnel is starting, or overloaded.",
                            "ztunnel cannot open the pod's network: its log says why.")
                    .next("Look at the log of the ztunnel on the same node.", ZTUNNELS, WAITING)
                    .findings("MDX0262")
                    .when(
                            cni(
                                    "error",
                                    "ambient",
                                    "Unable to send pod to ztunnel. Will retry. timed out waiting for valid ztunnel response"),
                            istio("Unable to send pod to ztunnel"),
                            istio("timed out waiting for valid ztunnel response"),
                            istio("ztunnel responded with an ack error")),
            warning(
                            "cni-pod-partially-added",
                            "A pod is captured in part: its traffic is redirected, and ztunnel does not know it yet.")
                    .causes("ztunnel is not ready on that node.")
                    .next(WAITING + " (pending, then enabled)", ZTUNNELS)
                    .findings("MDX0262")
                    .when(
                            cni(
                                    "error",
                                    "ambient",
                                    "failed to add pod to ztunnel: pod partially added, annotating with pending status"),
                            istio("pod partially added")),
            error(
                            "cni-agent-unreachable",
                            "The CNI plugin cannot reach its agent on the node, so pods stay in ContainerCreating.")
                    .causes(
                            "The DaemonSet istio-cni-node does not run on that node.",
                            "It is being updated: then it passes.")
                    .next(AGENTS, "kubectl describe pod POD: failed to setup network for sandbox")
                    .findings("MDX0262")
                    .when(
                            cni(
                                    "error",
                                    "cni-plugin",
                                    "istio-cni cmdAdd failed to contact node Istio CNI agent: dial unix /var/run/istio-cni/pluginevent.sock: connect: no such file or directory"),
                            istio("failed to contact node Istio CNI agent"),
                            istio("failed to setup network for sandbox")));

    private CniPatterns() {}

    private static String cni(String level, String scope, String message) {
        return "2026-01-02T03:04:05.678901Z\t" + level + "\t" + scope + "\t" + message;
    }
}
