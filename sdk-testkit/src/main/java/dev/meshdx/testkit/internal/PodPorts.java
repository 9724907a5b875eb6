package dev.meshdx.testkit.internal;

import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.testkit.Fault;
import dev.meshdx.testkit.RecordedPodRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import okio.ByteString;

/** The processes in the fake pods: HTTP/1.1 servers that answer with the pages of the cluster's state. */
final class PodPorts {
    /** Envoy's admin interface sends its pages in chunks, as everything whose length it does not know at first. */
    private static final int ENVOY_ADMIN = 15000;

    private static final Set<Fault.Kind> SWALLOWING =
            EnumSet.of(Fault.Kind.HANG, Fault.Kind.DISCONNECT, Fault.Kind.RUBBISH, Fault.Kind.ANSWER);

    /** Talks to a port of a pod until one side ends the connection. */
    @FunctionalInterface
    interface Dialer {
        void talk(int port, InputStream in, OutputStream out)
                throws RefusedException, IOException, InterruptedException;
    }

    /** Why a port cannot be reached, in the words of the kubelet. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1;

        RefusedException(String message) {
            super(message);
        }
    }

    private final ClusterState state;
    private final CountDownLatch closing;
    private final Queue<RecordedPodRequest> requests = new ConcurrentLinkedQueue<>();

    PodPorts(ClusterState state, CountDownLatch closing) {
        this.state = state;
        this.closing = closing;
    }

    Dialer dialer(String namespace, String pod) {
        return (port, in, out) -> talk(namespace, pod, port, in, out);
    }

    List<RecordedPodRequest> requests() {
        return List.copyOf(requests);
    }

    void forgetRequests() {
        requests.clear();
    }

    private void talk(String namespace, String pod, int port, InputStream in, OutputStream out)
            throws RefusedException, IOException, InterruptedException {
        Optional<Resource> object = state.find(ResourceKind.POD, namespace, pod);
        String id = sandbox(namespace, pod);
        String prefix = "error forwarding port " + port + " to pod " + id + ", uid : ";
        if (object.isEmpty()) {
            throw new RefusedException(prefix + "failed to find sandbox \"" + id + "\" in store: not found");
        }
        if (!object.get().status().at("phase").text("").equals("Running")) {
            throw new RefusedException(prefix + "sandbox container \"" + id + "\" is not running");
        }
        if (!state.listens(namespace, pod, port)) {
            throw new RefusedException(prefix
                    + "failed to execute portforward in network namespace \"/var/run/netns/cni-" + id
                    + "\": failed to connect to localhost:" + port + " inside namespace \"" + id
                    + "\", IPv4: dial tcp4 127.0.0.1:" + port + ": connect: connection refused IPv6 dial tcp6 [::1]:"
                    + port + ": connect: connection refused ");
        }
        new HttpConnection(in, out, closing).serve(request -> answer(namespace, pod, port, request));
    }

    private HttpResponse answer(String namespace, String pod, int port, HttpRequest request) {
        Optional<Fault> fault = state.fault(namespace, pod, port, request.target());
        HttpResponse response;
        if (fault.map(Fault::kind).filter(SWALLOWING::contains).isPresent()) {
            // The process never sees the request: what it would change stays as it is.
            response = HttpResponse.text(200, "");
        } else if (port == ENVOY_ADMIN
                && request.target().split("\\?", 2)[0].equals("/logging")
                && !request.method().equals("POST")) {
            // Envoy answers so wherever a page could change something, even where nothing is given to change.
            response = HttpResponse.text(405, "Method " + request.method() + " not allowed, POST required.");
        } else {
            response = state.page(namespace, pod, port, request.target())
                    .map(HttpResponse::of)
                    .orElseGet(() -> HttpResponse.text(404, "404 page not found\n"));
        }
        if (port == ENVOY_ADMIN) {
            response = response.inChunks();
        }
        if (fault.isPresent() && fault.get().kind() == Fault.Kind.ANSWER) {
            response = HttpResponse.of(
                    fault.get().status(),
                    fault.get().contentType(),
                    ByteString.encodeUtf8(fault.get().body().orElse("")));
        }
        response = response.with(fault.orElse(null));
        requests.add(new RecordedPodRequest(
                namespace, pod, port, request.method(), request.target(), ApiServer.statusOf(response)));
        return response;
    }

    /** What container runtimes call the sandbox of a pod: 64 hexadecimal digits. */
    private static String sandbox(String namespace, String pod) {
        byte[] name = (namespace + "/" + pod).getBytes(StandardCharsets.UTF_8);
        String half = UUID.nameUUIDFromBytes(name).toString().replace("-", "");
        return half + half;
    }
}
