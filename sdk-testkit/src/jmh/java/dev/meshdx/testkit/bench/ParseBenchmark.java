package dev.meshdx.testkit.bench;

import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.traffic.HttpRequest;
import dev.meshdx.traffic.Trace;
import dev.meshdx.traffic.Tracer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
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
import org.openjdk.jmh.annotations.Warmup;

/** One proxy's configuration: reading it, looking a service up, following a request. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgs = "-Xmx3g")
@SuppressWarnings("NullAway.Init")
public class ParseBenchmark {
    /** The size of the dump in MB. */
    @Param({"1", "10", "100"})
    public int megabytes;

    private byte[] document;
    private ConfigDump dump;
    private HttpRequest request;
    private String service;

    /** Makes the dump. */
    @Setup
    public void setUp() throws IOException {
        document = ConfigDumps.ofSize(megabytes * 1_000_000);
        dump = ConfigDump.parse(new ByteArrayInputStream(document));
        // The last one: whoever looks at one after the other looks at all.
        service = ConfigDumps.host(dump.clusters().size() - 1);
        request = HttpRequest.get("http://" + service + ":8080/orders/7");
        if (Tracer.trace(dump, request).kind() == Trace.Kind.NO_VIRTUAL_HOST) {
            throw new IllegalStateException("The request finds nothing: " + Tracer.trace(dump, request));
        }
    }

    /** Reads the whole document. */
    @Benchmark
    public ConfigDump parse() throws IOException {
        return ConfigDump.parse(new ByteArrayInputStream(document));
    }

    /** Listener, virtual host, route and cluster of a request. */
    @Benchmark
    public Trace trace() {
        return Tracer.trace(dump, request);
    }

    /** The clusters of one service. */
    @Benchmark
    public int clustersOfService() {
        return dump.clusters().toService(service).size();
    }
}
