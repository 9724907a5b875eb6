package dev.meshdx;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.annotation.Experimental;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.internal.recorded.RecordedSource;
import java.nio.file.Path;

/**
 * A service mesh: a live one, a recorded one, or one that exists as manifests only.
 *
 * <pre>{@code
 * try (Mesh mesh = Mesh.connect("prod-eu")) {
 *     Diagnosis diagnosis = mesh.namespace("production").pod("web-7d4b9-x2x").diagnose();
 *     System.out.println(diagnosis.verdict());
 * }
 * }</pre>
 *
 * <p>Nouns navigate and do no I/O; a verb or a result ends the sentence and does it. Connecting does no I/O either. Close the
 * mesh: it is the only thing that must be closed. Safe for use by several threads.
 */
@CheckReturnValue
public final class Mesh implements AutoCloseable {
    private final MeshContext context;

    private Mesh(MeshContext context) {
        this.context = context;
    }

    /**
     * Opens a recording: a folder or a zip file of one. Everything is judged at the time of the recording.
     *
     * @throws dev.meshdx.error.MeshConfigurationException if there is no recording at the path
     */
    public static Mesh snapshot(Path path) {
        return over(RecordedSource.open(path), MeshOptions.defaults());
    }

    /** A mesh over a source of the caller's own. It is closed with the mesh. */
    @Experimental
    public static Mesh over(MeshSource source, MeshOptions options) {
        return new Mesh(new MeshContext(source, options));
    }

    /** A namespace. No I/O: whether it exists shows when it is asked for something. */
    public MeshNamespace namespace(String name) {
        return new MeshNamespace(context, name);
    }

    /** The control plane. No I/O. */
    public ControlPlane controlPlane() {
        return new ControlPlane(context);
    }

    /** Lets go of connections and threads. Questions that are being answered end with an exception. */
    @Override
    public void close() {
        context.close();
    }

    @Override
    public String toString() {
        return "Mesh[" + context.source().description() + "]";
    }
}
