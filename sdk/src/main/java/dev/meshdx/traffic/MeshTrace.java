package dev.meshdx.traffic;

import dev.meshdx.annotation.Internal;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.source.Session;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The way of a request through the mesh, hop by hop: client sidecar, waypoint or gateway, server sidecar, application. It
 * branches where a route has weights, or where hosts of a cluster are not alike. Each hop is what the proxy there would do, by
 * its own configuration; nothing is sent. Immutable.
 */
public final class MeshTrace {
    private final HttpRequest request;
    private final Hop first;
    private final List<Inconclusive> gaps;

    MeshTrace(HttpRequest request, Hop first, List<Inconclusive> gaps) {
        this.request = request;
        this.first = first;
        this.gaps = List.copyOf(gaps);
    }

    /**
     * Follows a request.
     *
     * @throws dev.meshdx.error.MeshNotFoundException if there is no such pod
     */
    @Internal
    public static MeshTrace of(Session session, String namespace, String pod, HttpRequest request) {
        return MeshWalk.trace(session, namespace, pod, request);
    }

    /** The request as the client sends it. */
    public HttpRequest request() {
        return request;
    }

    /** Where it begins; the others are its {@link Hop#next()}. */
    public Hop first() {
        return first;
    }

    /** All hops, those of each way one after the other. */
    public List<Hop> hops() {
        return first.all();
    }

    /** The hops at which it ends, one for each way. */
    public List<Hop> ends() {
        return hops().stream().filter(Hop::isEnd).toList();
    }

    /** Whether every way reaches the application, or an answer that somebody configured. */
    public boolean isServed() {
        return ends().stream().allMatch(Hop::isServed);
    }

    /** Where it ends badly: of several such ends the one that most requests come to; empty where all is well. */
    public Optional<Hop> failure() {
        return ends().stream()
                .filter(hop -> !hop.isServed())
                .max(java.util.Comparator.comparingDouble(
                        hop -> hop.crossing().map(Crossing::share).orElse(100.0)));
    }

    /** Whose configuration ends it, where it ends badly and a resource is known. */
    public Optional<ResourceRef> endedBy() {
        return failure()
                .flatMap(hop -> hop.sources().stream().map(Hop.Source::resource).findFirst());
    }

    /**
     * The code that the client sees: that of the proxy that ends it; where a connection fails, 503 of the proxy before it, or 0
     * where there is none, as the client's connection is closed then; else 200, provided that the application answers well.
     */
    public int responseCode() {
        Optional<Hop> failure = failure();
        if (failure.isEmpty()) {
            return ends().get(0)
                    .trace()
                    .map(Trace::responseCode)
                    .filter(code -> code > 0)
                    .orElse(200);
        }
        int code = failure.get().trace().map(Trace::responseCode).orElse(0);
        boolean http = hops().stream()
                .filter(hop -> hop.next().contains(failure.get()))
                .flatMap(hop -> hop.trace().stream())
                .anyMatch(trace -> trace.kind() == Trace.Kind.ROUTE);
        return code > 0 ? code : http ? 503 : 0;
    }

    /** The ends at which something stands that could not be asked what it does. */
    private List<Hop> unseen() {
        return ends().stream()
                .filter(hop -> hop.trace().isEmpty()
                        && (hop.role() == Hop.Role.SERVER
                                || hop.role() == Hop.Role.GATEWAY
                                || hop.role() == Hop.Role.WAYPOINT
                                || hop.role() == Hop.Role.CLIENT))
                .toList();
    }

    /** In one sentence where it goes, or where and why it ends. */
    public String verdict() {
        Optional<Hop> failure = failure();
        if (failure.isEmpty()) {
            List<Hop> ends = ends();
            List<Hop> unseen = unseen();
            return request + " reaches " + ends.get(0).name()
                    + (ends.size() > 1 ? " or " + (ends.size() - 1) + " other" + (ends.size() > 2 ? "s" : "") : "")
                    + (unseen.isEmpty()
                            ? ""
                            : "; what the " + unseen.get(0).role() + " "
                                    + unseen.get(0).name() + " does with it could not be read")
                    + ".";
        }
        Hop hop = failure.get();
        double share = hop.crossing().map(Crossing::share).orElse(100.0);
        return request + (share < 100 ? " (" + Upstream.percent(share) + " of such requests)" : "") + " ends at the "
                + hop.role() + " " + hop.name() + ": it " + hop.because()
                + endedBy().map(ref -> "; configured by " + ref).orElse("") + ".";
    }

    /** What could not be read. */
    public List<Inconclusive> gaps() {
        return gaps;
    }

    /** As a Mermaid flow chart, for Markdown and HTML: hops are boxes, crossings arrows with their verdict. */
    public String mermaid() {
        return MeshTracePicture.flow(this);
    }

    /** As a tree, whole: {@link #toString()} is cut short for consoles. */
    public String tree() {
        return MeshTracePicture.tree(this);
    }

    /** The fields by their names in JSON. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("request", request.toString());
        fields.put("verdict", verdict());
        fields.put("served", isServed());
        fields.put("responseCode", responseCode());
        endedBy().ifPresent(ref -> fields.put("endedBy", ref.toString()));
        fields.put("path", first.fields());
        fields.put("mermaid", mermaid());
        return java.util.Collections.unmodifiableMap(fields);
    }

    /** The verdict and the tree. */
    @Override
    public String toString() {
        String text = verdict() + "\n" + tree();
        return text.length() > 900 ? text.substring(0, 897) + "..." : text;
    }
}
