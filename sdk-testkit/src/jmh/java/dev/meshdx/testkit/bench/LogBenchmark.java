package dev.meshdx.testkit.bench;

import dev.meshdx.logs.LogFormat;
import dev.meshdx.logs.LogLines;
import dev.meshdx.logs.LogParser;
import dev.meshdx.logs.LogSummary;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

/** 64 MiB of a proxy's log: 1,000 ms an operation are 67 MB/s. One thread, a heap of 256 MiB. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgs = "-Xmx256m")
@SuppressWarnings("NullAway.Init")
public class LogBenchmark {
    /** The texts of the routine by hand. */
    static final List<String> ROUTINE =
            List.of("upstream connect error", "Connection refused", "CERTIFICATE_VERIFY_FAILED", "no healthy upstream");

    private static final int MEGABYTES = 64;

    /** What the lines look like. */
    @Param({"TEXT", "FAILING", "JSON"})
    public String form;

    private byte[] log;
    private String start;

    /** Writes the log. */
    @Setup
    public void setUp() throws IOException {
        log = LargeLogs.bytes(LargeLogs.Form.valueOf(form), MEGABYTES);
        LogSummary read = LogParser.summarize(new ByteArrayInputStream(log), LogFormat.usual());
        double share = (double) read.access().failed() / read.access().entries();
        if (read.notUnderstood() > 0 || share < 0.005 || form.equals("FAILING") != (share == 1)) {
            throw new IllegalStateException("The log was not understood: " + read);
        }
        start = new String(log, 0, 1 << 20, StandardCharsets.US_ASCII);
    }

    /** Takes every line apart, finds its patterns, counts and groups. */
    @Benchmark
    public LogSummary summarize() throws IOException {
        return LogParser.summarize(new ByteArrayInputStream(log), LogFormat.usual());
    }

    /** Counts the lines with one of the routine's texts, as grep does. */
    @Benchmark
    public long count() throws IOException {
        return LogParser.count(new ByteArrayInputStream(log), ROUTINE);
    }

    /** Makes values of the lines of the first MiB, to be kept. */
    @Benchmark
    public LogLines lines() {
        return LogParser.read(start);
    }
}
