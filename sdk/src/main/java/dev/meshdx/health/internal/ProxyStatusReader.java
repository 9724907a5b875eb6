package dev.meshdx.health.internal;

import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import dev.meshdx.health.ProxyStatuses;
import dev.meshdx.model.Resource;
import dev.meshdx.model.Scope;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.Session;
import java.util.List;

/** Answers {@code proxyStatus()}. */
public final class ProxyStatusReader {
    private ProxyStatusReader() {}

    /**
     * Asks all istiods of all revisions at once. Costs one list of istiod pods, one request to each istiod for its proxies and
     * one for its metrics, and the list of the pods in the scope.
     */
    public static ProxyStatuses read(Session session, Scope scope) {
        if (session.source().kind() == MeshSource.Kind.MANIFESTS) {
            throw new MeshUnsupportedException(
                    Reason.UNSUPPORTED,
                    "Whether proxies are in sync cannot be told from manifests: nothing runs.",
                    "Connect to a cluster, or open a recording.");
        }
        Session own = session.fork();
        HealthModel.Builder builder = HealthModel.builder(scope, own.now());
        builder.istioNamespace = own.istioNamespace();
        HealthReads.Istiods istiods = HealthReads.istiods(own);
        builder.istiodsKnown = istiods.known();
        own.parallel(
                () -> HealthReads.proxies(own, istiods.pods(), builder),
                () -> builder.istiods = HealthReads.instances(own, istiods.pods()),
                () -> {
                    List<Resource> pods = HealthReads.pods(own, scope);
                    builder.pods = pods == null ? List.of() : pods;
                });
        HealthReads.suspects(own, builder);
        HealthModel model = builder.build();
        if (model.proxiesInScope().isEmpty()) {
            session.require(scope);
        }
        return ProxyStatuses.of(model.proxiesInScope(), HealthChecks.run(HealthChecks.SYNC, model), own.gaps());
    }
}
