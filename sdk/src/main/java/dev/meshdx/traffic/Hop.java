package dev.meshdx.traffic;

import dev.meshdx.model.Origin;
import dev.meshdx.model.ResourceRef;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A place on the way of a request through the mesh. Immutable. */
public final class Hop {
    /** What stands there. */
    public enum Role {
        /** The sidecar of the client. */
        CLIENT("client sidecar"),
        /** The client without a proxy of its own. */
        APPLICATION_CLIENT("client without a proxy"),
        /** A gateway. */
        GATEWAY("gateway"),
        /** A waypoint. */
        WAYPOINT("waypoint"),
        /** A node's ztunnel. */
        ZTUNNEL("ztunnel"),
        /** The sidecar of the server. */
        SERVER("server sidecar"),
        /** The application that is called. */
        APPLICATION("application"),
        /** Something outside this cluster's mesh. */
        EXTERNAL("outside");

        private final String text;

        Role(String text) {
            this.text = text;
        }

        /** For people. */
        @Override
        public String toString() {
            return text;
        }
    }

    /**
     * An Istio resource that decides something here.
     *
     * @param resource the resource
     * @param decides what it decides: {@code route}, {@code cluster outbound|9080|v1|…}, {@code authorization}
     * @param origin the file and line that it was read from; {@link Origin#NONE} for a cluster
     */
    public record Source(ResourceRef resource, String decides, Origin origin) {
        /** {@code VirtualService shop/reviews (route), reviews.yaml:12}. */
        @Override
        public String toString() {
            return resource + " (" + decides + ")" + (origin.known() ? ", " + origin : "");
        }
    }

    private final Role role;
    private final String name;
    private final @Nullable ResourceRef pod;
    private final @Nullable Crossing crossing;
    private final @Nullable Trace trace;
    private final boolean ends;
    private final boolean reaches;
    private final String because;
    private final List<Source> sources;
    private final List<String> notes;
    private final List<Hop> next;

    Hop(
            Role role,
            String name,
            @Nullable ResourceRef pod,
            @Nullable Crossing crossing,
            @Nullable Trace trace,
            boolean reaches,
            String because,
            List<Source> sources,
            List<String> notes,
            List<Hop> next) {
        this.role = role;
        this.name = name;
        this.pod = pod;
        this.crossing = crossing;
        this.trace = trace;
        this.ends = next.isEmpty();
        this.reaches = reaches;
        this.because = because;
        this.sources = List.copyOf(sources);
        this.notes = List.copyOf(notes);
        this.next = List.copyOf(next);
    }

    /** What stands there. */
    public Role role() {
        return role;
    }

    /** Its name: namespace and name of the pod, or the host or address outside. */
    public String name() {
        return name;
    }

    /** Its pod, where it is one of this cluster. */
    public Optional<ResourceRef> pod() {
        return Optional.ofNullable(pod);
    }

    /** How the request got there; empty for the first. */
    public Optional<Crossing> crossing() {
        return Optional.ofNullable(crossing);
    }

    /** What its Envoy does with the request; empty where there is none, or where it could not be asked. */
    public Optional<Trace> trace() {
        return Optional.ofNullable(trace);
    }

    /** Whether the request goes no further. */
    public boolean isEnd() {
        return ends;
    }

    /** For an end: whether the request has reached whom it was for, or an answer that somebody configured. */
    public boolean isServed() {
        return reaches;
    }

    /** What happens there, in half a sentence. */
    public String because() {
        return because;
    }

    /** The Istio resources that decide there, with file and line where they were read from files; where it ends badly, what ends it first. */
    public List<Source> sources() {
        return sources;
    }

    /** What could not be looked at, or was taken for granted. */
    public List<String> notes() {
        return notes;
    }

    /** The hops to which the request may go from there, by their shares; one of several hosts that are alike stands for all. */
    public List<Hop> next() {
        return next;
    }

    /** It and all that follow, in the order of a walk that goes to the end of each way. */
    List<Hop> all() {
        List<Hop> all = new ArrayList<>();
        all.add(this);
        next.forEach(hop -> all.addAll(hop.all()));
        return all;
    }

    /** The fields by their names in JSON, without what there is nothing to say about. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("role", role.name());
        fields.put("name", name);
        if (pod != null) {
            fields.put("pod", pod.toString());
        }
        if (crossing != null) {
            Map<String, Object> way = new LinkedHashMap<>();
            way.put("address", crossing.address());
            way.put("share", crossing.share());
            way.put("sent", crossing.sent().name());
            way.put("verdict", crossing.verdict().name());
            way.put("because", crossing.because());
            fields.put("crossing", way);
        }
        if (trace != null) {
            fields.put("trace", trace.fields());
        }
        fields.put("because", because);
        if (ends) {
            fields.put("served", reaches);
        }
        fields.put("sources", sources.stream().map(Source::toString).toList());
        fields.put("notes", notes);
        fields.put("next", next.stream().map(Hop::fields).toList());
        return java.util.Collections.unmodifiableMap(fields);
    }

    /** One line. */
    @Override
    public String toString() {
        return role + " " + name + ": " + because;
    }
}
