package dev.meshdx.testkit.bench;

import dev.meshdx.Mesh;
import dev.meshdx.MeshOptions;
import dev.meshdx.analysis.AnalysisOptions;
import dev.meshdx.finding.FindingCode;
import java.io.ByteArrayInputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * How the time of each check grows: its median over twice as many resources, by its median over as many. About 2 is linear, 4
 * is quadratic. Arguments: the smaller number of resources (10,000), and how often each is timed (9).
 */
public final class CheckGrowth {
    private CheckGrowth() {}

    private record Row(String code, double small, double large) {
        double growth() {
            return small <= 0 ? 0 : large / small;
        }
    }

    /** Prints a line a code, the worst growth first. */
    public static void main(String[] args) {
        int resources = args.length > 0 ? Integer.parseInt(args[0]) : 10_000;
        int runs = args.length > 1 ? Integer.parseInt(args[1]) : 9;
        PrintStream out = System.out;
        List<Row> rows = new ArrayList<>();
        try (Mesh small = open(resources);
                Mesh large = open(2 * resources)) {
            for (int i = 0; i < 5; i++) {
                time(small, AnalysisOptions.DEFAULT);
                time(large, AnalysisOptions.DEFAULT);
            }
            rows.add(row("all", small, large, AnalysisOptions.DEFAULT, runs));
            for (FindingCode code : AnalysisOptions.known()) {
                rows.add(row(code.code(), small, large, AnalysisOptions.DEFAULT.only(code.code()), runs));
            }
        }
        rows.sort(Comparator.comparingDouble(Row::large).reversed());
        out.printf(Locale.ROOT, "%-8s %10s %10s %7s%n", "code", resources + " ms", 2 * resources + " ms", "growth");
        rows.forEach(row -> out.printf(
                Locale.ROOT, "%-8s %10.2f %10.2f %7.2f%n", row.code(), row.small(), row.large(), row.growth()));
    }

    private static Row row(String code, Mesh small, Mesh large, AnalysisOptions options, int runs) {
        return new Row(code, median(small, options, runs), median(large, options, runs));
    }

    private static double median(Mesh mesh, AnalysisOptions options, int runs) {
        double[] times = new double[runs];
        time(mesh, options);
        for (int i = 0; i < runs; i++) {
            times[i] = time(mesh, options);
        }
        java.util.Arrays.sort(times);
        return times[runs / 2];
    }

    private static double time(Mesh mesh, AnalysisOptions options) {
        long start = System.nanoTime();
        int found = mesh.analyze(options).findings().size();
        double took = (System.nanoTime() - start) / 1e6;
        if (found < 0) {
            throw new IllegalStateException();
        }
        return took;
    }

    private static Mesh open(int resources) {
        return Mesh.manifests(
                "generated",
                new ByteArrayInputStream(Manifests.text(resources).getBytes(StandardCharsets.UTF_8)),
                MeshOptions.defaults());
    }
}
