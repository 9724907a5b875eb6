package dev.meshdx.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.meshdx.source.MeshSource;
import dev.meshdx.source.Session;
import dev.meshdx.source.internal.recorded.RecordedSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Recordings and conformance cases beside the project. Tests that need them are skipped, visibly, where they are absent. */
public final class Shared {
    private static final ExecutorService EXECUTOR = Executors.newCachedThreadPool(runnable -> {
        Thread thread = new Thread(runnable, "mesh-test");
        thread.setDaemon(true);
        return thread;
    });

    private Shared() {}

    /** The folder beside the project; where the tests run elsewhere, {@code MESHDX_SHARED} names it. */
    public static Path root() {
        String named = System.getenv("MESHDX_SHARED");
        if (named != null && !named.isEmpty()) {
            return Path.of(named);
        }
        String project = System.getProperty("meshdx.root", "..");
        return Path.of(project).toAbsolutePath().normalize().resolveSibling("shared");
    }

    /** A folder under it, or a skipped test. */
    public static Path folder(String path) {
        Path folder = root().resolve(path);
        assumeTrue(Files.isDirectory(folder), () -> path + " is not beside the project: skipped");
        return folder;
    }

    /** A recording of a real mesh, such as {@code sidecar/healthy}, or a skipped test. */
    public static Session recording(String name) {
        return session(RecordedSource.open(folder("real/" + name)));
    }

    /** A session over a source, with the default options. */
    public static Session session(MeshSource source) {
        return new Session(source, Session.Options.DEFAULT, EXECUTOR);
    }

    /** A session over a source that judges things at a time of its own. */
    public static Session session(MeshSource source, Instant judgedAt) {
        Session.Options defaults = Session.Options.DEFAULT;
        return new Session(
                source,
                new Session.Options(
                        defaults.deadline(),
                        defaults.podDeadline(),
                        defaults.parallelism(),
                        defaults.istioNamespace(),
                        defaults.clock(),
                        judgedAt,
                        defaults.progress()),
                EXECUTOR);
    }
}
