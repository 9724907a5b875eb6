package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.envoy.Bootstrap;
import dev.meshdx.envoy.Clusters;
import dev.meshdx.envoy.Endpoints;
import dev.meshdx.envoy.EnvoyConfiguration;
import dev.meshdx.envoy.EnvoyProxy;
import dev.meshdx.envoy.EnvoyResources;
import dev.meshdx.envoy.Listeners;
import dev.meshdx.envoy.Routes;
import dev.meshdx.envoy.TrafficDirection;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Json;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "proxy-config",
        description = "What a proxy received.",
        mixinStandardHelpOptions = true,
        subcommands = {
            ProxyConfigFromCommand.class,
            ProxyConfigDiffCommand.class,
            RootCaCompareCommand.class,
            ProxyPages.StatsCommand.class,
            ProxyPages.LogLevelsCommand.class,
            ProxyPages.ServerInfoCommand.class,
            ProxyPages.CertsCommand.class,
            ProxyPages.MemoryCommand.class,
            ProxyPages.BoundListenersCommand.class,
            ProxyPages.InitCommand.class
        },
        footer = {
            "",
            "Examples:",
            "  meshdx proxy-config clusters web-7d4b9-x2x -n production --fqdn reviews.production",
            "  meshdx proxy-config routes web-7d4b9-x2x -n production --name 9080",
            "  meshdx proxy-config endpoints --config-dump clusters.json",
            "  meshdx proxy-config listeners web-7d4b9-x2x -n production --port 9080 -o json"
        })
final class ProxyConfigCommand extends MeshCommand {
    enum Section {
        CLUSTERS,
        LISTENERS,
        ROUTES,
        ENDPOINTS,
        SECRETS,
        BOOTSTRAP,
        EXTENSIONS,
        /** The endpoints as the control plane sent them, where those of a running proxy are what it found out. */
        EDS,
        ALL;

