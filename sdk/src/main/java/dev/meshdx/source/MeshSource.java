package dev.meshdx.source;

import dev.meshdx.annotation.Experimental;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The only door to the outside. Three implementations: a live cluster, a recording, and a set of manifests. Whatever works
 * on one works on all as far as its data goes; what is not there is a {@link dev.meshdx.error.MeshException} whose
 * {@code reason()} says why, and never an empty answer that looks like "there is none".
 *
 * <p>Methods block, may be called by several threads at once, return within the deadline, and read only: all but
 * {@link #change}, which is the one door for what changes anything.
 */
@Experimental
public interface MeshSource extends AutoCloseable {
    /** What kind of source this is. */
    enum Kind {
        /** A cluster that answers right now. */
        LIVE,
        /** What a cluster answered some time ago. */
        RECORDING,
        /** Files that somebody wrote: resources only. */
        MANIFESTS
    }

    /** What kind of source this is. */
    Kind kind();

    /** For reports: {@code context prod-eu}, {@code recording incident.zip}. */
    String description();

    /** The time at which a recording is to be judged; empty for a source whose time is now. */
    Optional<Instant> recordedAt();

    /** The namespace to use where the caller names none; {@code default} where nothing else is known. */
    String defaultNamespace();

    /**
     * The resources that match, all pages.
     *
     * @throws dev.meshdx.error.MeshException if they cannot be read; a kind that is not installed is {@code NOT_INSTALLED}
     */
    List<Resource> list(ListQuery query, Deadline deadline);

    /**
     * One resource; empty where there is none of that name.
     *
     * @throws dev.meshdx.error.MeshException if that cannot be told
     */
    Optional<Resource> find(ResourceKind kind, String namespace, String name, Deadline deadline);

    /**
     * Asks a port of a pod, and reads the answer as it arrives. Only a 200 reaches the reader.
     *
     * @throws dev.meshdx.error.MeshException if there is no (complete) answer
     * @throws IllegalArgumentException if the request would change something, see {@link PodRequest#reads()}
     */
    <T> T fetch(PodRequest request, BodyReader<T> reader, Deadline deadline);

    /** Whether {@link #change} does anything else than to refuse. No I/O. */
    default boolean canChange() {
        return false;
    }

    /**
     * Sends a request that changes something to a port of a pod, and reads the answer as it arrives. Only a 200 reaches the
     * reader. What may have been received is never sent a second time.
     *
     * @throws dev.meshdx.error.MeshAccessException if it was refused: nothing was changed
     * @throws dev.meshdx.error.MeshNotFoundException if there is no such pod or page: nothing was changed
     * @throws dev.meshdx.error.MeshUnsupportedException if the source changes nothing, or the page does not take the request:
     *     nothing was changed
     * @throws dev.meshdx.error.MeshException otherwise: it may have been received or not
     */
    default <T> T change(PodRequest request, BodyReader<T> reader, Deadline deadline) {
        throw new MeshUnsupportedException(
                Reason.UNSUPPORTED,
                request + ": " + description() + " cannot be changed.",
                "Connect to the cluster itself: Mesh.connect(…).");
    }

    /**
     * Reads a container's log as it arrives.
     *
     * @throws dev.meshdx.error.MeshException if it cannot be read
     */
    <T> T log(LogQuery query, BodyReader<T> reader, Deadline deadline);

    /**
     * What the API server says of itself ({@code /version}).
     *
     * @throws dev.meshdx.error.MeshException if it does not answer
     */
    Json version(Deadline deadline);

    /** Lets go of connections and threads; does nothing the second time. */
    @Override
    void close();
}
