package dev.meshdx.testkit.bench;

import dev.meshdx.Mesh;
import dev.meshdx.MeshOptions;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;

/**
 * The time from the start of the JVM to the first answer. Arguments: {@code version KUBECONFIG} or
 * {@code diagnose RECORDING}.
 */
public final class FirstAnswer {
    private FirstAnswer() {}

    /** Asks once and prints. */
    public static void main(String[] args) {
        long main = System.nanoTime();
        String answer;
        if (args[0].equals("version")) {
            try (Mesh mesh = Mesh.connect(
                    MeshOptions.builder().kubeconfig(Path.of(args[1])).build())) {
                answer = mesh.version();
            }
        } else {
            try (Mesh mesh = Mesh.snapshot(Path.of(args[1]))) {
                answer = mesh.diagnose().verdict();
            }
        }
        long answered = System.nanoTime();
        System.out.printf(
                "%d ms from the start of the JVM, %d ms of it in main: %s%n",
                System.currentTimeMillis()
                        - ManagementFactory.getRuntimeMXBean().getStartTime(),
                (answered - main) / 1_000_000,
                answer);
    }
}
