package dev.meshdx.traffic.internal.checks;

import dev.meshdx.envoy.Cluster;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.FilterChain;
import dev.meshdx.envoy.HttpConnectionManager;
import dev.meshdx.envoy.Listener;
import dev.meshdx.envoy.NetworkFilter;
import dev.meshdx.envoy.ProxySecret;
import dev.meshdx.envoy.ResourceState;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.traffic.TrafficCodes;
import dev.meshdx.traffic.internal.checks.TrafficModel.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** What a proxy holds back because something is missing: most often a listener whose certificate never came. */
final class ResourceWarmingCheck extends ProxyCheck<Finding> {
    /** Waiting for a moment is normal after every change. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** How many of those that need a secret are named. */
    private static final int SHOWN = 4;

    @Override
    public List<FindingCode> codes() {
        return List.of(TrafficCodes.RESOURCE_WARMING);
    }

    @Override
    List<Finding> look(Proxy proxy, Instant now) {
        List<Finding> seen = new ArrayList<>();
        ConfigDump dump = proxy.dump();
        Set<String> explained = new HashSet<>();
        for (ProxySecret secret : dump.secrets(now).state(ResourceState.WARMING)) {
            if (isPatient(secret.lastUpdated(), now)) {
                continue;
            }
            List<String> waiting = new ArrayList<>();
            List<String> inUse = new ArrayList<>();
            for (Listener listener : dump.listeners()) {
                if (listener.secrets().contains(secret.name())) {
                    (listener.state() == ResourceState.WARMING ? waiting : inUse).add("listener " + listener.name());
                }
            }
            for (Cluster cluster : dump.clusters()) {
                if (cluster.secrets().contains(secret.name())) {
                    (cluster.state() == ResourceState.WARMING ? waiting : inUse).add("cluster " + cluster.name());
                }
            }
            explained.addAll(waiting);
            seen.add(secret(proxy, secret, distinct(waiting), distinct(inUse), now));
        }
        Missing missing = new Missing(dump, now);
        for (Listener listener : dump.listeners().state(ResourceState.WARMING)) {
            String what = "listener " + listener.name();
            if (!explained.contains(what) && !isPatient(listener.lastUpdated(), now)) {
                seen.add(other(proxy, what, missing.of(listener), listener.lastUpdated(), now));
            }
        }
        for (Cluster cluster : dump.clusters().state(ResourceState.WARMING)) {
            String what = "cluster " + cluster.name();
            if (!explained.contains(what) && !isPatient(cluster.lastUpdated(), now)) {
                seen.add(other(proxy, what, missing.of(cluster), cluster.lastUpdated(), now));
            }
        }
        return seen;
    }

    private static List<String> distinct(List<String> users) {
        return users.stream().distinct().toList();
    }

    /** What of a proxy's configuration refers to something that the proxy does not have. */
    private static final class Missing {
        private final Set<String> secrets = new HashSet<>();
        private final Set<String> routes = new HashSet<>();
        private final Set<String> extensions = new HashSet<>();
        private final Set<String> clusters = new HashSet<>();

        Missing(ConfigDump dump, Instant now) {
            dump.secrets(now).stream()
                    .filter(secret -> secret.state() != ResourceState.WARMING)
                    .forEach(secret -> secrets.add(secret.name()));
            dump.routes().forEach(config -> routes.add(config.name()));
            dump.extensions().forEach(extension -> extensions.add(extension.name()));
            dump.endpoints().forEach(endpoint -> clusters.add(endpoint.cluster()));
        }

        List<String> of(Listener listener) {
            Set<String> missing = new LinkedHashSet<>();
            for (String secret : listener.secrets()) {
                if (!secrets.contains(secret)) {
                    missing.add("secret " + secret + " (SDS)");
                }
            }
            for (FilterChain chain : listener.allFilterChains()) {
                chain.routeConfigName()
                        .filter(name -> !routes.contains(name))
                        .ifPresent(name -> missing.add("route configuration " + name + " (RDS)"));
                for (NetworkFilter filter : chain.filters()) {
                    extension(filter.isDiscovered(), filter.name(), missing);
                    filter.httpConnectionManager()
                            .map(HttpConnectionManager::httpFilters)
                            .orElse(List.of())
                            .forEach(http -> extension(http.isDiscovered(), http.name(), missing));
                }
            }
            return List.copyOf(missing);
        }

        private void extension(boolean discovered, String name, Set<String> missing) {
            if (discovered && !extensions.contains(name)) {
                missing.add("extension " + name + " (ECDS)");
            }
        }

