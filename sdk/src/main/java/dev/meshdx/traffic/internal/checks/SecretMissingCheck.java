package dev.meshdx.traffic.internal.checks;

import dev.meshdx.envoy.Cluster;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.Listener;
import dev.meshdx.envoy.ResourceState;
import dev.meshdx.envoy.Secrets;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.traffic.TrafficCodes;
import dev.meshdx.traffic.internal.checks.TrafficModel.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Secrets that listeners and clusters in use ask for, against those that the proxy has or waits for. */
final class SecretMissingCheck extends ProxyCheck<Finding> {
    /** How many users the finding names. */
    private static final int SHOWN = 4;

    @Override
    public List<FindingCode> codes() {
        return List.of(TrafficCodes.SECRET_MISSING);
    }

    @Override
    List<Finding> look(Proxy proxy, Instant now) {
        ConfigDump dump = proxy.dump();
        Secrets secrets = dump.secrets(now);
        if (!secrets.gaps().isEmpty()) {
            // Secrets that could not be read are not missing.
            return List.of();
        }
        Set<String> held = new HashSet<>();
        secrets.forEach(secret -> held.add(secret.name()));
        Map<String, Set<String>> missing = new TreeMap<>();
        for (Listener listener : dump.listeners()) {
            if (listener.state() == ResourceState.ACTIVE) {
                add(missing, held, listener.secrets(), "listener " + listener.name());
            }
        }
        for (Cluster cluster : dump.clusters()) {
            if (cluster.state() == ResourceState.ACTIVE) {
                add(missing, held, cluster.secrets(), "cluster " + cluster.name());
            }
        }
        List<Finding> seen = new ArrayList<>();
        missing.forEach((name, users) -> seen.add(finding(proxy, name, List.copyOf(users), held)));
        return seen;
    }

    private static void add(Map<String, Set<String>> missing, Set<String> held, List<String> names, String user) {
        for (String name : names) {
            if (!held.contains(name)) {
                missing.computeIfAbsent(name, any -> new LinkedHashSet<>()).add(user);
            }
        }
    }

    @Override
    void conclude(List<Finding> seen, Consumer<Finding> report) {
        seen.forEach(report);
    }

    private static Finding finding(Proxy proxy, String name, List<String> users, Set<String> held) {
        String pod = proxy.pod().qualifiedName();
        int more = Math.max(0, users.size() - SHOWN);
        String who = String.join(", ", users.subList(0, Math.min(SHOWN, users.size())))
                + (more == 0 ? "" : " and " + more + " more");
        boolean kubernetes = Credentials.isKubernetes(name);
        return Finding.of(TrafficCodes.SECRET_MISSING, kubernetes ? Credentials.ref(name, proxy.pod()) : proxy.pod())
                .message("The proxy of " + pod + " needs secret " + name + " for " + who
                        + ", but neither has it nor waits for it; connections that need it are reset.")
                .evidence("secret " + name, "config dump of " + pod, "absent")
                .evidence(
                        "secrets of the proxy",
                        "config dump of " + pod,
                        held.isEmpty()
                                ? "none"
                                : String.join(
                                        ", ", held.stream().sorted().limit(8).toList()))
                .remedy(
                        kubernetes
                                ? "See whether the Secret is there: kubectl -n "
                                        + Credentials.ref(name, proxy.pod()).namespace() + " get secret "
                                        + Credentials.ref(name, proxy.pod()).name()
                                        + "; then whether istiod has sent it: istioctl proxy-config secret "
                                        + proxy.pod().name() + " -n "
                                        + proxy.pod().namespace()
                                : "Restart the proxy so that it asks for it again: kubectl -n "
                                        + proxy.pod().namespace() + " delete pod "
                                        + proxy.pod().name() + "; if it is missing still, see: kubectl -n "
                                        + proxy.pod().namespace() + " logs "
                                        + proxy.pod().name() + " -c istio-proxy | grep -i sds")
                .build();
    }
}
