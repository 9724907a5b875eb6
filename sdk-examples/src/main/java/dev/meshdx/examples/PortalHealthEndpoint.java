package dev.meshdx.examples;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.meshdx.Mesh;
import dev.meshdx.diagnosis.Diagnosis;
import dev.meshdx.diagnosis.StepOutcome;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.report.Documents;
import dev.meshdx.report.Format;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A portal's page of mesh health: {@code GET /mesh/NAMESPACE} answers 200 when the namespace is healthy, 503 when it is not,
 * 404 when there is no such namespace, 504 when nothing can be said; with the whole report as JSON. Answers are kept for a while: a portal has many readers and a
 * mesh should have few.
 *
 * <p>Do not use a diagnosis as a liveness probe: a mesh that is sick is no reason to restart the one who looks at it.
 */
public final class PortalHealthEndpoint implements AutoCloseable {
    private static final Duration KEEP = Duration.ofSeconds(30);

    private record Answer(Instant at, int status, String body) {}

    private final Mesh mesh;
    private final HttpServer server;
    private final ExecutorService workers;
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();

    /** Serves on a port of the loopback interface; 0 picks one. */
    public PortalHealthEndpoint(Mesh mesh, int port) throws IOException {
        this.mesh = mesh;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        this.workers = Executors.newFixedThreadPool(2, runnable -> {
            Thread thread = new Thread(runnable, "portal");
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(workers);
        server.createContext("/mesh/", this::answer);
        server.start();
    }

    /** The port. */
    public int port() {
        return server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String namespace = exchange.getRequestURI().getPath().substring("/mesh/".length());
        if (!namespace.matches("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")) {
            exchange.sendResponseHeaders(400, -1);
            exchange.close();
            return;
        }
        // Whoever asks while the answer is being made waits for the same answer.
        Answer answer = answers.compute(
                namespace,
                (name, kept) -> kept == null || kept.at.plus(KEEP).isBefore(Instant.now()) ? ask(name) : kept);
        byte[] body = answer.body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(answer.status, body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    // #region ask
    private Answer ask(String namespace) {
        try {
            Diagnosis diagnosis = mesh.namespace(namespace).diagnose();
            if (diagnosis.steps().stream().allMatch(step -> step.status() == StepOutcome.Status.INCONCLUSIVE)) {
                return new Answer(Instant.now(), 504, json(diagnosis));
            }
            return new Answer(Instant.now(), diagnosis.isHealthy() ? 200 : 503, json(diagnosis));
        } catch (MeshNotFoundException e) {
            return new Answer(Instant.now(), 404, "{\"error\": \"NOT_FOUND\"}");
        } catch (MeshException e) {
            // No access at all: that says nothing about the mesh.
            return new Answer(Instant.now(), 504, "{\"error\": \"" + e.reason() + "\"}");
        }
    }

    private static String json(Diagnosis diagnosis) {
        return Documents.of(diagnosis).render(Format.JSON).toString();
    }
    // #endregion

    @Override
    public void close() {
        server.stop(0);
        workers.shutdownNow();
    }

    /** Serves the mesh of the current kubeconfig context until interrupted. */
    public static void main(String[] args) throws Exception {
        try (Mesh mesh = Mesh.connect();
                PortalHealthEndpoint portal =
                        new PortalHealthEndpoint(mesh, args.length > 0 ? Integer.parseInt(args[0]) : 8088)) {
            System.out.println("http://localhost:" + portal.port() + "/mesh/default");
            Thread.currentThread().join();
        }
    }
}
