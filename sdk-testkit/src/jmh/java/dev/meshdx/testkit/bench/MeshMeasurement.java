package dev.meshdx.testkit.bench;

import dev.meshdx.Mesh;
import dev.meshdx.MeshOptions;
import dev.meshdx.diagnosis.Diagnosis;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

/**
 * What {@code mesh.diagnose()} costs: requests by kind, wall time cold and warm, heap, threads. The fake mesh runs in another
 * process. Arguments: workloads (100), KiB of each config dump (0: the fake's own), runs (5).
 */
public final class MeshMeasurement {
    private MeshMeasurement() {}

    /** Measures and prints. */
    public static void main(String[] args) throws Exception {
        int workloads = args.length > 0 ? Integer.parseInt(args[0]) : 100;
        int kilobytes = args.length > 1 ? Integer.parseInt(args[1]) : 0;
        int runs = args.length > 2 ? Integer.parseInt(args[2]) : 5;
        Path folder = Files.createTempDirectory("meshdx-measurement");
        Path kubeconfig = folder.resolve("kubeconfig");
        Process fake = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        FakeProcess.class.getName(),
                        String.valueOf(workloads),
                        String.valueOf(kilobytes),
                        kubeconfig.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader said = fake.inputReader(StandardCharsets.UTF_8);
                Writer ask = fake.outputWriter(StandardCharsets.UTF_8)) {
            said.readLine();
            measure(workloads, kubeconfig, runs, said, ask);
        } finally {
            fake.destroy();
            Files.deleteIfExists(kubeconfig);
            Files.delete(folder);
        }
    }

    private static void measure(int workloads, Path kubeconfig, int runs, BufferedReader said, Writer ask)
            throws IOException {
        Heap heap = new Heap();
        MeshOptions options = MeshOptions.builder()
                .kubeconfig(kubeconfig)
                .deadline(Duration.ofMinutes(5))
                .build();
        for (int run = 0; run < runs; run++) {
            heap.reset();
            long start = System.nanoTime();
            Duration busy = cpu();
            String summary;
            int threads;
            try (Mesh mesh = Mesh.connect(options)) {
                Diagnosis diagnosis = mesh.diagnose();
                summary = diagnosis.verdict() + " (" + diagnosis.findings().size() + " findings, "
                        + diagnosis.inconclusive().size() + " gaps)";
                threads = ManagementFactory.getThreadMXBean().getPeakThreadCount();
            }
            long millis = (System.nanoTime() - start) / 1_000_000;
            System.out.printf(
                    "run %d (%s): %d workloads, %d ms wall, %d ms CPU; heap %d MiB after collections, %d MiB before; %d threads%n",
                    run + 1,
                    run == 0 ? "cold" : "warm",
                    workloads,
                    millis,
                    cpu().minus(busy).toMillis(),
                    heap.live() >> 20,
                    heap.used() >> 20,
                    threads);
            ask.write("\n");
            ask.flush();
            String requests = said.readLine();
            if (run == 0) {
                System.out.println("  " + summary + "\n  " + requests);
            }
        }
    }

    private static Duration cpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** The most that the heap held, with garbage and right after collections. */
    private static final class Heap {
        private final AtomicLong live = new AtomicLong();
        private final AtomicLong used = new AtomicLong();

        Heap() {
            for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
                ((NotificationEmitter) collector)
                        .addNotificationListener(
                                (event, handback) -> {
                                    var info = com.sun.management.GarbageCollectionNotificationInfo.from(
                                            (CompositeData) event.getUserData());
                                    live.accumulateAndGet(sum(info.getGcInfo().getMemoryUsageAfterGc()), Math::max);
                                    used.accumulateAndGet(sum(info.getGcInfo().getMemoryUsageBeforeGc()), Math::max);
                                },
                                null,
                                null);
            }
        }

        private static long sum(java.util.Map<String, MemoryUsage> pools) {
            List<String> heap = ManagementFactory.getMemoryPoolMXBeans().stream()
                    .filter(pool -> pool.getType() == java.lang.management.MemoryType.HEAP)
                    .map(java.lang.management.MemoryPoolMXBean::getName)
                    .toList();
            return pools.entrySet().stream()
                    .filter(pool -> heap.contains(pool.getKey()))
                    .mapToLong(pool -> pool.getValue().getUsed())
                    .sum();
        }

        void reset() {
            System.gc();
            try {
                // Notifications come a little later.
                Thread.sleep(200);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            live.set(0);
            used.set(0);
        }

        long live() {
            return live.get();
        }

        long used() {
            Runtime runtime = Runtime.getRuntime();
            return Math.max(used.get(), runtime.totalMemory() - runtime.freeMemory());
        }
    }
}
