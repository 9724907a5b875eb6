package dev.meshdx.testkit.bench;

import dev.meshdx.Mesh;
import dev.meshdx.MeshOptions;
import dev.meshdx.analysis.Analysis;
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

/**
 * The analysis of manifests with services, pods, VirtualServices and DestinationRules, a quarter of each, in forty namespaces;
 * one VirtualService in twenty names a host that does not exist.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(value = 1, jvmArgs = "-Xmx3g")
@SuppressWarnings("NullAway.Init")
public class AnalysisBenchmark {
    /** How many resources there are. */
    @Param({"1000", "10000"})
    public int resources;

    private byte[] manifests;
    private Mesh mesh;

    /** Writes the manifests. */
    @Setup
    public void setUp() {
        StringBuilder yaml = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            yaml.append("""
                    ---
                    apiVersion: v1
                    kind: Namespace
                    metadata:
                      name: team-%d
                      labels:
                        istio-injection: enabled
                    """.formatted(i));
        }
        int each = resources / 4;
        int mistakes = 0;
        for (int i = 0; i < each; i++) {
            boolean wrong = i % 20 == 7;
            mistakes += wrong ? 1 : 0;
            yaml.append(OF_A_SERVICE.formatted(i, i % 40, wrong ? "gone-" + i : "service-" + i));
        }
        manifests = yaml.toString().getBytes(StandardCharsets.UTF_8);
        mesh = open();
        int found = mesh.analyze().findings().size();
        if (found < mistakes) {
            throw new IllegalStateException("Expected at least " + mistakes + " findings, but there are " + found);
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

    private static final String OF_A_SERVICE = """
            ---
            apiVersion: v1
            kind: Service
            metadata:
              name: service-%1$d
              namespace: team-%2$d
            spec:
              selector:
                app: service-%1$d
              ports:
              - name: http
                port: 8080
            ---
            apiVersion: v1
            kind: Pod
            metadata:
              name: service-%1$d-0
              namespace: team-%2$d
              labels:
                app: service-%1$d
                version: v1
            spec:
              containers:
              - name: app
                image: app:1
              - name: istio-proxy
                image: proxyv2:1
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata:
              name: service-%1$d
              namespace: team-%2$d
            spec:
              host: service-%1$d.team-%2$d.svc.cluster.local
              subsets:
              - name: v1
                labels:
                  version: v1
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata:
              name: service-%1$d
              namespace: team-%2$d
            spec:
              hosts:
              - service-%1$d.team-%2$d.svc.cluster.local
              http:
              - route:
                - destination:
                    host: %3$s.team-%2$d.svc.cluster.local
                    port:
                      number: 8080
            """;
}
