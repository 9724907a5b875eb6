package dev.meshdx.testkit.bench;

import dev.meshdx.Mesh;
import dev.meshdx.MeshOptions;
import dev.meshdx.diagnosis.Diagnosis;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.testkit.FakeMesh;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Whole questions to a fake mesh in the same process, over HTTPS and port-forwards: the fake's own work is part of the time.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 5)
@Measurement(iterations = 5, time = 5)
@Fork(value = 1, jvmArgs = "-Xmx3g")
@SuppressWarnings("NullAway.Init")
public class MeshBenchmark {
    /** A hundred workloads. */
    @State(Scope.Benchmark)
    public static class Hundred {
        private FakeMesh fake;
        private Mesh mesh;
        private String pod;

        /** Starts it. */
        @Setup
        public void setUp() {
            fake = FakeMesh.builder().workloads(100).start();
            mesh = connect(fake);
            pod = fake.objects(ResourceKind.POD).stream()
                    .filter(candidate -> candidate.namespace().equals("scale"))
                    .map(Resource::name)
                    .findFirst()
                    .orElseThrow();
        }

        /** Ends it. */
        @TearDown
        public void tearDown() {
            mesh.close();
            fake.close();
        }
    }

    /** Three thousand workloads. */
    @State(Scope.Benchmark)
    public static class Thousands {
        private FakeMesh fake;
        private Mesh mesh;

        /** Starts it. */
        @Setup
        public void setUp() {
            fake = FakeMesh.builder().workloads(3000).start();
            mesh = connect(fake);
        }

        /** Ends it. */
        @TearDown
        public void tearDown() {
            mesh.close();
            fake.close();
        }
    }

    private static Mesh connect(FakeMesh fake) {
        MeshOptions options =
                fake.options().toBuilder().deadline(Duration.ofMinutes(2)).build();
        return Mesh.connect(options);
    }

    /** The API server's version: what a request costs at least. */
    @Benchmark
    public String version(Hundred mesh) {
        return mesh.mesh.version();
    }

    /** Lists 3,000 pods, in pages of 500. */
    @Benchmark
    public int listPods(Thousands mesh) {
        return mesh.mesh.namespace("scale").pods("").size();
    }

    /** The five steps for one pod. */
    @Benchmark
    public Diagnosis diagnosePod(Hundred mesh) {
        return mesh.mesh.namespace("scale").pod(mesh.pod).diagnose();
    }

    /** The five steps for a hundred pods. */
    @Benchmark
    public Diagnosis diagnoseMesh(Hundred mesh) {
        return mesh.mesh.diagnose();
    }
}
