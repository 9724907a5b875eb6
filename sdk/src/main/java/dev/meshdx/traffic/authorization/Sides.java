package dev.meshdx.traffic.authorization;

import dev.meshdx.configuration.AuthorizationPolicy;
import dev.meshdx.configuration.AuthorizationPolicy.Action;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.Service;
import dev.meshdx.configuration.internal.PolicyTarget;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.envoy.FilterChain;
import dev.meshdx.envoy.HttpConnectionManager;
import dev.meshdx.envoy.HttpFilter;
import dev.meshdx.envoy.Listener;
import dev.meshdx.envoy.NetworkFilter;
import dev.meshdx.envoy.Rbac;
import dev.meshdx.envoy.ResourceState;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.traffic.AuthorizationDecision;
import dev.meshdx.traffic.AuthorizationDecision.Result;
import dev.meshdx.traffic.HttpRequest;
import dev.meshdx.traffic.authorization.AppliedPolicy.State;
import dev.meshdx.traffic.authorization.NamedRule.Owner;
import dev.meshdx.traffic.authorization.Workload.Kind;
import dev.meshdx.traffic.internal.Hostnames;
import dev.meshdx.traffic.internal.rbac.PolicyFilters;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The policies that are in force beside those that are meant.
 *
 * @param rows in the order in which they are evaluated
 * @param leftOut what is not meant here
 */
record Sides(List<AppliedPolicy> rows, List<AppliedPolicies.LeftOut> leftOut) {
    private static final List<Action> ORDER = List.of(Action.CUSTOM, Action.AUDIT, Action.DENY, Action.ALLOW);

    static Sides of(Facts facts) {
        List<List<Json>> http = new ArrayList<>();
        List<List<Json>> connections = new ArrayList<>();
        chains(facts, http, connections);
        boolean connection = facts.workload().kind() == Kind.AMBIENT || (facts.dump() != null && http.isEmpty());
        Map<Owner, Map<String, NamedRule>> inForce = NamedRule.byOwner((connection ? connections : http)
                .stream().flatMap(configs -> NamedRule.of(configs).stream()).toList());
        Map<Owner, Map<String, NamedRule>> meant = new LinkedHashMap<>();
        List<PolicyFilters.LeftOut> leftOut = new ArrayList<>();
        Set<ResourceRef> counted = new LinkedHashSet<>();
        if (facts.policies() != null) {
            for (PolicyTarget target : facts.targets()) {
                PolicyFilters.Result result = Meant.filters(facts, target, connection);
                NamedRule.byOwner(NamedRule.of(result.configs())).forEach(meant::putIfAbsent);
                for (PolicyFilters.Filter filter : result.filters()) {
                    for (AuthorizationPolicy policy : filter.policies()) {
                        counted.add(policy.ref());
                        // Of one without any rule left there is nothing to see in the filter.
                        meant.putIfAbsent(owner(facts.policies(), policy), Map.of());
                    }
                }
                leftOut.addAll(result.leftOut());
            }
        }
        List<Owner> nameless = inForce.keySet().stream()
                .filter(owner -> owner.policy().isEmpty())
                .toList();
        for (Owner owner : nameless) {
            if (meant.entrySet().stream()
                    .anyMatch(entry -> entry.getValue().isEmpty() && isLike(entry.getKey(), owner))) {
                inForce.remove(owner);
            }
        }
        meant.keySet().removeIf(owner -> owner.policy().isEmpty());
        return new Sides(rows(facts, inForce, meant, !nameless.isEmpty()), leftOut(facts, leftOut, counted));
    }

    private static Owner owner(Configuration configuration, AuthorizationPolicy policy) {
        return new Owner(policy.action(), policy.dryRun(), configuration.namespaceOf(policy.resource()), policy.name());
    }

    private static boolean isLike(Owner one, Owner other) {
        return one.action() == other.action() && one.dryRun() == other.dryRun();
    }

    private static List<AppliedPolicies.LeftOut> leftOut(
            Facts facts, List<PolicyFilters.LeftOut> all, Set<ResourceRef> counted) {
        Map<List<Object>, AppliedPolicies.LeftOut> byPath = new LinkedHashMap<>();
        for (PolicyFilters.LeftOut one : all) {
            ResourceRef ref = one.policy().ref();
            if (one.part() == PolicyFilters.Part.POLICY && counted.contains(ref)) {
                continue;
            }
            String because = facts.workload().kind() == Kind.AMBIENT
                    ? one.why().replace("which a sidecar does not look at", "which only a waypoint looks at")
                    : one.why();
            byPath.putIfAbsent(
                    List.of(ref, one.path()),
                    new AppliedPolicies.LeftOut(
                            ref, AppliedPolicies.Part.valueOf(one.part().name()), one.path(), because));
        }
        return List.copyOf(byPath.values());
    }

