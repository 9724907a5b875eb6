package dev.meshdx.envoy.origin;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.internal.DestinationRules;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.envoy.Cluster;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Hosts;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Why a DestinationRule shapes no cluster of a proxy, or why some of its subsets have none. */
final class DestinationRuleObstacles {
    private final ObstacleContext context;
    private final Configuration configuration;
    private final ProxyFacts proxy;
    private final Resource resource;
    private final ResourceRef ref;
    private final String owner;
    private final List<GeneratedObject> objects;

    DestinationRuleObstacles(ObstacleContext context) {
        this.context = context;
        this.configuration = context.configuration;
        this.proxy = context.proxy;
        this.resource = context.resource;
        this.ref = context.ref;
        this.owner = context.owner;
        this.objects = context.objects;
    }

    void explain() {
        String host = Hosts.qualify(context.spec("host").text(""), owner);
        if (!context.exported()) {
            return;
        }
        Map<String, String> selector =
                context.spec("workloadSelector", "matchLabels").textMap();
        if (!selector.isEmpty()) {
            if (!proxy.namespace().equals(owner)) {
                context.add(
                        Obstacle.Type.OTHER_NAMESPACE,
                        ref + " has a workloadSelector, so it holds for clients of its own namespace " + owner
                                + " only, and the proxy is in " + proxy.namespace() + ".",
                        "spec.workloadSelector",
                        context.spec("workloadSelector"));
                return;
            }
            if (!context.selected(selector, "spec.workloadSelector.matchLabels")) {
                return;
            }
        }
        List<ServiceRegistry.Host> targets = targets(host);
        if (targets.isEmpty()) {
            context.unknown(host, "spec.host");
            return;
        }
        DestinationRules rules = DestinationRules.of(configuration);
        boolean decidesSomewhere = false;
        Optional<Obstacle> overruled = Optional.empty();
        for (ServiceRegistry.Host target : targets) {
            Optional<DestinationRules.Merged> merged = rules.of(
                    proxy.namespace(), proxy.labels(), target.host(), configuration.namespaceOf(target.resource()));
            boolean decides = merged.isPresent() && merged.get().rules().contains(resource);
            decidesSomewhere |= decides;
            if (merged.isPresent() && overruled.isEmpty()) {
                Resource first = merged.get().rules().get(0);
                if (decides && !first.equals(resource)) {
                    overruled = Optional.of(new Obstacle(
                            Obstacle.Type.PART_OF_ANOTHER,
                            ref + " and " + first.ref()
                                    + " are for the same host and are merged; the clusters carry the"
                                    + " name of the oldest of them, " + first.ref() + ".",
                            first.ref(),
                            "spec.host",
                            first.spec().at("host").text("")));
                } else if (!decides) {
                    overruled = Optional.of(new Obstacle(
                            Obstacle.Type.OVERRULED,
                            first.ref() + " decides for host " + target.host() + ": first come rules of the client's"
                                    + " namespace, then of the service's, then of the root namespace, and in each the"
                                    + " most specific host.",
                            first.ref(),
                            "spec.host",
                            first.spec().at("host").text("")));
                }
            }
        }
        if (context.madeNothing() && overruled.isPresent()) {
            context.add(overruled.get());
            return;
        }
        if (!decidesSomewhere && context.madeNothing()) {
            String services = targets.stream()
                    .map(target -> configuration.namespaceOf(target.resource()))
                    .findFirst()
                    .orElse("");
            context.add(
                    Obstacle.Type.OTHER_NAMESPACE,
                    ref + " is in namespace " + owner + ", and " + context.who() + " looks in its own ("
                            + proxy.namespace()
                            + "), the service's (" + services + ") and the root namespace ("
                            + configuration.mesh().rootNamespace() + ") only.",
                    "metadata.namespace",
                    Json.of(owner));
            return;
        }
        if (context.madeNothing()) {
            for (ServiceRegistry.Host target : targets) {
                if (context.imported(List.of(target.host()), configuration.namespaceOf(target.resource()))) {
                    context.withdraw(Obstacle.Type.NOT_IMPORTED);
                    break;
                }
            }
            if (context.noneFound()
                    && targets.stream().allMatch(target -> target.ports().isEmpty())) {
                context.noPorts(targets.get(0).resource());
            }
        } else {
            subsets(host);
        }
    }

    /** The hosts that a rule is for and that the proxy may see. */
    private List<ServiceRegistry.Host> targets(String host) {
        if (!host.startsWith("*")) {
            return context.known(host).stream().toList();
        }
        Set<String> hosts = new LinkedHashSet<>();
        configuration
                .all(ResourceKind.SERVICE)
                .forEach(service -> hosts.add(Hosts.ofService(service.name(), configuration.namespaceOf(service))));
        configuration
                .all(ResourceKind.SERVICE_ENTRY)
                .forEach(entry -> hosts.addAll(entry.spec().at("hosts").texts()));
        return hosts.stream()
                .filter(one -> Hosts.covers(host, one))
                .map(context::known)
                .flatMap(Optional::stream)
                .toList();
    }

    /** Subsets that the rule defines and that no cluster has: it was changed, and the proxy has not heard of it. */
    private void subsets(String host) {
        Set<String> there = new HashSet<>();
        objects.forEach(object -> {
            if (object.view() instanceof Cluster cluster) {
                there.add(cluster.subset());
            }
        });
        List<Json> subsets = context.spec("subsets").items();
        for (int i = 0; i < subsets.size(); i++) {
            String name = subsets.get(i).at("name").text("");
            if (!there.contains(name)) {
                context.add(
                        Obstacle.Type.STALE,
                        "Subset " + name + " of " + host
                                + " has no cluster, and the others have: the proxy holds an older"
                                + " version of the rule, or refused the new one.",
                        "spec.subsets[" + i + "].name",
                        Json.of(name));
            }
        }
    }
}
