package dev.meshdx.traffic.authorization;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.annotation.Internal;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.source.Session;
import dev.meshdx.traffic.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

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
    private final String workload;
    private final Supplier<Facts> facts;

    private Authorization(String workload, Supplier<Facts> facts) {
        this.workload = workload;
        this.facts = facts;
    }

    /** Of a pod. */
    @Internal
    public static Authorization of(Supplier<Session> sessions, String namespace, String pod) {
        return new Authorization("pod " + namespace + "/" + pod, () -> {
            Session session = sessions.get();
            Facts read = Facts.read(session, namespace, pod);
            session.requireAnything();
            return read;
        });
    }

    /**
     * What a proxy's configuration alone tells; what is meant stays open. The trust domain of {@link Peer#workload} is
     * {@code cluster.local}, and ports are those of the workload, as no Service is known. It keeps the configuration.
     */
    public static Authorization of(ConfigDump dump) {
        Facts known = Facts.of(dump);
        return new Authorization("proxy " + known.workload().name(), () -> known);
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
     * {@link HttpRequest#throughTunnel(String)}; else it is taken for one without identity. One with a destination is taken as it is.
     *
     * @throws dev.meshdx.error.MeshNotFoundException if there is no such pod
     * @throws dev.meshdx.error.MeshException if nothing at all could be read
     */
    public AuthorizationCheck check(HttpRequest request) {
        return check(List.of(request)).get(0);
    }

    /** As {@link #check(HttpRequest, Peer)}, for many requests; everything is read once. */
    public List<AuthorizationCheck> check(List<HttpRequest> requests, Peer peer) {
        Checker checker = new Checker(facts.get());
        return requests.stream().map(request -> checker.check(request, peer)).toList();
    }

    /** As {@link #check(HttpRequest)}, for many requests; everything is read once. */
    public List<AuthorizationCheck> check(List<HttpRequest> requests) {
        Checker checker = new Checker(facts.get());
        return requests.stream().map(checker::check).toList();
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
        List<String> notes = new ArrayList<>(known.notes());
        if (known.isUnguarded()) {
            notes.add("the pod is not in the mesh: nobody enforces its policies");
        }
        return new AppliedPolicies(known.workload().name(), sides.rows(), sides.leftOut(), notes, known.gaps());
    }

    @Override
    public String toString() {
        return "authorization of " + workload;
    }
}
