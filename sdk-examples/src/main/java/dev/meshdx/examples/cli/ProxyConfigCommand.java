package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.envoy.Clusters;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.Endpoints;
import dev.meshdx.envoy.EnvoyProxy;
import dev.meshdx.envoy.Listeners;
import dev.meshdx.envoy.Routes;
import dev.meshdx.envoy.TrafficDirection;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import java.io.IOException;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "proxy-config",
        description = "What a proxy received.",
        subcommands = ProxyConfigFromCommand.class,
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  meshdx proxy-config clusters web-7d4b9-x2x -n production --fqdn reviews.production",
            "  meshdx proxy-config routes web-7d4b9-x2x -n production --name 9080",
            "  meshdx proxy-config endpoints --config-dump clusters.json"
        })
final class ProxyConfigCommand extends MeshCommand {
    enum Section {
        CLUSTERS,
        LISTENERS,
        ROUTES,
        ENDPOINTS,
        SECRETS,
        BOOTSTRAP,
        EXTENSIONS;

        /** The options that choose among its rows. */
        Set<String> filters() {
            return switch (this) {
                case CLUSTERS -> Set.of("--fqdn", "--port", "--subset", "--direction");
                case LISTENERS -> Set.of("--type", "--port", "--address");
                case ROUTES -> Set.of("--name");
                case ENDPOINTS -> Set.of("--cluster", "--port", "--address", "--status");
                case SECRETS, BOOTSTRAP, EXTENSIONS -> Set.of();
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
            paramLabel = "SECTION",
            arity = "0..1",
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

    @Override
    @Nullable
    Document offline() throws IOException {
        // Required, but not where a subcommand stands in its place, which picocli cannot tell.
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
        return configDump == null
                ? null
                : answer(Dumps.read(configDump, in()), configDump, now == null ? Instant.now() : now);
    }

    @Override
    Document answer(Mesh mesh) {
        PodName podName = pod(mesh, Objects.requireNonNull(pod));
        EnvoyProxy envoy =
                mesh.namespace(podName.namespace()).pod(podName.name()).envoy();
        return section == Section.ENDPOINTS
                ? endpoints(envoy.endpoints(), mesh.source(), mesh.now())
                : answer(envoy.configDump(), mesh.source(), mesh.now());
    }

    private Document answer(ConfigDump dump, String source, Instant at) {
        String title = section.toString();
        return switch (section) {
            case CLUSTERS -> Documents.of(clusters(dump.clusters()), title, source, at);
            case LISTENERS -> Documents.of(listeners(dump.listeners()), title, source, at);
            case ROUTES -> Documents.of(routes(dump.routes()), title, source, at);
            case ENDPOINTS -> endpoints(dump.endpoints(), source, at);
            case SECRETS -> Documents.of(dump.secrets(at), title, source, at);
            case EXTENSIONS -> Documents.of(dump.extensions(), title, source, at);
            case BOOTSTRAP ->
                Documents.ofRows(dump.bootstrap().rows(), dump.bootstrap().gaps(), title, source, at);
        };
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

    private Document endpoints(Endpoints endpoints, String source, Instant at) {
        Endpoints found = endpoints;
        found = cluster == null ? found : found.cluster(cluster);
        found = port == null ? found : found.port(port);
        found = address == null ? found : found.address(address);
        found = status == null ? found : found.status(status);
        return Documents.of(found, "endpoints", source, at);
    }
}
