package dev.meshdx.analysis.internal.checks.visibility;

import static dev.meshdx.model.ResourceKind.GATEWAY;
import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.analysis.internal.checks.visibility.HttpRoutes.Match;
import dev.meshdx.analysis.internal.checks.visibility.HttpRoutes.Place;
import dev.meshdx.analysis.internal.checks.visibility.HttpRoutes.Rule;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.Visibility;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * HTTP rules that never match, because a rule of another VirtualService takes their requests. At a gateway the rules of all
 * VirtualServices of a host are put one after the other, the oldest VirtualService first, and rules for every path last; for
 * sidecars one VirtualService has a host, and the others are dropped. Sources: Istio, "Traffic Management Best Practices"
 * (split large virtual services); istio/istio, {@code push_context.go} ({@code VirtualServicesForGateway},
 * {@code sortConfigByCreationTime}), {@code pilot/pkg/networking/core/gateway.go} and {@code httproute.go},
 * {@code route/route.go} ({@code SortVHostRoutes}).
 */
public final class ShadowedRouteCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0265",
            "ShadowedRoute",
            Severity.WARNING,
            "A route never matches: another VirtualService of the host takes its requests.");

    /** Matches with the same path that are compared with one another. */
    private static final int SAME_PATH = 64;

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(VIRTUAL_SERVICE, GATEWAY);
    }

    private record Key(String gateway, String host) {}

    /** A VirtualService at a gateway: what it is called there, and its rules. */
    private record Claim(
            Resource virtualService, Field host, String gateway, Place place, Set<String> audience, List<Rule> rules) {}

    private record Taken(Claim claim, Rule rule, Match match) {}

    private record Shadow(Claim claim, Rule rule, Match match, Taken by, boolean certain) {}

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Map<Key, List<Claim>> claims = new LinkedHashMap<>();
        for (Resource virtualService : configuration.all(VIRTUAL_SERVICE)) {
            if (virtualService.spec().at("http").size() == 0) {
                continue;
            }
            Set<String> audience = Visibility.audience(configuration, virtualService);
            Place place = Place.of(configuration, virtualService, audience);
            List<Rule> rules = HttpRoutes.of(configuration, virtualService);
            HttpRoutes.gateways(configuration, virtualService)
                    .forEach((gateway, written) -> HttpRoutes.hosts(configuration, virtualService)
                            .forEach((host, field) -> {
                                if (HttpRoutes.serves(configuration, gateway, host, virtualService)) {
                                    claims.computeIfAbsent(new Key(gateway, host), any -> new ArrayList<>())
                                            .add(new Claim(virtualService, field, written, place, audience, rules));
                                }
                            }));
        }
        Map<List<Object>, List<Map.Entry<Key, Shadow>>> shadows = new LinkedHashMap<>();
        Set<Resource> dropped = new LinkedHashSet<>();
        claims.forEach((key, all) -> {
            if (all.size() < 2) {
                return;
            }
            all.sort((left, right) -> left.place().compareTo(right.place()));
            if (key.gateway().equals("mesh")) {
                inMesh(configuration, key.host(), all, dropped, report);
            } else {
                new Merged()
                        .add(all)
                        .forEach(shadow -> shadows.computeIfAbsent(
                                        List.of(
                                                configuration.qualifiedName(
                                                        shadow.rule().owner()),
                                                configuration.qualifiedName(
                                                        shadow.rule().root()),
                                                shadow.rule().field().path()),
                                        any -> new ArrayList<>())
                                .add(Map.entry(key, shadow)));
            }
        });
        shadows.values().forEach(same -> report(configuration, same, report));
    }

    /** For sidecars the first VirtualService that says something to every client has the host. */
    private static void inMesh(
            Configuration configuration,
            String host,
            List<Claim> claims,
            Set<Resource> dropped,
            Consumer<Finding> report) {
        List<Claim> winners = new ArrayList<>();
        for (Claim claim : claims) {
            Optional<Claim> winner = winners.stream()
                    .filter(one -> HttpRoutes.reachesAll(one.audience(), claim.audience()))
                    .findFirst();
            if (winner.isPresent() && !winner.get().virtualService().equals(claim.virtualService())) {
                if (!claim.rules().isEmpty() && dropped.add(claim.virtualService())) {
                    reportDropped(configuration, host, claim, winner.get(), report);
                }
            } else if (winner.isEmpty()
                    && claim.rules().stream()
                            .flatMap(rule -> rule.matches().stream())
                            .anyMatch(ShadowedRouteCheck::isForEveryClient)) {
                winners.add(claim);
            }
        }
    }

    private static boolean isForEveryClient(Match match) {
        return match.isFor("mesh")
                && match.value().at("sourceLabels").size() == 0
                && match.value().at("sourceNamespace").text("").isEmpty()
                && match.value().at("port").number(0) == 0;
    }

    private static void reportDropped(
            Configuration configuration, String host, Claim claim, Claim winner, Consumer<Finding> report) {
        Rule first = claim.rules().get(0);
        Match match = first.matches().get(0);
        List<Match> winning =
                winner.rules().stream().flatMap(rule -> rule.matches().stream()).toList();
        Match taker = winning.stream()
                .filter(one -> one.isFor("mesh") && Covering.match(one, match))
                .findFirst()
                .orElse(null);
        Resource virtualService = claim.virtualService();
        Finding.Builder finding = configuration
                .finding(CODE, virtualService, claim.host())
                // IST0109 says that they compete; this says which one loses.
                .severity(Severity.INFO)
                .message("Inside the mesh no rule of " + virtualService + " for host " + host
                        + " is ever used: proxies follow one VirtualService for a host, here " + winner.virtualService()
                        + ", " + why(winner.place(), claim.place()) + ". What "
                        + (taker == null
                                ? first.field().path() + " is for finds another route there or none."
                                : first.field().path() + " is for goes by its "
                                        + taker.field().path() + "."))
                .evidence(
                        winner.host().path(),
                        winner.virtualService().toString(),
                        winner.host().quoted());
        age(finding, winner.virtualService());
        age(finding, virtualService);
        report.accept(finding.remedy("Put the rules into " + winner.virtualService() + " ("
                        + ReferencedResources.edit(winner.virtualService()) + ") and delete this one: kubectl "
                        + (virtualService.namespace().isEmpty() ? "" : "-n " + virtualService.namespace() + " ")
                        + "delete " + VIRTUAL_SERVICE.qualifiedPlural() + " " + virtualService.name())
                .build());
    }

    private static void age(Finding.Builder finding, Resource virtualService) {
        virtualService
                .createdAt()
                .ifPresent(time ->
                        finding.evidence("metadata.creationTimestamp", virtualService.toString(), time.toString()));
    }

    private static String why(Place winner, Place loser) {
        if (winner.rank() != loser.rank()) {
            return "which is for fewer namespaces";
        }
        return winner.surelyBefore(loser)
                ? winner.created().equals(loser.created()) ? "which is as old and first by name" : "which is older"
                : "which comes first unless the other one is older";
    }

    /** The rules of a host at a gateway, in the order in which they are tried. */
    private static final class Merged {
        private final Map<String, List<Taken>> byPath = new HashMap<>();
        private final List<Taken> catchAlls = new ArrayList<>();

        List<Shadow> add(List<Claim> claims) {
            List<Shadow> shadows = new ArrayList<>();
            for (Claim claim : claims) {
                List<Taken> own = new ArrayList<>();
                Taken ownCatchAll = null;
                for (Rule rule : claim.rules()) {
                    List<Match> here = rule.matches().stream()
                            .filter(match -> match.isFor(claim.gateway()))
                            .toList();
                    Shadow shadow = null;
                    boolean all = !here.isEmpty();
                    boolean certain = true;
                    for (Match match : here) {
                        Taken by = takes(claim, match);
                        all &= by != null;
                        if (by != null) {
                            boolean sure =
                                    by.claim().place().surelyBefore(claim.place()) || Covering.match(match, by.match());
                            certain &= sure;
                            shadow = shadow == null ? new Shadow(claim, rule, match, by, true) : shadow;
                        }
                    }
                    // What comes after a rule of one's own for every path is another check's matter.
                    if (all && shadow != null && ownCatchAll == null) {
                        shadows.add(new Shadow(claim, rule, shadow.match(), shadow.by(), certain));
                    }
                    for (Match match : here) {
                        Taken taken = new Taken(claim, rule, match);
                        if (!match.isCatchAll()) {
                            own.add(taken);
                        } else if (ownCatchAll == null) {
                            ownCatchAll = taken;
                        }
                    }
                    if (ownCatchAll != null) {
                        break;
                    }
                }
                own.forEach(taken -> byPath.computeIfAbsent(key(taken.match()), any -> new ArrayList<>())
                        .add(taken));
                if (ownCatchAll != null) {
                    catchAlls.add(ownCatchAll);
                }
            }
            return shadows;
        }

        private @Nullable Taken takes(Claim claim, Match match) {
            if (match.isCatchAll()) {
                return first(catchAlls, claim, match);
            }
            Json uri = match.uri();
            String path = HttpRoutes.lower(uri.at("prefix").text(uri.at("exact").text("")));
            List<String> keys = new ArrayList<>(List.of("", "regex .*", "regex /.*", key(match)));
            for (int i = 0; i <= path.length(); i++) {
                keys.add("prefix " + path.substring(0, i));
            }
            for (String key : keys) {
                Taken found = first(byPath.getOrDefault(key, List.of()), claim, match);
                if (found != null) {
                    return found;
                }
            }
            return null;
        }

        private static @Nullable Taken first(List<Taken> candidates, Claim claim, Match match) {
            return candidates.stream()
                    .limit(SAME_PATH)
                    .filter(taken -> !taken.claim().virtualService().equals(claim.virtualService()))
                    .filter(taken -> !taken.rule().owner().equals(claim.virtualService()))
                    .filter(taken -> HttpRoutes.reachesAll(taken.claim().audience(), claim.audience()))
                    .filter(taken -> Covering.match(taken.match(), match))
                    .findFirst()
                    .orElse(null);
        }

        private static String key(Match match) {
            for (String kind : List.of("regex", "prefix", "exact")) {
                String value = match.uri().at(kind).text("");
                if (!value.isEmpty()) {
                    return kind + " " + (kind.equals("regex") ? value : HttpRoutes.lower(value));
                }
            }
            return "";
        }
    }

    private static void report(
            Configuration configuration, List<Map.Entry<Key, Shadow>> same, Consumer<Finding> report) {
        Shadow shadow = same.get(0).getValue();
        Rule rule = shadow.rule();
        Resource winner = shadow.by().rule().owner();
        Map<String, Set<String>> hosts = new TreeMap<>();
        same.forEach(entry -> hosts.computeIfAbsent(entry.getKey().gateway(), any -> new LinkedHashSet<>())
                .add(entry.getKey().host()));
        List<String> where = new ArrayList<>();
        hosts.forEach((gateway, names) -> where.add("host " + String.join(", ", names) + " at gateway " + gateway));
        boolean certain = same.stream().allMatch(entry -> entry.getValue().certain());
        Match by = shadow.by().match();
        Match match = shadow.match();
        Finding.Builder finding = configuration
                .finding(CODE, rule.owner(), match.field())
                .severity(certain ? Severity.WARNING : Severity.INFO)
                .message("Rule " + rule.field().path()
                        + (rule.owner().equals(rule.root()) ? "" : ", delegated by " + rule.root() + ",")
                        + (certain ? " never matches for " : " may never match for ") + String.join("; ", where) + ": "
                        + shadow.by().rule().field().path() + " of " + winner + ", "
                        + why(shadow.by().claim().place(), shadow.claim().place())
                        + ", is tried before and takes all its requests.")
                .evidence(by.field().path(), winner.toString(), by.field().quoted());
        Field otherHost = shadow.by().claim().host();
        finding.evidence(otherHost.path(), shadow.by().claim().virtualService().toString(), otherHost.quoted());
        age(finding, shadow.by().claim().virtualService());
        age(finding, rule.root());
        report.accept(finding.remedy(
                        "Put the rules of the host into one VirtualService, the narrower ones first, or narrow the match: "
                                + ReferencedResources.edit(winner))
                .build());
    }
}
