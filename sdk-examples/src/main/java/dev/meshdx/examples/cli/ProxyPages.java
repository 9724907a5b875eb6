package dev.meshdx.examples.cli;

import dev.meshdx.envoy.EnvoyProxy;
import dev.meshdx.envoy.Listener;
import dev.meshdx.envoy.Listeners;
import dev.meshdx.envoy.admin.InitDump;
import dev.meshdx.envoy.admin.ListenersStatus;
import dev.meshdx.envoy.admin.LoadedCertificates;
import dev.meshdx.envoy.admin.LogLevels;
import dev.meshdx.envoy.admin.Memory;
import dev.meshdx.envoy.admin.ServerInfo;
import dev.meshdx.envoy.admin.Stat;
import dev.meshdx.envoy.admin.Stats;
import dev.meshdx.error.MeshException;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.report.Document;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The subcommands of {@code proxy-config} about the proxy's process rather than its configuration. */
final class ProxyPages {
    private ProxyPages() {}

    @Command(
            name = "stats",
            description = "A proxy's statistics. What is absent is not zero: Istio's proxies make only some.",
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Examples:",
                "  meshdx proxy-config stats web-7d4b9-x2x -n production --filter '\\.rbac\\.' --nonzero",
                "  meshdx proxy-config stats web-7d4b9-x2x -n production --over 10s",
                "  kubectl exec web -c istio-proxy -- pilot-agent request GET stats | meshdx proxy-config stats --file -"
            })
    static final class StatsCommand extends ProxyPageCommand<Stats> {
        @Option(names = "--filter", paramLabel = "REGEX", description = "Those whose name this is found in (RE2).")
        String filter = "";

        @Option(names = "--cluster", paramLabel = "NAME", description = "Those of the cluster with this whole name.")
        @Nullable
        String cluster;

        @Option(names = "--name", paramLabel = "NAME", description = "The one with this whole name.")
        @Nullable
        String name;

        @Option(names = "--nonzero", description = "Without those that are zero.")
        boolean nonzero;

        @Option(
                names = "--over",
                paramLabel = "TIME",
                converter = Converters.OfDuration.class,
                description = "What they grow by in this time, of a live proxy.")
        @Nullable
        Duration over;

        @Override
        Stats ask(EnvoyProxy proxy) throws InterruptedException {
            if (over == null) {
                return nonzero ? proxy.usedStats(filter).nonZero() : proxy.stats(filter);
            }
            Stats first = proxy.stats(filter);
            Thread.sleep(over.toMillis());
            return proxy.stats(filter).since(first).nonZero();
        }

        @Override
        Stats read(InputStream page, Instant at) throws IOException {
            if (over != null) {
                throw wrongUsage("--over needs a POD");
            }
            Stats stats = Stats.parse(page, filter);
            return nonzero ? stats.nonZero() : stats;
        }

        @Override
        Document document(Stats stats, String source, Instant at) {
            Stats found = cluster == null ? stats : stats.ofCluster(cluster);
            List<Inconclusive> gaps = new ArrayList<>(stats.gaps());
            List<Map<String, String>> rows = found.rows();
            if (name != null) {
                rows = found.find(name).map(Stat::name).stream()
                        .flatMap(exact -> found.rows().stream().filter(row -> exact.equals(row.get("name"))))
                        .toList();
                found.absence(name).ifPresent(gaps::add);
            }
            return rows.isEmpty() && name == null
                    ? none(over == null ? found.toString() : "Nothing grew.", gaps, source, at)
                    : rows(rows, gaps, source, at);
        }
    }

    @Command(
            name = "log-levels",
            description = "How much each part of a proxy writes into its log. Changes nothing.",
            mixinStandardHelpOptions = true)
    static final class LogLevelsCommand extends ProxyPageCommand<LogLevels> {
        @Override
        LogLevels ask(EnvoyProxy proxy) {
            return proxy.logLevels();
        }

        @Override
        LogLevels read(InputStream page, Instant at) throws IOException {
            return LogLevels.parse(page);
        }

        @Override
        Document document(LogLevels levels, String source, Instant at) {
            return rows(levels.rows(), levels.gaps(), source, at);
        }
    }

    @Command(
            name = "server-info",
            description = "Which Envoy a proxy runs, since when, in which state, with which options.",
            mixinStandardHelpOptions = true)
    static final class ServerInfoCommand extends ProxyPageCommand<ServerInfo> {
        @Override
        ServerInfo ask(EnvoyProxy proxy) {
            return proxy.serverInfo();
        }

        @Override
        ServerInfo read(InputStream page, Instant at) throws IOException {
            return ServerInfo.parse(page);
        }

        @Override
        Document document(ServerInfo info, String source, Instant at) {
            return rows(info.rows(), info.gaps(), source, at);
        }
    }

    @Command(
            name = "certs",
            description = "The certificates that a proxy's process has loaded, each once.",
            mixinStandardHelpOptions = true)
    static final class CertsCommand extends ProxyPageCommand<LoadedCertificates> {
        @Override
        LoadedCertificates ask(EnvoyProxy proxy) {
            return proxy.certificates();
        }

        @Override
        LoadedCertificates read(InputStream page, Instant at) throws IOException {
            return LoadedCertificates.parse(page, at);
        }

        @Override
        Document document(LoadedCertificates certificates, String source, Instant at) {
            return rows(certificates.rows(), certificates.gaps(), source, at);
        }
    }

    @Command(name = "memory", description = "The memory of a proxy.", mixinStandardHelpOptions = true)
    static final class MemoryCommand extends ProxyPageCommand<Memory> {
        @Override
        Memory ask(EnvoyProxy proxy) {
            return proxy.memory();
        }

        @Override
        Memory read(InputStream page, Instant at) throws IOException {
            return Memory.parse(page);
        }

        @Override
        Document document(Memory memory, String source, Instant at) {
            return rows(memory.rows(), memory.gaps(), source, at);
        }
    }

    @Command(
            name = "bound-listeners",
            description =
                    "The addresses that a proxy's listeners are bound to; of a pod, also which should be and are not.",
            mixinStandardHelpOptions = true)
    static final class BoundListenersCommand extends ProxyPageCommand<ListenersStatus> {
        private @Nullable Listeners configured;
        private final List<Inconclusive> unseen = new ArrayList<>();

        @Override
        ListenersStatus ask(EnvoyProxy proxy) {
            try {
                configured = proxy.listeners();
            } catch (MeshException e) {
                unseen.add(Inconclusive.of("listeners that should be bound", null, e));
            }
            return proxy.listenersStatus();
        }

        @Override
        ListenersStatus read(InputStream page, Instant at) throws IOException {
            return ListenersStatus.parse(page);
        }

        @Override
        Document document(ListenersStatus status, String source, Instant at) {
            List<Map<String, String>> rows = new ArrayList<>();
            for (Map<String, String> listed : status.rows()) {
                Map<String, String> row = new LinkedHashMap<>(listed);
                row.put("state", state(listed.getOrDefault("name", "")));
                rows.add(row);
            }
            for (Listener listener : configured == null ? List.<Listener>of() : configured.notBound(status)) {
                Map<String, String> row = new LinkedHashMap<>();
                row.put("name", listener.name());
                row.put("addresses", listener.address() + ":" + listener.port());
                row.put("internal", "false");
                row.put("state", "NOT BOUND");
                rows.add(row);
            }
            unseen.addAll(status.gaps());
            return rows.isEmpty()
                    ? none("The proxy has no listener.", unseen, source, at)
                    : rows(rows, unseen, source, at);
        }

        /** Those without a port of their own are on the page too: a listener that has one hands them connections. */
        private String state(String name) {
            return configured == null
                    ? ""
                    : configured.named(name).first().map(Listener::bindsToPort).orElse(true) ? "BOUND" : "HANDED OVER";
        }
    }

    @Command(
            name = "init",
            description = "What a proxy's start, or a listener's warming, still waits for.",
            mixinStandardHelpOptions = true)
    static final class InitCommand extends ProxyPageCommand<InitDump> {
        @Override
        InitDump ask(EnvoyProxy proxy) {
            return proxy.initDump();
        }

        @Override
        InitDump read(InputStream page, Instant at) throws IOException {
            return InitDump.parse(page);
        }

        @Override
        Document document(InitDump dump, String source, Instant at) {
            return dump.waiting().isEmpty()
                    ? none("It waits for nothing.", dump.gaps(), source, at)
                    : rows(dump.rows(), dump.gaps(), source, at);
        }
    }
}
