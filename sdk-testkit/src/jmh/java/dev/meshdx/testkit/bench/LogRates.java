package dev.meshdx.testkit.bench;

import dev.meshdx.logs.LogParser;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One file, read in turn by {@code grep -c -E} with the four texts of the routine, by the count of the same lines, and by the whole
 * classification: how long each takes in this process, the first time and then on the median.
 */
public final class LogRates {
    private static final int RUNS = 9;

    private LogRates() {}

    private interface Reader {
        long read() throws IOException, InterruptedException;
    }

    /** Takes the size in megabytes; 300 unless given. */
    public static void main(String[] args) throws Exception {
        int megabytes = args.length > 0 ? Integer.parseInt(args[0]) : 300;
        Path file = Files.createTempFile("log-rates", ".log");
        try {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
                LargeLogs.write(LargeLogs.Form.TEXT, megabytes * 1_000_000L, out);
            }
            long size = Files.size(file);
            List<Reader> readers = List.of(
                    () -> grep(file),
                    () -> {
                        try (InputStream in = Files.newInputStream(file)) {
                            return LogParser.count(in, LogBenchmark.ROUTINE);
                        }
                    },
                    () -> LogParser.summarize(file).lines());
            List<List<Double>> seconds = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
            long[] answers = new long[3];
            for (int run = 0; run < RUNS; run++) {
                for (int i = 0; i < readers.size(); i++) {
                    long start = System.nanoTime();
                    answers[i] = readers.get(i).read();
                    seconds.get(i).add((System.nanoTime() - start) / 1e9);
                }
            }
            String[] names = {"grep -c -E", "count", "classification"};
            for (int i = 0; i < names.length; i++) {
                List<Double> sorted = seconds.get(i).stream().sorted().toList();
                System.out.printf(
                        Locale.ROOT,
                        "%-15s first %.2f s, median %.3f s (%.3f to %.3f), %.0f MB/s; answer %d%n",
                        names[i],
                        seconds.get(i).get(0),
                        sorted.get(RUNS / 2),
                        sorted.get(0),
                        sorted.get(RUNS - 1),
                        size / sorted.get(RUNS / 2) / 1e6,
                        answers[i]);
            }
        } finally {
            Files.delete(file);
        }
    }

    private static long grep(Path file) throws IOException, InterruptedException {
        ProcessBuilder grep =
                new ProcessBuilder("grep", "-c", "-E", String.join("|", LogBenchmark.ROUTINE), file.toString());
        grep.environment().put("LC_ALL", "C");
        Process process = grep.start();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        process.waitFor();
        return Long.parseLong(answer.strip());
    }
}
