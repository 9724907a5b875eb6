package dev.meshdx.testkit.bench;

import dev.meshdx.Mesh;
import dev.meshdx.MeshOptions;
import dev.meshdx.analysis.Analysis;
import dev.meshdx.analysis.AnalysisOptions;
import dev.meshdx.finding.Finding;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The analysis of {@link Manifests}, all kinds loaded and all checks run. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(value = 1, jvmArgs = "-Xmx3g")
@SuppressWarnings("NullAway.Init")
public class AnalysisBenchmark {
    /** How many resources there are. */
    @Param({"1000", "10000", "20000"})
    public int resources;

    private byte[] manifests;
    private Mesh mesh;

    /** Writes the manifests, and makes sure that the mistakes in them are found. */
    @Setup
    public void setUp() {
        manifests = Manifests.text(resources).getBytes(StandardCharsets.UTF_8);
        mesh = open();
        int found = mesh.analyze().withCode("IST0101").size();
        if (found < resources / 110) {
            throw new IllegalStateException("Expected about " + resources / 100 + " findings, but there are " + found);
        }
    }

    private Mesh open() {
        return Mesh.manifests("generated", new ByteArrayInputStream(manifests), MeshOptions.defaults());
    }

    /** Closes the mesh. */
    @TearDown
    public void tearDown() {
        mesh.close();
    }

    /** All checks over resources that were read before. */
    @Benchmark
    public Analysis analyze() {
        return mesh.analyze();
    }

    /** Reads the YAML, then the same. */
    @Benchmark
    public Analysis readAndAnalyze() {
        try (Mesh fresh = open()) {
            return fresh.analyze();
        }
    }

    /** Reads the YAML, and stops at the first finding that is handed out. */
    @Benchmark
    public Finding readAndFindFirst() {
        try (Mesh fresh = open()) {
            Analysis analysis = fresh.analyze(AnalysisOptions.DEFAULT, finding -> {
                throw new Found(finding);
            });
            throw new IllegalStateException("Nothing was found: " + analysis);
        } catch (Found found) {
            return found.finding;
        }
    }

    private static final class Found extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final transient Finding finding;

        Found(Finding finding) {
            super(null, null, false, false);
            this.finding = finding;
        }
    }
}
