package dev.meshdx.testkit.baddays;

import dev.meshdx.Mesh;
import dev.meshdx.testkit.FakeMesh;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test that leaves a thread, a socket or a file of ours behind. Tests in parallel would confuse it. */
final class NothingLeft implements BeforeEachCallback, AfterEachCallback {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private Set<String> threads = Set.of();
    private Set<String> sockets = Set.of();
    private Set<String> files = Set.of();

    static {
        // What a JVM opens once and keeps, such as a socket to look for IPv6, is nobody's leak.
        try (FakeMesh fake = FakeMesh.start();
                Mesh mesh = fake.connect()) {
            String version = mesh.version();
            fake.down();
            version += Asked.of(mesh, Verb.VERSION);
            assert !version.isEmpty();
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        threads = threads();
        sockets = sockets();
        files = files();
    }

    @Override
    public void afterEach(ExtensionContext context) throws InterruptedException {
        check("sockets", sockets, NothingLeft::sockets);
        check("threads", threads, NothingLeft::threads);
        check("files", files, NothingLeft::files);
    }

    private static void check(String what, Set<String> before, Supplier<Set<String>> now) throws InterruptedException {
        Set<String> left = Set.of();
        for (int i = 0; i < 150; i++) {
            left = new TreeSet<>(now.get());
            left.removeAll(before);
            if (left.isEmpty()) {
                return;
            }
            Thread.sleep(20);
        }
        throw new AssertionError("Left behind " + what + ": " + left);
    }

    /**
     * Threads of the mesh, and OkHttp's and Okio's, but for those that all clients in a JVM share and that wait for
     * something to do: they end by themselves, hold no connection, and keep the name of what they did last.
     */
    static Set<String> threads() {
        Set<String> names = new TreeSet<>();
        Thread.getAllStackTraces().forEach((thread, stack) -> {
            String name = thread.getName();
            boolean ours = name.startsWith("mesh-") || name.startsWith("OkHttp") || name.startsWith("Okio");
            boolean shared = name.startsWith("OkHttp TaskRunner")
                    || name.startsWith("Okio Watchdog")
                    || Arrays.stream(stack)
                            .anyMatch(frame -> frame.getMethodName().equals("awaitTaskToRun"));
            if (ours && !shared && thread.isAlive()) {
                names.add(name + "#" + thread.getId());
            }
        });
        return names;
    }

    /** The sockets of this process, where the system tells. */
    private static Set<String> sockets() {
        if (!Files.isDirectory(DESCRIPTORS)) {
            return Set.of();
        }
        Set<String> sockets = new TreeSet<>();
        for (Path descriptor : list(DESCRIPTORS)) {
            try {
                String target = Files.readSymbolicLink(descriptor).toString();
                if (target.startsWith("socket:")) {
                    sockets.add(target);
                }
            } catch (IOException e) {
                // It was closed in the meantime.
            }
        }
        return sockets;
    }

    private static Set<String> files() {
        return list(Path.of(System.getProperty("java.io.tmpdir", "/tmp"))).stream()
                .map(path -> path.getFileName().toString())
                .filter(name ->
                        name.matches("(?i).*(mesh|okhttp|kubeconfig|envoy|recording|snapshot).*\\.(tmp|zip|json|yaml)"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<Path> list(Path folder) {
        try (Stream<Path> children = Files.list(folder)) {
            return children.collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