        List<String> of(Cluster cluster) {
            Set<String> missing = new LinkedHashSet<>();
            for (String secret : cluster.secrets()) {
                if (!secrets.contains(secret)) {
                    missing.add("secret " + secret + " (SDS)");
                }
            }
            switch (cluster.type()) {
                case "EDS" -> {
                    if (!clusters.contains(cluster.endpointsName())) {
                        missing.add("the endpoints of " + cluster.endpointsName() + " (EDS)");
                    }
                }
                case "STRICT_DNS", "LOGICAL_DNS" -> missing.add("the answer of DNS for " + cluster.host());
                default -> {}
            }
            return List.copyOf(missing);
        }
    }

    @Override
    void conclude(List<Finding> seen, Consumer<Finding> report) {
        seen.forEach(report);
    }

    private static boolean isPatient(Optional<Instant> since, Instant now) {
        return since.map(time -> !time.isAfter(now) && time.plus(PATIENCE).isAfter(now))
                .orElse(false);
    }

    /** {@code for 4 min}; empty where the proxy does not say since when. */
    private static String duration(Optional<Instant> since, Instant now) {
        return since.filter(time -> time.isBefore(now))
                .map(time -> Duration.between(time, now))
                .map(time -> time.toDays() > 0
                        ? time.toDays() + " d"
                        : time.toHours() > 0
                                ? time.toHours() + " h"
                                : time.toMinutes() > 0 ? time.toMinutes() + " min" : time.toSeconds() + " s")
                .map(text -> " for " + text)
                .orElse("");
    }

    private static Finding secret(
            Proxy proxy, ProxySecret secret, List<String> waiting, List<String> inUse, Instant now) {
        boolean kubernetes = Credentials.isKubernetes(secret.name());
        String credential = Credentials.text(secret.name());
        ResourceRef subject = kubernetes ? Credentials.ref(secret.name(), proxy.pod()) : proxy.pod();
        String effect = !waiting.isEmpty()
                ? names(waiting)
                        + (waiting.size() == 1 ? " goes" : " go")
                        + " on with the old configuration, and will not come up after a restart"
                : !inUse.isEmpty()
                        ? names(inUse) + (inUse.size() == 1 ? " resets" : " reset") + " the connections that need it"
                        : "nothing that needs it can work";
        return Finding.of(TrafficCodes.RESOURCE_WARMING, subject)
                .severity(kubernetes || !inUse.isEmpty() ? Severity.ERROR : Severity.WARNING)
                .message("The proxy of " + proxy.pod().qualifiedName() + " has waited"
                        + duration(secret.lastUpdated(), now) + " for the "
                        + (kubernetes ? "credential " + credential : "secret " + secret.name())
                        + ", which it never received; " + effect + ".")
                .evidence(
                        "secret " + secret.name(),
                        "config dump of " + proxy.pod().qualifiedName(),
                        "WARMING"
                                + secret.lastUpdated()
                                        .map(time -> " since " + time)
                                        .orElse(""))
                .evidence(
                        "what needs it",
                        "config dump of " + proxy.pod().qualifiedName(),
                        waiting.isEmpty() && inUse.isEmpty()
                                ? "nothing"
                                : (waiting.isEmpty() ? "" : names(waiting) + " (WARMING)")
                                        + (waiting.isEmpty() || inUse.isEmpty() ? "" : "; ")
                                        + (inUse.isEmpty() ? "" : names(inUse) + " (in use)"))
                .remedy(
                        kubernetes
                                ? "Create the Secret (kubectl -n " + subject.namespace() + " create secret tls "
                                        + subject.name() + " --cert=... --key=...), or correct credentialName in the"
                                        + " Gateway. See: kubectl -n " + subject.namespace() + " get secret "
                                        + subject.name()
                                : "See why istiod does not sign: kubectl -n "
                                        + proxy.pod().namespace() + " logs "
                                        + proxy.pod().name() + " -c istio-proxy | grep -i sds")
                .build();
    }

    private static String names(List<String> users) {
        return String.join(", ", users.subList(0, Math.min(SHOWN, users.size())))
                + (users.size() > SHOWN ? " and " + (users.size() - SHOWN) + " more" : "");
    }

    private static Finding other(Proxy proxy, String what, List<String> missing, Optional<Instant> since, Instant now) {
        return Finding.of(TrafficCodes.RESOURCE_WARMING, proxy.pod())
                .message("The proxy holds back " + what + duration(since, now) + ": "
                        + (missing.isEmpty()
                                ? "something that it needs (endpoints, routes, a secret) has not come."
                                : String.join(" and ", missing)
                                        + (missing.size() > 1 || missing.get(0).startsWith("the endpoints")
                                                ? " have not come."
                                                : " has not come.")))
                .evidence(
                        what,
                        "config dump of " + proxy.pod().qualifiedName(),
                        "WARMING" + since.map(time -> " since " + time).orElse(""))
                .remedy("See what it waits for: istioctl proxy-status, and kubectl -n "
                        + proxy.pod().namespace() + " exec " + proxy.pod().name()
                        + " -c istio-proxy -- pilot-agent request GET init_dump")
                .build();
    }
}
