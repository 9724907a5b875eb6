package dev.meshdx.traffic;

import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.FilterChain;
import dev.meshdx.envoy.Listener;
import dev.meshdx.envoy.ProxySecret;
import dev.meshdx.envoy.ResourceState;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.traffic.TrafficModel.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** What a proxy holds back because something is missing: most often a listener whose certificate never came. */
final class ResourceWarmingCheck extends ProxyCheck<Finding> {
    private static final String KUBERNETES = "kubernetes://";

    /** Waiting for a moment is normal after every change. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

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
            List<Listener> waiting = new ArrayList<>();
            List<Listener> inUse = new ArrayList<>();
            for (Listener listener : dump.listeners()) {
                if (needs(listener, secret.name())) {
                    (listener.state() == ResourceState.WARMING ? waiting : inUse).add(listener);
                }
            }
            waiting.forEach(listener -> explained.add(listener.name()));
            seen.add(secret(proxy, secret, waiting, inUse));
        }
        for (Listener listener : dump.listeners().state(ResourceState.WARMING)) {
            if (!explained.contains(listener.name()) && !isPatient(listener.lastUpdated(), now)) {
                seen.add(other(proxy, "listener", listener.name(), listener.lastUpdated()));
            }
        }
        dump.clusters().state(ResourceState.WARMING).stream()
                .filter(cluster -> !isPatient(cluster.lastUpdated(), now))
                .map(cluster -> other(proxy, "cluster", cluster.name(), cluster.lastUpdated()))
                .forEach(seen::add);
        return seen;
    }

    @Override
    void conclude(List<Finding> seen, Consumer<Finding> report) {
        seen.forEach(report);
    }

    private static boolean isPatient(Optional<Instant> since, Instant now) {
        return since.map(time -> !time.isAfter(now) && time.plus(PATIENCE).isAfter(now))
                .orElse(false);
    }

    private static boolean needs(Listener listener, String secret) {
        return listener.allFilterChains().stream()
                .map(FilterChain::secrets)
                .anyMatch(secrets -> secrets.contains(secret));
    }

    private static Finding secret(Proxy proxy, ProxySecret secret, List<Listener> waiting, List<Listener> inUse) {
        boolean kubernetes = secret.name().startsWith(KUBERNETES);
        String credential = kubernetes ? secret.name().substring(KUBERNETES.length()) : secret.name();
        ResourceRef subject = kubernetes ? ref(credential, proxy.pod()) : proxy.pod();
        String effect = !waiting.isEmpty()
                ? "listener " + names(waiting)
                        + " goes on with its old configuration, and will not come up after a restart"
                : !inUse.isEmpty()
                        ? "listener " + names(inUse) + " resets the connections that need it"
                        : "nothing that needs it can work";
        return Finding.of(TrafficCodes.RESOURCE_WARMING, subject)
                .severity(kubernetes || !inUse.isEmpty() ? Severity.ERROR : Severity.WARNING)
                .message("The proxy of " + proxy.pod().qualifiedName() + " waits for the "
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
                        "listeners that need it",
                        "config dump of " + proxy.pod().qualifiedName(),
                        waiting.isEmpty() && inUse.isEmpty()
                                ? "none"
                                : String.join(
                                        ", ",
                                        java.util.stream.Stream.concat(waiting.stream(), inUse.stream())
                                                .map(listener -> listener.name() + " " + listener.state())
                                                .toList()))
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

    private static ResourceRef ref(String credential, ResourceRef pod) {
        int slash = credential.indexOf('/');
        return slash < 0
                ? ResourceRef.of("Secret", pod.namespace(), credential)
                : ResourceRef.of("Secret", credential.substring(0, slash), credential.substring(slash + 1));
    }

    private static String names(List<Listener> listeners) {
        return String.join(
                ", ", listeners.stream().map(Listener::name).distinct().toList());
    }

    private static Finding other(Proxy proxy, String kind, String name, Optional<Instant> since) {
        return Finding.of(TrafficCodes.RESOURCE_WARMING, proxy.pod())
                .message("The proxy holds back " + kind + " " + name
                        + ": something that it needs (endpoints, routes, a secret) has not come.")
                .evidence(
                        kind + " " + name,
                        "config dump of " + proxy.pod().qualifiedName(),
                        "WARMING" + since.map(time -> " since " + time).orElse(""))
                .remedy("See what it waits for: istioctl proxy-status, and kubectl -n "
                        + proxy.pod().namespace() + " exec " + proxy.pod().name()
                        + " -c istio-proxy -- pilot-agent request GET init_dump")
                .build();
    }
}
