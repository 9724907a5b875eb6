package dev.meshdx.testkit.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import dev.meshdx.envoy.ConfigDump;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Questions to a config dump in a file, beside the bare token stream over the same bytes: what cannot be undercut. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 8, time = 2)
@Fork(value = 1, jvmArgs = "-Xmx256m")
@SuppressWarnings("NullAway.Init")
public class DumpBenchmark {
    private static final JsonFactory TOKENS = new JsonFactory();

    /** The size of the dump in MB. */
    @Param({"10", "100", "400"})
    public int megabytes;

    private Path file;
    private String service;

    /** Writes the dump. */
    @Setup(Level.Trial)
    public void setUp() throws IOException {
        file = Files.createTempFile("dump", ".json");
        int services = (int) (megabytes * 1_000_000L / ConfigDumps.BYTES_PER_SERVICE);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            ConfigDumps.write(out, services);
        }
        service = ConfigDumps.host(services - 1);
    }

    /** Removes it. */
    @TearDown(Level.Trial)
    public void tearDown() throws IOException {
        Files.delete(file);
    }

    /** Nothing but the tokens. */
    @Benchmark
    public int tokens() throws IOException {
        int count = 0;
        try (InputStream in = Files.newInputStream(file);
                JsonParser parser = TOKENS.createParser(in)) {
            while (parser.nextToken() != null) {
                count++;
            }
        }
        return count;
    }

    /** The table of all clusters. */
    @Benchmark
    public int clusterTable() {
        return ConfigDump.open(file).clusters().rows().size();
    }

    /** The table of all routes. */
    @Benchmark
    public int routeTable() {
        return ConfigDump.open(file).routes().rows().size();
    }

    /** The table of all endpoints. */
    @Benchmark
    public int endpointTable() {
        return ConfigDump.open(file).endpoints().rows().size();
    }

    /** The clusters of one service, whole. */
    @Benchmark
    public int clustersOfService() {
        return ConfigDump.open(file).clusters().toService(service).size();
    }
}
