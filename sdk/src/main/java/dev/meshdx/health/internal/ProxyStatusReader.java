package dev.meshdx.health.internal;

import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.health.ProxyStatuses;
import dev.meshdx.model.Resource;
import dev.meshdx.model.Scope;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.Session;
import java.util.ArrayList;
import java.util.List;

/** Answers {@code proxyStatus()}. */
public final class ProxyStatusReader {
    private ProxyStatusReader() {}

    /**
     * Asks all istiods of all revisions at once. Costs one list of istiod pods, one request to each istiod for its proxies,
     * and the list of the pods in the scope. A pod without a connection costs two requests to each istiod more; a proxy without a pod costs a request to an istiod
     * and two lists of its namespace more; several revisions, or a doubt about one, the lists of webhooks and namespaces.
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
        builder.istiods = ControlPlaneReads.ofPods(own, istiods.pods());
        own.parallel(() -> ProxyReads.proxies(own, istiods.pods(), scope.namespace(), builder), () -> {
            List<Resource> pods = HealthReads.pods(own, scope);
            builder.pods = pods == null ? List.of() : pods;
            builder.podsKnown = pods != null;
        });
        ProxyReads.crossCheck(own, istiods.pods(), builder);
        HealthReads.suspects(own, builder);
        HealthModel model = builder.build();
        if (!model.connections().notConnected().isEmpty()) {
            // An istiod that has just started may not have all proxies yet: only it can say for how long it runs.
            builder.istiods = HealthReads.instances(own, istiods.pods());
            model = builder.build();
        }
        ProxyReads.unknown(own, model);
        List<ProxyStatus> proxies = new ArrayList<>(ProxyReads.withTypes(model, model.proxiesInScope()));
        proxies.addAll(ProxyReads.ofPods(model));
        if (proxies.isEmpty()) {
            session.require(scope);
        }
        Connections connections = model.connections();
        return ProxyStatuses.of(
                proxies,
                HealthChecks.run(HealthChecks.SYNC, model),
                own.gaps(),
                new ProxyStatuses.Facts(
                        model.answered == 0
                                ? ProxyStatuses.SeenFrom.PODS
                                : model.silentIstiods.isEmpty()
                                        ? ProxyStatuses.SeenFrom.ISTIODS
                                        : ProxyStatuses.SeenFrom.SOME_ISTIODS,
                        connections.orphans(),
                        connections.notConnected().stream().map(Resource::ref).toList(),
                        connections.otherRevision().stream()
                                .map(Connections.OtherRevision::proxy)
                                .toList(),
                        model.now));
    }
}
