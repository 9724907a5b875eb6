package dev.meshdx.testkit.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.sun.net.httpserver.HttpServer;
import dev.meshdx.Mesh;
import dev.meshdx.MeshOptions;
import dev.meshdx.health.ProxyStatuses;
import dev.meshdx.health.internal.SyncStatusParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.util.List;
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

/**
 * 10,000 proxies on 20 istiods: what they say, read; the whole question, with the pods beside it; and the bare token stream over
 * the same bytes, which cannot be undercut. The bodies are in memory, so downloading costs nothing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 6, time = 2)
@Fork(value = 1, jvmArgs = "-Xmx512m")
@SuppressWarnings("NullAway.Init")
public class ProxyStatusBenchmark {
    private static final JsonFactory TOKENS = new JsonFactory();

    /** How many proxies. */
    @Param("10000")
    public int proxies;

    /** On how many istiods. */
    @Param("20")
    public int istiods;

    private List<byte[]> answers;
    private Mesh mesh;
    private HttpServer server;

    /** Makes the answers. */
    @Setup(Level.Trial)
    public void setUp() throws IOException {
        ManyProxies source = new ManyProxies(proxies, istiods);
        answers = source.answers();
        mesh = Mesh.over(source, MeshOptions.defaults());
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] answer = answers.get(
                    Integer.parseInt(exchange.getRequestURI().getPath().substring(1)));
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
    }

    /** Closes the mesh. */
    @TearDown(Level.Trial)
    public void tearDown() {
        mesh.close();
        server.stop(0);
    }

    private InputStream download(int istiod) throws IOException {
        return new URL("http://127.0.0.1:" + server.getAddress().getPort() + "/" + istiod).openStream();
    }

    /** The download of each answer from a server in this process, and nothing but its tokens. */
    @Benchmark
    public int downloadTokens() throws IOException {
        int count = 0;
        for (int i = 0; i < istiods; i++) {
            try (InputStream in = download(i);
                    JsonParser parser = TOKENS.createParser(in)) {
                while (parser.nextToken() != null) {
                    count++;
                }
            }
        }
        return count;
    }

    /** The download of each answer, and the proxies in it. */
    @Benchmark
    public int downloadParse() throws IOException {
        int count = 0;
        for (int i = 0; i < istiods; i++) {
            try (InputStream in = download(i)) {
                count += SyncStatusParser.read(in, "istiod", "default", null)
                        .proxies()
                        .size();
            }
        }
        return count;
    }

    /** Nothing but the tokens. */
    @Benchmark
    public int tokens() throws IOException {
        int count = 0;
        for (byte[] answer : answers) {
            try (JsonParser parser = TOKENS.createParser(new ByteArrayInputStream(answer))) {
                while (parser.nextToken() != null) {
                    count++;
                }
            }
        }
        return count;
    }

    /** The proxies in the answers, one answer after the other. */
    @Benchmark
    public int parse() throws IOException {
        int count = 0;
        for (byte[] answer : answers) {
            count += SyncStatusParser.read(new ByteArrayInputStream(answer), "istiod", "default", null)
                    .proxies()
                    .size();
        }
        return count;
    }

    /** The whole question: all istiods at once, compared with the pods. */
    @Benchmark
    public ProxyStatuses proxyStatus() {
        return mesh.proxyStatus();
    }
}
