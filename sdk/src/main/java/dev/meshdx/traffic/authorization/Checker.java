package dev.meshdx.traffic.authorization;

import dev.meshdx.configuration.AuthorizationPolicy.Action;
import dev.meshdx.configuration.internal.PolicyTarget;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.traffic.AuthorizationDecision;
import dev.meshdx.traffic.AuthorizationDecision.Result;
import dev.meshdx.traffic.HttpRequest;
import dev.meshdx.traffic.Trace;
import dev.meshdx.traffic.authorization.Workload.Kind;
import dev.meshdx.traffic.internal.Lazy;
import dev.meshdx.traffic.internal.rbac.PolicyFilters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Answers questions about one workload from what was read of it. Not for use by several threads. */
final class Checker {
    private record Key(PolicyTarget target, boolean connection) {}

    private final Facts facts;
    private final Lazy<Sides> sides;
    private final Lazy<Set<String>> issuers;
    private final Map<Key, PolicyFilters.Result> filters = new HashMap<>();

    Checker(Facts facts) {
        this.facts = facts;
        this.sides = new Lazy<>(() -> Sides.of(facts));
        this.issuers = new Lazy<>(facts::issuers);
    }

    /** A request that itself tells whose it is. */
    AuthorizationCheck check(HttpRequest request) {
        Peer peer = Peer.of(request);
        return request.destination().isPresent()
                ? check(request, peer, Optional.empty(), Arrival.asGiven(request))
                : check(request, peer);
    }

    AuthorizationCheck check(HttpRequest request, Peer peer) {
        Workload workload = facts.workload();
        if (workload.kind() != Kind.WAYPOINT) {
            return check(request, peer, Optional.empty(), Arrival.of(request, peer, workload));
        }
        Optional<Resource> service = Sides.service(facts, request);
        return check(
                request,
                peer,
                service.map(Resource::ref),
                Arrival.atWaypoint(
                        request,
                        peer,
                        workload,
                        service.map(found -> found.spec().at("clusterIP").text(""))
                                .orElse("")));
    }

    private AuthorizationCheck check(HttpRequest request, Peer peer, Optional<ResourceRef> service, Arrival arrival) {
        Kind kind = facts.workload().kind();
        List<String> notes = new ArrayList<>(arrival.notes());
        notes.addAll(facts.notes());
        boolean somewhere =
                kind != Kind.WAYPOINT || arrival.request().destination().isPresent();
        Trace trace =
                facts.tracer() == null || !somewhere ? null : facts.tracer().trace(arrival.request());
        InForce inForce = trace == null ? null : InForce.of(trace);
        if (trace != null) {
            notes.addAll(trace.notes());
        } else if (facts.isUnguarded()) {
            inForce = new InForce(
                    InForce.decision(Result.ALLOWED, "the pod is not in the mesh: nobody enforces its policies"), true);
        }
        if (inForce != null && !inForce.reached() && peer.isPlaintext() && kind == Kind.SIDECAR) {
            notes.add(
                    "the client was taken for one without identity, and the workload may take mutual TLS only: name the"
                            + " client if it has one");
        }
        AuthorizationDecision meant = facts.policies() == null ? null : meant(arrival, trace, inForce, service, notes);
        String difference = "";
        if (inForce != null && meant != null && inForce.reached()) {
            difference = Sides.difference(inForce.decision(), meant, sides.get().rows());
        }
        AuthorizationDecision shown = inForce == null ? meant : inForce.decision();
        if (shown != null
                && shown.result() == Result.DENIED
                && shown.policy().isEmpty()
                && (inForce == null || inForce.reached())) {
            allowing(inForce != null).ifPresent(notes::add);
        }
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

    /** Those of which one would have to match. */
    private Optional<String> allowing(boolean inForce) {
        String names = sides.get().rows().stream()
                .filter(row -> row.action() == Action.ALLOW && !row.dryRun())
                .filter(row ->
                        row.state() != (inForce ? AppliedPolicy.State.NOT_IN_FORCE : AppliedPolicy.State.NOT_MEANT))
                .map(AppliedPolicy::qualifiedName)
                .distinct()
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? Optional.empty() : Optional.of("one of these would have to allow it: " + names);
    }

    private AuthorizationDecision meant(
            Arrival arrival,
            @Nullable Trace trace,
            @Nullable InForce inForce,
            Optional<ResourceRef> service,
            List<String> notes) {
        Kind kind = facts.workload().kind();
        Trace way = inForce != null && inForce.reached() ? trace : null;
        boolean connection = way == null
                ? arrival.isConnection() || kind == Kind.AMBIENT
                : way.routeConfig().isEmpty();
        PolicyTarget target = service.map(facts.workload().target()::forService)
                .orElse(facts.workload().target());
        PolicyFilters.Result result = filters.computeIfAbsent(
                new Key(target, connection), key -> Meant.filters(facts, key.target(), key.connection()));
        result.leftOut().stream()
                .filter(one -> one.part() != PolicyFilters.Part.POLICY)
                .map(one -> "does not count here: " + one)
                .forEach(notes::add);
        List<Json> configs = result.configs();
        Optional<AuthorizationDecision> there = Optional.ofNullable(way).flatMap(one -> one.decide(configs));
        return InForce.settled(there.orElseGet(() -> Meant.decide(configs, arrival, issuers.get())));
    }
}
