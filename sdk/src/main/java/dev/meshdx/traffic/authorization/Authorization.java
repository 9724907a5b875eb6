package dev.meshdx.traffic.authorization;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.annotation.Internal;
import dev.meshdx.configuration.internal.PolicyTarget;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.source.Session;
import dev.meshdx.traffic.AuthorizationDecision;
import dev.meshdx.traffic.AuthorizationDecision.Result;
import dev.meshdx.traffic.HttpRequest;
import dev.meshdx.traffic.Trace;
import dev.meshdx.traffic.authorization.Workload.Kind;
import dev.meshdx.traffic.internal.rbac.PolicyFilters;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who may call a workload. Navigating does no I/O. Safe for use by several threads.
 *
 * <p>Two sides answer: what is in force, from the configuration of the workload's proxy (Envoy's RBAC filters), and what is
 * meant, from the AuthorizationPolicies. They differ while a policy is on its way, when the proxy is cut off from istiod or has
 * refused an update. Where one side cannot be read the other one answers, and the gap says so. Nothing is sent.
 *
 * <pre>{@code
 * pod.authorization().check(HttpRequest.get("http://payments:8080/pay"), Peer.workload("production", "sleep"))
 * }</pre>
 */
@CheckReturnValue
public final class Authorization {
    private final Supplier<Facts> facts;

    private Authorization(Supplier<Facts> facts) {
        this.facts = facts;
    }

    /** Of a pod. */
    @Internal
    public static Authorization of(Supplier<Session> sessions, String namespace, String pod) {
        return new Authorization(() -> {
            Session session = sessions.get();
            Facts read = Facts.read(session, namespace, pod);
            session.requireAnything();
            return read;
        });
    }

    /** What a proxy's configuration alone tells; what is meant stays open. */
    public static Authorization of(ConfigDump dump) {
        Facts known = Facts.of(dump);
        return new Authorization(() -> known);
    }

    /**
     * Whether the workload lets a request of a peer through.
     *
     * <p>The URL's port is the workload's own, or that of a Service that selects it; the notes say where it was translated. A
     * peer with an identity calls a sidecar with mutual TLS, as Istio's proxies do. Costs one config dump, and a list of
     * AuthorizationPolicies, RequestAuthentications and Services.
     *
     * @throws dev.meshdx.error.MeshNotFoundException if there is no such pod
     * @throws dev.meshdx.error.MeshException if nothing at all could be read
     */
    public AuthorizationCheck check(HttpRequest request, Peer peer) {
        return check(List.of(request), peer).get(0);
    }

    /**
     * The same for a request that itself tells whose it is: by the client certificate in its TLS, or by
     * {@link HttpRequest#peer(String)}; else it is taken for one without identity. One with a destination is taken as it is.
     *
     * @throws dev.meshdx.error.MeshNotFoundException if there is no such pod
     * @throws dev.meshdx.error.MeshException if nothing at all could be read
     */
    public AuthorizationCheck check(HttpRequest request) {
        return check(List.of(request)).get(0);
    }

    /** As {@link #check(HttpRequest, Peer)}, for many requests; everything is read once. */
    public List<AuthorizationCheck> check(List<HttpRequest> requests, Peer peer) {
        Facts known = facts.get();
        return requests.stream()
                .map(request -> check(known, request, peer, Arrival.of(request, peer, known.workload())))
                .toList();
    }

    /** As {@link #check(HttpRequest)}, for many requests; everything is read once. */
    public List<AuthorizationCheck> check(List<HttpRequest> requests) {
        Facts known = facts.get();
        List<AuthorizationCheck> checks = new ArrayList<>();
        for (HttpRequest request : requests) {
            Peer peer = Peer.of(request);
            Arrival arrival = request.destination().isPresent()
                    ? Arrival.asGiven(request)
                    : Arrival.of(request, peer, known.workload());
            checks.add(check(known, request, peer, arrival));
        }
        return List.copyOf(checks);
    }

    /**
     * The policies that apply to the workload, in the order in which they are evaluated, and what does not count, and why. Costs
     * as much as {@link #check(HttpRequest, Peer)}.
     *
     * @throws dev.meshdx.error.MeshNotFoundException if there is no such pod
     * @throws dev.meshdx.error.MeshException if nothing at all could be read
     */
    public AppliedPolicies policies() {
        Facts known = facts.get();
        Sides sides = Sides.of(known);
        List<AppliedPolicies.LeftOut> leftOut = sides.leftOut().stream()
                .map(one -> new AppliedPolicies.LeftOut(
                        one.policy().ref(),
                        AppliedPolicies.Part.valueOf(one.part().name()),
                        one.path(),
                        one.why()))
                .distinct()
                .toList();
        List<String> notes = new ArrayList<>(known.notes());
        if (known.isUnguarded()) {
            notes.add("the pod is not in the mesh: nobody enforces its policies");
        }
        return new AppliedPolicies(known.workload().name(), sides.rows(), leftOut, notes, known.gaps());
    }

    private static AuthorizationCheck check(Facts facts, HttpRequest request, Peer peer, Arrival arrival) {
        List<String> notes = new ArrayList<>(arrival.notes());
        notes.addAll(facts.notes());
        Trace trace = facts.tracer() == null || facts.workload().kind() == Kind.WAYPOINT
                ? null
                : facts.tracer().trace(arrival.request());
        InForce inForce = trace == null ? null : InForce.of(trace);
        if (trace != null) {
            notes.addAll(trace.notes());
        } else if (facts.isUnguarded()) {
            inForce = new InForce(
                    InForce.decision(Result.ALLOWED, "the pod is not in the mesh: nobody enforces its policies"), true);
        }
        AuthorizationDecision meant = facts.policies() == null ? null : meant(facts, arrival, trace, notes);
        String difference = inForce == null || meant == null || !inForce.reached()
                ? ""
                : Sides.difference(inForce.decision(), meant, facts);
        return new AuthorizationCheck(
                request,
                peer,
                inForce == null ? null : inForce.decision(),
                meant,
                trace,
                difference,
                notes.stream().distinct().toList(),
                facts.gaps());
    }

    private static AuthorizationDecision meant(
            Facts facts, Arrival arrival, @Nullable Trace trace, List<String> notes) {
        boolean inChain = trace != null && InForce.of(trace).reached();
        boolean connection = inChain
                ? trace.routeConfig().isEmpty()
                : arrival.isConnection() || facts.workload().kind() == Kind.AMBIENT;
        PolicyFilters.Result filters = Meant.filters(facts, target(facts, arrival.request(), notes), connection);
        Optional<AuthorizationDecision> there = inChain ? trace.decide(filters.configs()) : Optional.empty();
        return InForce.settled(there.orElseGet(() -> Meant.decide(filters.configs(), arrival, facts.issuers())));
    }

    /** In a waypoint the policies of the Service that the request names count. */
    private static PolicyTarget target(Facts facts, HttpRequest request, List<String> notes) {
        Workload workload = facts.workload();
        if (workload.kind() != Kind.WAYPOINT) {
            return workload.target();
        }
        notes.add("which of its rules a waypoint takes for a request is not traced: this is what the policies mean");
        Optional<ResourceRef> service = Sides.service(facts, request);
        service.ifPresentOrElse(
                ref -> notes.add("addressed to " + ref),
                () -> notes.add("the host is no Service of the mesh: only policies for the waypoint itself were counted"));
        return service.map(workload.target()::forService).orElse(workload.target());
    }

    @Override
    public String toString() {
        return "authorization of a workload";
    }
}
