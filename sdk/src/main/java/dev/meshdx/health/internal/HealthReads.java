package dev.meshdx.health.internal;

import dev.meshdx.error.MeshClosedException;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshInterruptedException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.health.IstiodInstance;
import dev.meshdx.health.SyncState;
import dev.meshdx.health.Termination;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.source.ListQuery;
import dev.meshdx.source.PodRequest;
import dev.meshdx.source.Session;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the health step reads. Everything goes through the session; what cannot be read is a gap there. */
final class HealthReads {
    private static final String ISTIOD_LABEL = "istiod";

    /** Istio, {@code pilot/pkg/model/service.go}, HealthStatus. */
    private static final int HEALTHY = 1;

    private HealthReads() {}

    /**
     * The istiod pods.
     *
     * @param known whether the list says something: it could be read, and the control plane is not somewhere else
     */
    record Istiods(List<Resource> pods, boolean known) {}

    /** The istiod pods of all revisions: label {@code app=istiod} in Istio's namespace, as istioctl finds them. */
    static Istiods istiods(Session session) {
        ListQuery query =
                ListQuery.in(ResourceKind.POD, session.istioNamespace()).labelled(Map.of("app", ISTIOD_LABEL));
        try {
            List<Resource> pods = session.list(query).stream()
                    .filter(pod -> !Pods.phase(pod).equals("Succeeded")
                            && !Pods.phase(pod).equals("Failed"))
                    .filter(pod ->
                            !pod.raw().at("metadata", "deletionTimestamp").exists())
                    .sorted(Comparator.comparing(Resource::name))
                    .toList();
            if (!pods.isEmpty()) {
                return new Istiods(pods, true);
            }
        } catch (MeshException e) {
            session.gap("istiod pods in namespace " + session.istioNamespace(), null, e);
            return new Istiods(List.of(), false);
        }
        return new Istiods(List.of(), !isExternal(session));
    }

    /** Whether the injection webhook points to a URL: the control plane then runs outside the cluster. */
    private static boolean isExternal(Session session) {
        for (Resource webhooks : session.resourcesOrGap(ResourceKind.MUTATING_WEBHOOK_CONFIGURATION, "")) {
            for (Json webhook : webhooks.raw().at("webhooks").items()) {
                String url = webhook.at("clientConfig", "url").text("");
                if (!url.isEmpty() && webhooks.label("istio.io/rev").isPresent()) {
                    session.gap(Inconclusive.of(
                            "control plane",
                            webhooks.ref(),
                            Reason.UNSUPPORTED,
                            "There is no istiod in namespace " + session.istioNamespace()
                                    + "; the injection webhook points to one outside the cluster (" + url + ").",
                            "Diagnose the cluster in which the control plane runs too."));
                    return true;
                }
            }
        }
        return false;
    }

    /** What is known of each istiod. */
    static List<IstiodInstance> instances(Session session, List<Resource> pods) {
        return ControlPlaneReads.instances(session, pods).all();
    }

    static @Nullable Termination termination(Json containerStatus) {
        Json ended = containerStatus.at("lastState", "terminated");
        if (!ended.exists()) {
            return null;
        }
        return new Termination(
                ended.at("reason").text(""),
                (int) ended.at("exitCode").number(0),
                SyncStatusParser.time(ended.at("finishedAt").text("")).orElse(null));
    }

    /** {@code VERSION-COMMIT-STATUS} as {@code /version} answers it, without the last two. */
    static String version(String answer, String fallback) {
        String line = answer.strip();
        if (line.isEmpty() || line.length() > 200 || line.contains("\n") || line.contains("<")) {
            return fallback;
        }
        int status = line.lastIndexOf('-');
        int commit = status <= 0 ? -1 : line.lastIndexOf('-', status - 1);
        return commit <= 0 ? line : line.substring(0, commit);
    }

    /** The pods in the scope; null where they cannot be read. */
    static @Nullable List<Resource> pods(Session session, Scope scope) {
        String what = "pods of " + scope;
        try {
            if (!scope.isPod()) {
                return scope.namespace().isEmpty()
                        ? session.resources(ResourceKind.POD)
                        : session.resources(ResourceKind.POD, scope.namespace());
            }
            Optional<Resource> pod = session.resource(ResourceKind.POD, scope.namespace(), scope.pod());
            if (pod.isEmpty()) {
                session.gap(
                        what,
                        ResourceRef.of("Pod", scope.namespace(), scope.pod()),
                        new MeshNotFoundException(
                                "There is no pod " + scope.pod() + " in namespace " + scope.namespace() + ".",
                                "kubectl get pods -n " + scope.namespace()));
                return null;
            }
            return List.of(pod.get());
        } catch (MeshException e) {
            session.gap(what, null, e);
            return null;
        }
    }

