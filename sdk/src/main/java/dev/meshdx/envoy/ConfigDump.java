package dev.meshdx.envoy;

import dev.meshdx.annotation.Internal;
import dev.meshdx.error.MeshConfigurationException;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Json;
import dev.meshdx.model.internal.Projection;
import dev.meshdx.source.PodRequest;
import dev.meshdx.source.Session;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Everything that one proxy received, from Envoy's {@code /config_dump?include_eds} (or, for endpoints alone, from
 * {@code /clusters?format=json}).
 *
 * <p>The document is read one resource at a time, also when it is compressed with gzip. One that is cut off gives what was read
 * until then, and {@link #problem()}. Field names may stand in Envoy's form or in lowerCamelCase, as istiod writes them; the flat
 * answers to {@code ?resource=} are read as well. Source: Envoy, {@code admin/v3/config_dump.proto}. Immutable; safe for use by
 * several threads.
 */
public final class ConfigDump implements EnvoyConfiguration {
    private final Dump dump;
    private final boolean held;
    private final Clusters clusters;
    private final Listeners listeners;
    private final Routes routes;
    private final Endpoints endpoints;
    private final Secrets secrets;
    private final Extensions extensions;
    private final AtomicReference<Dump.@Nullable Outcome> outcome = new AtomicReference<>();

    private ConfigDump(Dump dump, boolean held) {
        this.dump = dump;
        this.held = held;
        this.clusters = new Clusters(dump);
        this.listeners = new Listeners(dump);
        this.routes = new Routes(dump);
        this.endpoints = new Endpoints(dump);
        this.secrets = new Secrets(dump, Instant.EPOCH);
        this.extensions = new Extensions(dump);
        if (held) {
            // The elements are made once, not for each question.
            clusters.load();
            listeners.load();
            routes.load();
            endpoints.load();
            secrets.load();
            extensions.load();
        }
    }

    /**
     * Reads a document into memory, for example from standard input. The stream stays open. It takes about as much memory as it
     * is long; {@link #open} takes as little as the answer.
     *
     * @throws MeshProtocolException if it is no config dump at all
     * @throws IOException if the stream cannot be read
     */
    public static ConfigDump parse(InputStream in) throws IOException {
        return new ConfigDump(
                HeldDump.of((wanted, entries) -> DumpReader.read(in, wanted, NameFilter.ALL, entries)), true);
    }

    /**
     * A document in a file, for example one that somebody sent. Each question goes through the file and keeps what it asks for:
     * 400 MB are read in a second or two, and a question with a small answer needs a few megabytes of memory. The file must not
     * change meanwhile.
     *
     * @throws MeshConfigurationException if there is no such file
     */
    public static ConfigDump open(Path file) {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new MeshConfigurationException(
                    file + " cannot be read: "
                            + (Files.isDirectory(file)
                                    ? "it is a folder."
                                    : Files.exists(file) ? "permission denied." : "there is no such file."),
                    "Name a file with an Envoy /config_dump.");
        }
        return new ConfigDump(new FileDump(file), false);
    }

    /**
     * Asks a proxy for everything, once a session. A document that ended early is a gap in the session, and the rest stands.
     *
     * @throws MeshException if the proxy cannot be asked
     */
    @Internal
    public static ConfigDump read(Session session, String namespace, String pod) {
        PodRequest request = request(namespace, pod);
        ConfigDump dump = session.fetch(
                request,
                body -> new ConfigDump(
                        HeldDump.of((wanted, entries) -> DumpReader.read(body, wanted, NameFilter.ALL, entries)
                                .ofProxy()),
                        true));
        dump.problem()
                .ifPresent(problem -> session.gap(Inconclusive.of(
                        problem.what(), request.podRef(), problem.reason(), problem.message(), problem.remedy())));
        return dump;
    }

    private static PodRequest request(String namespace, String pod) {
        return PodRequest.envoy(namespace, pod, "/config_dump?include_eds");
    }

    /** Lets go of what a session read from a proxy: the dumps of a whole mesh do not fit into the memory. */
    @Internal
    public static void release(Session session, String namespace, String pod) {
        session.forget(request(namespace, pod));
        session.forget(EnvoyProxy.statusRequest(namespace, pod));
    }

    /** How the document was read, without what is in it. */
    private Dump.Outcome outcome() {
        Dump.Outcome known = outcome.get();
        if (known == null) {
            known = dump.read(Map.of(), NameFilter.ALL, (section, entry) -> {});
            outcome.set(known);
        }
        return known;
    }

    /** Why the document is not complete, where it is not. */
    public Optional<Inconclusive> problem() {
        return Optional.ofNullable(outcome().problem());
    }

    /**
     * Whether all that decides about the way of a request was read. Envoy writes the secrets last: where they begin, the rest
     * is whole. Source: Envoy, {@code admin/v3/config_dump.proto}, order of {@code configs}.
     */
    @Internal
    public boolean isWholeForRouting() {
        return outcome().sections().contains(Section.LISTENERS)
                && (outcome().problem() == null || outcome().sections().contains(Section.SECRETS));
    }

    @Override
    public Bootstrap bootstrap() {
        return bootstrap(dump);
    }

    static Bootstrap bootstrap(Dump dump) {
        AtomicReference<Json> found = new AtomicReference<>(Json.MISSING);
        Dump.Outcome read =
                dump.read(Section.BOOTSTRAP, Projection.WHOLE, NameFilter.ALL, entry -> found.set(entry.resource()));
        return new Bootstrap(Objects.requireNonNull(found.get()), read.gaps(Section.BOOTSTRAP));
    }

    @Override
    public Clusters clusters() {
        return held ? clusters : new Clusters(dump);
    }

    @Override
    public Listeners listeners() {
        return held ? listeners : new Listeners(dump);
    }

    @Override
    public Routes routes() {
        return held ? routes : new Routes(dump);
    }

    /** The hosts that it was sent (EDS), or that {@code /clusters} listed if that was read. */
    @Override
    public Endpoints endpoints() {
        return held ? endpoints : new Endpoints(dump);
    }

    @Override
    public Secrets secrets(Instant at) {
        return held ? secrets.at(at) : new Secrets(dump, at);
    }

    @Override
    public Extensions extensions() {
        return held ? extensions : new Extensions(dump);
    }

    /** One line. */
    @Override
    public String toString() {
        Map<Section, Integer> counts = new EnumMap<>(Section.class);
        Map<Section, Projection> wanted = new EnumMap<>(Section.class);
        for (Section section : Section.values()) {
            wanted.put(section, Projection.NOTHING);
        }
        Dump.Outcome read =
                dump.read(wanted, NameFilter.ALL, (section, entry) -> counts.merge(section, 1, Integer::sum));
        Inconclusive problem = read.problem();
        return "ConfigDump[" + counts.getOrDefault(Section.CLUSTERS, 0) + " clusters, "
                + counts.getOrDefault(Section.LISTENERS, 0) + " listeners, "
                + counts.getOrDefault(Section.ROUTES, 0) + " route configurations, endpoints of "
                + counts.getOrDefault(Section.ENDPOINTS, 0) + " clusters, "
                + counts.getOrDefault(Section.SECRETS, 0) + " secrets"
                + (problem == null ? "" : ", incomplete: " + problem.message()) + "]";
    }
}
