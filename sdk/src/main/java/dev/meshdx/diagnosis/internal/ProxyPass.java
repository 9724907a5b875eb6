package dev.meshdx.diagnosis.internal;

import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.logs.internal.LogsStep;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import dev.meshdx.security.internal.SecurityStep;
import dev.meshdx.source.Session;
import dev.meshdx.traffic.internal.checks.FailedRequest;
import dev.meshdx.traffic.internal.checks.ProxyLook;
import dev.meshdx.traffic.internal.checks.TrafficStep;
import java.util.List;
import java.util.Set;

/**
 * Reads each proxy once for the traffic and the security step together and keeps only what they need of it. A dump takes
 * several times its size in memory, and a mesh has hundreds of them: no more are held than are read at the same time.
 */
final class ProxyPass {
    private ProxyPass() {}

    /** What the traffic step sees at a pod's proxy. Whoever comes first reads; the others wait. */
    static ProxyLook look(Session session, Scope scope, ResourceRef pod) {
        return session.once(List.of("proxy", pod), "proxy of " + pod.name(), () -> {
            try {
                return TrafficStep.look(session, pod, () -> failed(session, scope, pod));
            } finally {
                SecurityStep.prepare(session, pod);
                ConfigDump.release(session, pod.namespace(), pod.name());
            }
        });
    }

    /** Reads the proxies of a scope. */
    static void readAll(Session session, Scope scope) {
        session.parallel(TrafficStep.pods(session.fork(), scope), pod -> look(session, scope, pod));
    }

    /** What the log of a proxy shows as failed, if the logs step reads that log too. */
    private static List<FailedRequest> failed(Session session, Scope scope, ResourceRef pod) {
        Set<ResourceRef> pods = session.once(
                List.of("pods with logs", scope), "pods", () -> Set.copyOf(LogsStep.pods(session.fork(), scope)));
        return pods.contains(pod) ? FailedRequests.of(session, pod, pods.size()) : List.of();
    }
}
