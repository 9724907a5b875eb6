package dev.meshdx.testkit.bench;

import dev.meshdx.logs.LogLines;
import dev.meshdx.logs.LogParser;
import java.util.ArrayList;
import java.util.List;
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
import org.openjdk.jmh.annotations.Warmup;

/** 100,000 lines of a proxy's log: the default access log, one request in a hundred failed, one line in twenty Envoy's own. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(value = 1, jvmArgs = "-Xmx3g")
@SuppressWarnings("NullAway.Init")
public class LogBenchmark {
    private static final int LINES = 100_000;

    private List<String> lines;

    /** Writes the log. */
    @Setup
    public void setUp() {
        lines = new ArrayList<>(LINES);
        for (int i = 0; i < LINES; i++) {
            String time = "2026-03-01T12:%02d:%02d.%03dZ".formatted(i / 60_000 % 60, i / 1000 % 60, i % 1000);
            if (i % 20 == 0) {
                lines.add(time
                        + "\tinfo\txdsproxy\tconnected to delta upstream XDS server: istiod.istio-system.svc:15012");
            } else if (i % 100 == 1) {
                lines.add(
                        "[%s] \"GET /orders/%d HTTP/1.1\" 503 UF,URX upstream_reset_before_response_started{remote_connection_failure} - \"delayed connect error: Connection refused\" 0 145 11 - \"-\" \"curl/8.5\" \"5b8ab1a7-%d\" \"orders:8080\" \"10.0.1.7:8080\" outbound|8080||orders.shop.svc.cluster.local - 10.96.4.2:8080 10.0.2.9:51234 - default"
                                .formatted(time, i, i));
            } else {
                lines.add(
                        "[%s] \"GET /orders/%d HTTP/1.1\" 200 - via_upstream - \"-\" 0 312 4 3 \"-\" \"curl/8.5\" \"5b8ab1a7-%d\" \"orders:8080\" \"10.0.1.7:8080\" outbound|8080||orders.shop.svc.cluster.local 10.0.2.9:40112 10.96.4.2:8080 10.0.2.9:51234 - default"
                                .formatted(time, i, i));
            }
        }
        LogLines parsed = LogParser.read(lines);
        if (parsed.accessLog().size() != LINES - LINES / 20
                || parsed.accessLog().failures().size() != LINES / 100) {
            throw new IllegalStateException("The log was not understood: " + parsed.accessLog());
        }
    }

    /** Takes every line apart and sorts the failures into patterns. */
    @Benchmark
    public int classify() {
        LogLines parsed = LogParser.read(lines);
        return parsed.patterns().stream().toList().size()
                + parsed.accessLog().failures().size();
    }
}
