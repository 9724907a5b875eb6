package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.health.SyncState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * MDX0140: an istiod holds a connection of a pod that there is not. The pod was deleted and the other end of the connection has not
 * noticed (a node that is gone says no goodbye), or something that is no pod uses its name. Says nothing of proxies of other
 * clusters, nor in namespaces with workloads outside the cluster.
 */
final class ProxyWithoutPodCheck implements Check<HealthModel> {
    /** The list of pods and the list of proxies are two moments. */
    private static final Duration GRACE = Duration.ofMinutes(1);

    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.PROXY_WITHOUT_POD);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        for (ProxyStatus proxy : model.connections().orphans()) {
            Optional<Instant> sent = proxy.lastSent();
            boolean fresh = !proxy.has(SyncState.STALE)
                    && sent.filter(at -> at.plus(GRACE).isAfter(model.now)).isPresent();
            report.accept(Finding.of(HealthCodes.PROXY_WITHOUT_POD, proxy.podRef())
                    .severity(fresh ? Severity.INFO : Severity.WARNING)
                    .message(proxy.istiod() + " holds a connection of " + proxy.pod()
                            + ", and there is no such pod in namespace "
                            + proxy.namespace()
                            + (fresh
                                    ? "; it may have come or gone while this was read."
                                    : proxy.has(SyncState.STALE)
                                            ? ": it is gone, and istiod has not noticed; what it sends is not acknowledged."
                                            : ": it is gone, and istiod has not noticed; or something that is no pod uses its"
                                                    + " name."))
                    .evidence("proxy", "/debug/syncz of " + proxy.istiod(), proxy.toString())
                    .evidence("pod", "pods of namespace " + proxy.namespace(), "not listed")
                    .remedy(
                            fresh
                                    ? "Ask again in a minute."
                                    : "Nothing is broken by it: istiod closes the connection when it notices. Where it stays, see"
                                            + " from where it comes: kubectl -n " + model.istioNamespace + " exec "
                                            + proxy.istiod()
                                            + " -- pilot-discovery request GET /debug/connections | grep -A3 "
                                            + proxy.pod())
                    .build());
        }
    }
}
