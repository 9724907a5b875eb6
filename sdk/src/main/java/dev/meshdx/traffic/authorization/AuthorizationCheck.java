package dev.meshdx.traffic.authorization;

import dev.meshdx.finding.Inconclusive;
import dev.meshdx.traffic.AuthorizationDecision;
import dev.meshdx.traffic.AuthorizationDecision.Outcome;
import dev.meshdx.traffic.AuthorizationDecision.Result;
import dev.meshdx.traffic.HttpRequest;
import dev.meshdx.traffic.Trace;
import dev.meshdx.traffic.Tracer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether a workload lets a request through: by what its proxy enforces, by what the AuthorizationPolicies mean, and where the
 * two differ. Immutable.
 */
public final class AuthorizationCheck {
    private static final int SHOWN = 900;

    private final HttpRequest request;
    private final Peer peer;
    private final @Nullable AuthorizationDecision inForce;
    private final @Nullable AuthorizationDecision meant;
    private final @Nullable Trace trace;
    private final String difference;
    private final List<String> notes;
    private final List<Inconclusive> inconclusive;

    AuthorizationCheck(
            HttpRequest request,
            Peer peer,
            @Nullable AuthorizationDecision inForce,
            @Nullable AuthorizationDecision meant,
            @Nullable Trace trace,
            String difference,
            List<String> notes,
            List<Inconclusive> inconclusive) {
        this.request = request;
        this.peer = peer;
        this.inForce = inForce;
        this.meant = meant;
        this.trace = trace;
        this.difference = difference;
        this.notes = List.copyOf(notes);
        this.inconclusive = List.copyOf(inconclusive);
    }

    /**
     * What a proxy's configuration says of a request that arrives as it is given: at its {@link HttpRequest#destination()}, over
     * the TLS that it names, from the identity in it. Pure.
     */
    public static AuthorizationCheck of(Tracer tracer, HttpRequest request) {
        Trace trace = tracer.trace(request);
        return new AuthorizationCheck(
                request, Peer.of(request), InForce.of(trace).decision(), null, trace, "", trace.notes(), List.of());
    }

    /** The request, as it was asked about. */
    public HttpRequest request() {
        return request;
    }

    /** Who sends it. */
    public Peer peer() {
        return peer;
    }

    /** What comes of it: by what is in force, where that is known, else by what is meant. */
    public AuthorizationDecision decision() {
        return inForce()
                .or(this::meant)
                .orElseGet(() -> AuthorizationDecision.of(
                        new Outcome(Result.UNDECIDED, ""),
                        "neither the proxy nor the policies could be read",
                        null,
                        null,
                        null));
    }

    /** Whether it is let through. */
    public boolean isAllowed() {
        return decision().result() == Result.ALLOWED;
    }

    /** What the workload's proxy does; empty where its configuration is not known, or ztunnel enforces the policies. */
    public Optional<AuthorizationDecision> inForce() {
        return Optional.ofNullable(inForce);
    }

    /** What the AuthorizationPolicies say; empty where they are not known. */
    public Optional<AuthorizationDecision> meant() {
        return Optional.ofNullable(meant);
    }

    /** Whether the proxy does something else than the policies say: another result, another policy, or another dry run. */
    public boolean differs() {
        return !difference.isEmpty();
    }

    /** What differs, and why, in a sentence; empty where nothing does. */
    public String difference() {
        return difference;
    }

    /** The request's way through the proxy, where that is known. It keeps the proxy's configuration. */
    public Optional<Trace> trace() {
        return Optional.ofNullable(trace);
    }

    /** What was taken for granted: which port, which connection, who enforces the policies. */
    public List<String> notes() {
        return notes;
    }

    /** What could not be seen. */
    public List<Inconclusive> inconclusive() {
        return inconclusive;
    }

    /** The fields by their names in JSON, without what there is nothing to say about. */
    public Map<String, Object> fields() {
        AuthorizationDecision decision = decision();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("decision", decision.result().name());
        decision.policy().ifPresent(policy -> fields.put("policy", policy));
        Object dryRun = decision.fields().get("dryRun");
        if (dryRun != null) {
            fields.put("dryRun", dryRun);
        }
        fields.put("because", decision.because());
        decision.configuredBy().ifPresent(ref -> fields.put("configuredBy", ref.toString()));
        trace().ifPresent(way -> fields.put("kind", way.kind().toString()));
        fields.put("request", request.toString());
        fields.put("peer", peer.toString());
        inForce().ifPresent(known -> fields.put("inForce", side(known)));
        meant().ifPresent(known -> fields.put("meant", side(known)));
        if (inForce != null && meant != null) {
            fields.put("differs", differs());
        }
        if (differs()) {
            fields.put("difference", difference);
        }
        if (!notes.isEmpty()) {
            fields.put("notes", notes);
        }
        return java.util.Collections.unmodifiableMap(fields);
    }

    private static Map<String, Object> side(AuthorizationDecision decision) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("decision", decision.result().name());
        decision.policy().ifPresent(policy -> fields.put("policy", policy));
        Object dryRun = decision.fields().get("dryRun");
        if (dryRun != null) {
            fields.put("dryRun", dryRun);
        }
        fields.put("because", decision.because());
        return fields;
    }

    /** What decides on each side, what differs, and what was taken for granted: a line each. */
    public List<String> explanation() {
        List<String> lines = new ArrayList<>();
        inForce().ifPresent(known -> lines.add("in force: " + line(known)));
        dryRuns(lines, inForce);
        boolean same = inForce != null && !differs() && meant != null && isLike(meant);
        meant().ifPresent(known -> lines.add(same ? "meant: the same" : "meant: " + line(known)));
        if (!same) {
            dryRuns(lines, meant);
        }
        if (differs()) {
            lines.add("difference: " + difference);
        }
        if (inForce == null && meant == null) {
            lines.add(decision().because());
        }
        notes.forEach(note -> lines.add("note: " + note));
        return List.copyOf(lines);
    }

    private boolean isLike(AuthorizationDecision other) {
        return inForce != null
                && inForce.result() == other.result()
                && inForce.policy().equals(other.policy());
    }

    private static String line(AuthorizationDecision decision) {
        String rule = decision.configuredBy()
                .map(ref -> " (" + ref
                        + (decision.rule().isPresent()
                                ? ", rule " + decision.rule().getAsInt()
                                : "")
                        + ")")
                .orElse("");
        return decision.result() + ", " + decision.because() + rule;
    }

    private static void dryRuns(List<String> lines, @Nullable AuthorizationDecision decision) {
        if (decision != null) {
            decision.dryRunDeny().ifPresent(tried -> lines.add("DENY policies in dry run: " + tried));
            decision.dryRunAllow().ifPresent(tried -> lines.add("ALLOW policies in dry run: " + tried));
        }
    }

    /** The decision with the request, in a line. */
    public String headline() {
        return decision().result().name() + ": " + request + " from " + peer;
    }

    /** The decision with the request, then {@link #explanation()}, shortened. */
    @Override
    public String toString() {
        String first = headline();
        StringBuilder text =
                new StringBuilder(first.length() > SHOWN / 2 ? first.substring(0, SHOWN / 2) + "…" : first);
        for (String line : explanation()) {
            if (text.length() + line.length() + 3 <= SHOWN) {
                text.append("\n  ").append(line);
            }
        }
        return text.toString();
    }
}