        /** The options that choose among its rows. */
        Set<String> filters() {
            return switch (this) {
                case CLUSTERS -> Set.of("--fqdn", "--port", "--subset", "--direction");
                case LISTENERS -> Set.of("--type", "--port", "--address");
                case ROUTES -> Set.of("--name");
                case ENDPOINTS, EDS -> Set.of("--cluster", "--port", "--address", "--status");
                case SECRETS, BOOTSTRAP, EXTENSIONS, ALL -> Set.of();
            };
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final Set<String> FILTERS = Set.of(
            "--fqdn", "--port", "--subset", "--direction", "--name", "--type", "--address", "--cluster", "--status");

    @Parameters(
            index = "0",
            // picocli would ask for it before it looks at the subcommand
            arity = "0..1",
            paramLabel = "SECTION",
            converter = Converters.OfSection.class,
            description = "One of: ${COMPLETION-CANDIDATES}.")
    Section section = Section.CLUSTERS;

    @Parameters(index = "1", paramLabel = "POD", arity = "0..1", description = "Pod, or pod.namespace.")
    @Nullable
    String pod;

    @Option(names = "--config-dump", paramLabel = "FILE", description = "A /config_dump instead of a pod; - for stdin.")
    @Nullable
    String configDump;

    @Option(names = "--fqdn", description = "Clusters of this service.")
    @Nullable
    String fqdn;

    @Option(names = "--port", description = "Clusters, listeners, endpoints of this port.")
    @Nullable
    Integer port;

    @Option(names = "--subset", description = "Clusters of this subset.")
    @Nullable
    String subset;

    @Option(
            names = "--direction",
            converter = Converters.OfDirection.class,
            description = "Clusters of this direction: inbound, inbound-vip, outbound.")
    @Nullable
    TrafficDirection direction;

    @Option(names = "--name", description = "Routes of this name.")
    @Nullable
    String name;

    @Option(names = "--type", description = "Listeners of this type: HTTP, TCP.")
    @Nullable
    String type;

    @Option(names = "--address", description = "Listeners or endpoints of this address.")
    @Nullable
    String address;

    @Option(names = "--cluster", description = "Endpoints of this cluster.")
    @Nullable
    String cluster;

    @Option(names = "--status", description = "Endpoints of this status: HEALTHY, UNHEALTHY.")
    @Nullable
    String status;

    @Option(
            names = "--raw",
            description =
                    "What Envoy holds as JSON, whole, instead of a table; -o json, as for istioctl, says the same.")
    boolean raw;

    private final List<Supplier<List<Inconclusive>>> rawGaps = new ArrayList<>();

    @Override
    @Nullable
    Document offline() throws IOException {
        if (!spec.commandLine().getParseResult().hasMatchedPositional(0)) {
            throw wrongUsage("Missing required parameter: 'SECTION'");
        }
        if ((pod == null) == (configDump == null)) {
            throw wrongUsage("either a POD or --config-dump FILE");
        }
        for (String filter : FILTERS) {
            if (!section.filters().contains(filter)
                    && spec.commandLine().getParseResult().hasMatchedOption(filter)) {
                throw wrongUsage(filter + " does not filter " + section
                        + (section.filters().isEmpty()
                                ? ""
                                : "; " + String.join(", ", new TreeSet<>(section.filters())) + " do"));
            }
        }
        if (configDump == null) {
            return null;
        }
        Instant at = now == null ? Instant.now() : now;
        return answer(Dumps.open(configDump, in()), Dumps.name(configDump), at);
    }

    @Override
    Document answer(Mesh mesh) {
        PodName podName = pod(mesh, Objects.requireNonNull(pod));
        EnvoyProxy envoy =
                mesh.namespace(podName.namespace()).pod(podName.name()).envoy();
        // All sections of one moment, rather than of seven.
        EnvoyConfiguration asked = section == Section.ALL ? envoy.configDump() : envoy;
        return answer(asked, mesh.source(), mesh.now());
    }

    private Document answer(EnvoyConfiguration proxy, String source, Instant at) {
        if (section == Section.ALL) {
            List<Document> parts = new ArrayList<>();
            for (Section part : Section.values()) {
                if (part != Section.ALL && part != Section.EDS) {
                    parts.add(answer(part, proxy, source, at));
                }
            }
            return raw() ? Documents.ofAllRaw(parts, "proxy-config all") : Documents.ofAll(parts, "proxy-config all");
        }
        return answer(section, proxy, source, at);
    }

    private Document answer(Section part, EnvoyConfiguration proxy, String source, Instant at) {
        return switch (part) {
            case CLUSTERS -> resources(clusters(proxy.clusters()), part, source, at);
            case LISTENERS -> resources(listeners(proxy.listeners()), part, source, at);
            case ROUTES -> resources(routes(proxy.routes()), part, source, at);
            case ENDPOINTS -> resources(endpoints(proxy.endpoints()), part, source, at);
            case EDS ->
                resources(
                        endpoints(proxy instanceof EnvoyProxy live ? live.assignedEndpoints() : proxy.endpoints()),
                        part,
                        source,
                        at);
            case SECRETS -> resources(proxy.secrets(at), part, source, at);
            case EXTENSIONS, ALL -> resources(proxy.extensions(), part, source, at);
            case BOOTSTRAP -> bootstrap(proxy.bootstrap(), source, at);
        };
    }

    private Document resources(EnvoyResources<?, ?> resources, Section part, String source, Instant at) {
        if (!raw()) {
            return Documents.of(resources, part.toString(), source, at);
        }
        rawGaps.add(resources::gaps);
        return Documents.ofRaw(resources, part.toString(), source, at);
    }

    /** What could not be seen is known when all was printed, and must not stand among the JSON. */
    @Override
    int exitCode(Document document) {
        List<Inconclusive> gaps = rawGaps.stream()
                .flatMap(section -> section.get().stream())
                .distinct()
                .toList();
        gaps.forEach(gap -> note(gap.message() + " " + gap.remedy()));
        return strict && !gaps.isEmpty() ? Meshdx.NOT_ALL_SEEN : super.exitCode(document);
    }

    private Document bootstrap(Bootstrap bootstrap, String source, Instant at) {
        if (!raw()) {
            return Documents.ofRows(bootstrap.rows(), bootstrap.gaps(), "bootstrap", source, at);
        }
        rawGaps.add(bootstrap::gaps);
        return new Document(
                "proxy-config bootstrap",
                source,
                at,
                Json.object("raw", bootstrap.raw()),
                bootstrap.raw().pretty() + "\n",
                List.of(),
                List.of());
    }

    /** As istioctl's {@code -o json}: what Envoy holds, instead of a table. */
    private boolean raw() {
        return raw || isRawOutput();
    }

    private boolean isRawOutput() {
        return output != null && output.toString().equals("json");
    }

    @Override
    @Nullable
    Path output() {
        return isRawOutput() ? null : output;
    }

    private Clusters clusters(Clusters clusters) {
        Clusters found = clusters;
        found = fqdn == null ? found : found.toService(fqdn);
        found = port == null ? found : found.port(port);
        found = subset == null ? found : found.subset(subset);
        return direction == null ? found : found.direction(direction);
    }

    private Listeners listeners(Listeners listeners) {
        Listeners found = listeners;
        found = port == null ? found : found.port(port);
        found = type == null ? found : found.type(type);
        return address == null ? found : found.address(address);
    }

    private Routes routes(Routes routes) {
        return name == null ? routes : routes.named(name);
    }

    private Endpoints endpoints(Endpoints endpoints) {
        Endpoints found = endpoints;
        found = cluster == null ? found : found.cluster(cluster);
        found = port == null ? found : found.port(port);
        found = address == null ? found : found.address(address);
        return status == null ? found : found.status(status);
    }
}
