package dev.meshdx.testkit.bench;

import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.traffic.HttpRequest;
import dev.meshdx.traffic.Trace;
import dev.meshdx.traffic.Tracer;
import java.util.List;
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
import org.openjdk.jmh.infra.Blackhole;

/** Requests through configurations with 10,000 routes, or 40,000 authorization policies: see {@link LargeProxies}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgs = "-Xmx2g")
@SuppressWarnings("NullAway.Init")
public class TraceBenchmark {
    private static final int REQUESTS = 1024;

    /** What the proxy looks like. */
    @Param({"MESH", "GATEWAY", "EXPRESSIONS", "TENANTS", "TENANT_EXPRESSIONS", "INBOUND"})
    public String proxy;

    private ConfigDump dump;
    private Tracer tracer;
    private HttpRequest[] requests;
    private List<HttpRequest> everywhere;
    private int next;

    /** Makes the configuration and the requests, and makes sure that most are taken. */
    @Setup
    public void setUp() {
        LargeProxies shape = LargeProxies.valueOf(proxy);
        dump = shape.dump();
        requests = shape.requests(REQUESTS).toArray(HttpRequest[]::new);
        everywhere = shape.everywhere();
        tracer = Tracer.of(dump);
        int taken = 0;
        for (HttpRequest request : requests) {
            taken += tracer.trace(request).kind() == Trace.Kind.ROUTE ? 1 : 0;
        }
        if (taken < REQUESTS * 0.69 || taken > REQUESTS * 0.95) {
            throw new IllegalStateException(
                    taken + " requests of " + REQUESTS + " are taken, first: " + tracer.trace(requests[9]));
        }
    }

    private HttpRequest next() {
        return requests[next++ & (REQUESTS - 1)];
    }

    /** How it ends, by which route, and where it goes. */
    @Benchmark
    public void trace(Blackhole hole) {
        Trace trace = tracer.trace(next());
        hole.consume(trace.kind());
        hole.consume(trace.route());
        hole.consume(trace.cluster());
    }

    /** The same, and what would have taken it but for one thing. */
    @Benchmark
    public List<?> nearMisses() {
        return tracer.trace(next()).nearMisses();
    }

    /** Makes the configuration ready, and every virtual host and filter chain of it by a request to it. */
    @Benchmark
    @BenchmarkMode(Mode.AverageTime)
    @OutputTimeUnit(TimeUnit.MILLISECONDS)
    public Tracer compile() {
        Tracer fresh = Tracer.of(dump);
        everywhere.forEach(fresh::trace);
        return fresh;
    }
}