    /** EnvoyFilters, only where a proxy refuses something: they are the usual culprits. */
    static void suspects(Session session, HealthModel.Builder into) {
        boolean refused = into.proxies.stream().anyMatch(proxy -> proxy.has(SyncState.ERROR));
        if (refused) {
            into.envoyFilters = session.resourcesOrGap(ResourceKind.ENVOY_FILTER, "");
        }
    }

    /** Events, only of namespaces with a proxy that is not ready: the kubelet's own words for why. */
    static void events(Session session, HealthModel.Builder into) {
        List<Resource> unwell =
                into.pods.stream().filter(ProxyUnhealthyCheck::isUnwell).toList();
        Map<ResourceRef, List<Resource>> events = new HashMap<>();
        for (String namespace :
                unwell.stream().map(Resource::namespace).distinct().toList()) {
            for (Resource event : session.resourcesOrGap(ResourceKind.EVENT, namespace)) {
                Json about = event.raw().at("involvedObject");
                ResourceRef subject = ResourceRef.of(
                        about.at("kind").text(""),
                        about.at("namespace").text(""),
                        about.at("name").text(""));
                if (unwell.stream().anyMatch(pod -> pod.ref().equals(subject))) {
                    events.computeIfAbsent(subject, key -> new ArrayList<>()).add(event);
                }
            }
        }
        into.events = events;
    }

    /** Services, their endpoints and what should run behind them. */
    static void services(Session session, Scope scope, HealthModel.Builder into) {
        List<String> failed = java.util.Collections.synchronizedList(new ArrayList<>());
        session.parallel(
                () -> into.services = list(session, ResourceKind.SERVICE, scope, failed),
                () -> into.endpointSlices = list(session, ResourceKind.ENDPOINT_SLICE, scope, failed),
                () -> {
                    List<Resource> workloads =
                            new ArrayList<>(session.resourcesOrGap(ResourceKind.DEPLOYMENT, scope.namespace()));
                    workloads.addAll(session.resourcesOrGap(ResourceKind.STATEFUL_SET, scope.namespace()));
                    into.workloads = workloads;
                });
        into.endpointsKnown = failed.isEmpty();
    }

    /**
     * Which services without a ready pod here have healthy endpoints in another cluster. Asks istiod only where there is such a
     * service, and for endpoints only where it knows several clusters. Source: Istio, {@code pilot/pkg/xds/debug.go}.
     */
    static void servedElsewhere(
            Session session, List<Resource> istiods, List<Resource> unavailable, HealthModel.Builder into) {
        if (unavailable.isEmpty()) {
            return;
        }
        for (Resource istiod : istiods) {
            try {
                boolean several = true;
                try {
                    several = session.json(PodRequest.istiod(istiod.namespace(), istiod.name(), "/debug/clusterz"))
                                    .size()
                            > 1;
                } catch (MeshProtocolException | MeshUnsupportedException | MeshNotFoundException e) {
                    // An istiod that is too old to say: its endpoints tell too.
                }
                Json endpoints = several
                        ? session.json(PodRequest.istiod(istiod.namespace(), istiod.name(), "/debug/endpointz"))
                        : Json.MISSING;
                into.servedElsewhere = unavailable.stream()
                        .filter(service -> hasHealthyEndpoint(endpoints, service))
                        .map(Resource::ref)
                        .collect(Collectors.toSet());
                return;
            } catch (MeshInterruptedException | MeshClosedException e) {
                throw e;
            } catch (MeshException e) {
                // That istiod does not answer is a gap already; the next one knows the same endpoints.
            }
        }
    }

    private static boolean hasHealthyEndpoint(Json endpoints, Resource service) {
        String prefix = service.name() + "." + service.namespace() + ".svc.";
        for (String host : endpoints.names()) {
            if (host.startsWith(prefix)) {
                Json shards = endpoints.at(host, service.namespace(), "Shards");
                for (String shard : shards.names()) {
                    if (shards.at(shard).items().stream()
                            .anyMatch(endpoint -> endpoint.at("HealthStatus").number(HEALTHY) == HEALTHY)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static List<Resource> list(Session session, ResourceKind kind, Scope scope, List<String> failed) {
        try {
            return scope.namespace().isEmpty() ? session.resources(kind) : session.resources(kind, scope.namespace());
        } catch (MeshException e) {
            session.gap(kind.qualifiedPlural() + " of " + scope, null, e);
            failed.add(kind.plural());
            return List.of();
        }
    }
}