    private static List<AppliedPolicy> rows(
            Facts facts,
            Map<Owner, Map<String, NamedRule>> inForce,
            Map<Owner, Map<String, NamedRule>> meant,
            boolean nothingAllowed) {
        Set<Owner> owners = new LinkedHashSet<>(inForce.keySet());
        owners.addAll(meant.keySet());
        List<AppliedPolicy> rows = new ArrayList<>();
        for (Owner owner : owners) {
            Map<String, NamedRule> held = inForce.get(owner);
            Map<String, NamedRule> wanted = meant.get(owner);
            State state;
            if (facts.dump() == null) {
                state = State.MEANT;
            } else if (facts.policies() == null) {
                state = State.IN_FORCE;
            } else if (held == null) {
                boolean unseen = wanted != null
                        && wanted.isEmpty()
                        && (nothingAllowed || inForce.keySet().stream().anyMatch(other -> isLike(other, owner)));
                state = unseen ? State.IN_FORCE : State.NOT_IN_FORCE;
            } else if (wanted == null) {
                state = State.NOT_MEANT;
            } else {
                state = held.equals(wanted) ? State.IN_FORCE : State.CHANGED;
            }
            Map<String, NamedRule> shown = held == null ? java.util.Objects.requireNonNull(wanted) : held;
            int rules = (int) shown.values().stream()
                    .filter(rule -> !rule.name().isEmpty() && !rule.isNever())
                    .count();
            rows.add(new AppliedPolicy(owner, rules, state));
        }
        rows.sort(Comparator.comparingInt((AppliedPolicy row) -> ORDER.indexOf(row.action()))
                .thenComparing(AppliedPolicy::namespace)
                .thenComparing(AppliedPolicy::policy)
                .thenComparing(AppliedPolicy::dryRun));
        return rows;
    }

    /** The authorization filters of each chain of a proxy. */
    private static void chains(Facts facts, List<List<Json>> http, List<List<Json>> connections) {
        if (facts.dump() == null) {
            return;
        }
        for (Listener listener : facts.dump().listeners()) {
            boolean outbound = facts.workload().kind() == Kind.SIDECAR
                    && listener.trafficDirection().orElse("").equals("OUTBOUND");
            if (outbound || (listener.state() != ResourceState.ACTIVE && listener.state() != ResourceState.STATIC)) {
                continue;
            }
            for (FilterChain chain : listener.allFilterChains()) {
                Optional<HttpConnectionManager> manager = chain.httpConnectionManager();
                if (manager.isPresent()) {
                    http.add(manager.get().httpFilters().stream()
                            .filter(filter -> !filter.isDisabled())
                            .map(HttpFilter::rbac)
                            .flatMap(Optional::stream)
                            .map(Rbac::raw)
                            .toList());
                } else {
                    connections.add(chain.filters().stream()
                            .map(NetworkFilter::rbac)
                            .flatMap(Optional::stream)
                            .map(Rbac::raw)
                            .toList());
                }
            }
        }
    }

    /** The Service that a request is addressed to. */
    static Optional<Resource> service(Facts facts, HttpRequest request) {
        Configuration configuration = facts.policies();
        String authority = request.authority().orElse("");
        int colon = Hostnames.portStart(authority);
        String host = colon < 0 ? authority : authority.substring(0, colon);
        if (configuration == null || host.isEmpty()) {
            return Optional.empty();
        }
        String full =
                ServiceRegistry.resolve(configuration, facts.workload().target().namespace(), host);
        return configuration.all(ResourceKind.SERVICE).stream()
                .map(Service::new)
                .filter(service -> service.host().equals(full)
                        || service.resource().spec().at("clusterIP").text("").equals(host))
                .map(Service::resource)
                .findFirst();
    }

    /** What differs between two decisions, and which policies are the reason; empty where nothing does. */
    static String difference(AuthorizationDecision inForce, AuthorizationDecision meant, List<AppliedPolicy> rows) {
        if (inForce.result() == Result.UNDECIDED || meant.result() == Result.UNDECIDED) {
            return "";
        }
        boolean result = inForce.result() != meant.result();
        boolean policy = !inForce.policy().equals(meant.policy());
        boolean tried = !inForce.dryRunDeny().equals(meant.dryRunDeny())
                || !inForce.dryRunAllow().equals(meant.dryRunAllow());
        if (!result && !policy && !tried) {
            return "";
        }
        String sentence;
        if (result) {
            sentence = "It is " + inForce.result() + ", and by the policies it should be " + meant.result() + ": "
                    + meant.because() + ".";
        } else if (policy) {
            sentence = "It is " + inForce.result() + " both ways, but not by the same policy: in force "
                    + inForce.policy().orElse("none matches") + ", meant "
                    + meant.policy().orElse("none matches") + ".";
        } else {
            sentence = "Policies in dry run say something else than those on the proxy.";
        }
        return sentence
                + list(" Not on the proxy: ", rows, State.NOT_IN_FORCE)
                + list(" On the proxy only: ", rows, State.NOT_MEANT)
                + list(" With other rules on the proxy: ", rows, State.CHANGED);
    }

    private static String list(String title, List<AppliedPolicy> rows, State state) {
        String names = rows.stream()
                .filter(row -> row.state() == state)
                .map(AppliedPolicy::qualifiedName)
                .distinct()
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? "" : title + names + ".";
    }
}
