package dev.meshdx.source.internal.live;

import dev.meshdx.error.MeshAccessException;
import dev.meshdx.error.MeshConnectionException;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.source.BodyReader;
import dev.meshdx.source.Deadline;
import dev.meshdx.source.ListQuery;
import dev.meshdx.source.LogQuery;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.PodRequest;
import dev.meshdx.source.internal.kubeconfig.ClusterAccess;
import dev.meshdx.source.internal.live.ListReader.Page;
import dev.meshdx.source.internal.live.PodTunnel.Target;
import dev.meshdx.source.internal.live.RefusedException.Answer;
import dev.meshdx.source.internal.live.Workers.Ticket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;

/**
 * A live cluster. It sends GET requests to the API server, and to pods through port-forwards; it never watches, and changes
 * nothing but what {@link #change} is told to. Documents are read as they arrive and as they are: a newer cluster with unknown fields is no problem.
 *
 * <p>Every method returns at its deadline at the latest, even if the other side sends one byte a second, and at once when the
 * calling thread is interrupted or the source is closed. Answers that mean "later" (429, 5xx) are asked for again, with
 * growing pauses, within the deadline.
 *
 * <p>All threads are daemons. They are named {@code mesh-live-…} and {@code mesh-tunnel-…}; OkHttp renames a thread while it
 * reads a tunnel. Safe for use by several threads.
 */
public final class LiveSource implements MeshSource {
    /** As kubectl's default. Source: kubectl docs, {@code --chunk-size}. */
    private static final int PAGE = 500;

    private static final Duration CONNECT = Duration.ofSeconds(10);

    private final ClusterAccess access;
    private final Workers workers = new Workers();
    private final ThreadPoolExecutor tunnelThreads;
    private final OkHttpClient http;
    private final ApiServer server;
    private final Discovery discovery;
    private final WebSocketTunnel tunnel;
    private final PodClients pods;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Over a connection that is set up, but not yet used. No I/O.
     *
     * @param access is closed with this source
     */
    public LiveSource(ClusterAccess access) {
        this.access = access;
        // OkHttp reads each WebSocket on one thread of the dispatcher.
        this.tunnelThreads = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, 5, TimeUnit.SECONDS, new SynchronousQueue<>(), Workers.threads("mesh-tunnel-"));
        Dispatcher dispatcher = new Dispatcher(tunnelThreads);
        dispatcher.setMaxRequests(Integer.MAX_VALUE);
        dispatcher.setMaxRequestsPerHost(Integer.MAX_VALUE);
        // Connections and threads of our own, so that closing them takes nothing from others who use the same client.
        this.http = access.http()
                .newBuilder()
                .socketFactory(new NoDelaySockets(access.http().socketFactory()))
                .dispatcher(dispatcher)
                .connectionPool(new ConnectionPool(8, 1, TimeUnit.MINUTES))
                .followRedirects(false)
                .followSslRedirects(false)
                .connectTimeout(CONNECT)
                .readTimeout(Duration.ZERO)
                .writeTimeout(Duration.ZERO)
                .callTimeout(Duration.ZERO)
                .build();
        this.server = new ApiServer(http, access.server());
        this.discovery = new Discovery(server);
        this.tunnel = new WebSocketTunnel(http, server);
        this.pods = new PodClients(tunnel);
    }

    @Override
    public Kind kind() {
        return Kind.LIVE;
    }

    @Override
    public String description() {
        return access.description();
    }

    @Override
    public Optional<Instant> recordedAt() {
        return Optional.empty();
    }

    @Override
    public String defaultNamespace() {
        return access.namespace().isEmpty() ? "default" : access.namespace();
    }

    @Override
    public List<Resource> list(ListQuery query, Deadline deadline) {
        String namespace = query.kind().namespaced() ? name(query.namespace(), true) : "";
        return workers.run(query.toString(), deadline, ticket -> list(ticket, query, namespace, deadline));
    }

    private List<Resource> list(Ticket ticket, ListQuery query, String namespace, Deadline deadline)
            throws InterruptedException {
        ResourceKind kind = query.kind();
        Question question = Question.of(query.toString(), "list", kind.group(), kind.plural(), namespace);
        for (String version : discovery.versions(ticket, kind, deadline)) {
            try {
                List<Resource> found = pages(ticket, query, question, version, namespace, deadline);
                discovery.served(kind, version);
                return found;
            } catch (RefusedException e) {
                Answer answer = e.answer();
                if (answer.code() != 404) {
                    throw ApiServer.refused(question, answer);
                }
                if (answer.status().at("details", "kind").text("").equals("namespaces")) {
                    return List.of();
                }
                requireNotFound(question, answer);
            }
        }
        discovery.forget(kind);
        throw Discovery.notInstalled(kind);
    }

    /**
     * All pages. A continue token is good for some minutes only; when one has expired the list is begun again, and the
     * second time it is asked for in one piece, as client-go does.
     */
    private List<Resource> pages(
            Ticket ticket, ListQuery query, Question question, String version, String namespace, Deadline deadline)
            throws RefusedException, InterruptedException {
        int limit = PAGE;
        boolean again = false;
        while (true) {
            List<Resource> found = new ArrayList<>();
            String next = "";
            try {
                do {
                    HttpUrl.Builder url = resources(query.kind(), version, namespace);
                    if (!query.labels().isEmpty()) {
                        url.addQueryParameter("labelSelector", selector(query));
                    }
                    if (limit > 0) {
                        url.addQueryParameter("limit", Integer.toString(limit));
                    }
                    if (!next.isEmpty()) {
                        url.addQueryParameter("continue", next);
                    }
                    Page page = server.json(
                            ticket,
                            question,
                            url.build(),
                            ApiServer.JSON,
                            deadline,
                            body -> ListReader.read(query.kind(), body));
                    if (page.next().equals(next) && !next.isEmpty()) {
                        throw new MeshProtocolException(question.what() + ": a page continues with itself.");
                    }
                    found.addAll(page.items());
                    if (found.size() > ListReader.MAX_ITEMS) {
                        throw new MeshProtocolException(
                                question.what() + ": the list holds more than " + ListReader.MAX_ITEMS + " items.");
                    }
                    next = page.next();
                } while (!next.isEmpty());
                return List.copyOf(found);
            } catch (RefusedException e) {
                if (e.answer().code() != 410) {
                    throw e;
                }
                if (limit == 0) {
                    throw new MeshConnectionException(
                            question.what() + ": the list expired while it was read, three times in a row (410): "
                                    + e.answer().text(),
                            "Ask for one namespace only, or give it more time; look at the API server's load.");
                }
                limit = again ? 0 : limit;
                again = true;
            }
        }
    }

    private static String selector(ListQuery query) {
        return query.labels().entrySet().stream()
                .map(label -> label.getKey() + "=" + label.getValue())
                .collect(Collectors.joining(","));
    }

    private HttpUrl.Builder resources(ResourceKind kind, String version, String namespace) {
        HttpUrl.Builder url =
                kind.group().isEmpty() ? server.url("api", version) : server.url("apis", kind.group(), version);
        if (!namespace.isEmpty()) {
            url.addPathSegment("namespaces").addPathSegment(namespace);
        }
        return url.addPathSegment(kind.plural());
    }

    /** A 404 that does not come from an API server says nothing about what there is. */
    private static void requireNotFound(Question question, Answer answer) {
        if (!answer.status().exists() && !answer.body().startsWith("404 page not found")) {
            throw new MeshProtocolException(
                    question.what() + ": answered 404, but not by an API server"
                            + (answer.text().isEmpty() ? "." : ": " + answer.text()),
                    "Check the server's address and path in the kubeconfig.",
                    null);
        }
    }

    @Override
    public Optional<Resource> find(ResourceKind kind, String namespace, String name, Deadline deadline) {
        String in = !kind.namespaced() ? "" : namespace.isEmpty() ? defaultNamespace() : name(namespace, false);
        String what = kind.kind() + " " + (in.isEmpty() ? "" : in + "/") + name(name, false);
        return workers.run(what, deadline, ticket -> find(ticket, what, kind, in, name, deadline));
    }

    private Optional<Resource> find(
            Ticket ticket, String what, ResourceKind kind, String namespace, String name, Deadline deadline)
            throws InterruptedException {
        Question question = Question.of(what, "get", kind.group(), kind.plural(), namespace);
        for (String version : discovery.versions(ticket, kind, deadline)) {
            try {
                HttpUrl url =
                        resources(kind, version, namespace).addPathSegment(name).build();
                Json document = server.json(ticket, question, url, ApiServer.JSON, deadline, Json::read);
                requireKind(what, kind, document);
                discovery.served(kind, version);
                return Optional.of(ListReader.resource(kind, document));
            } catch (RefusedException e) {
                Answer answer = e.answer();
                if (answer.code() != 404) {
                    throw ApiServer.refused(question, answer);
                }
                if (answer.namesObject()) {
                    discovery.served(kind, version);
                    return Optional.empty();
                }
                requireNotFound(question, answer);
            }
        }
        discovery.forget(kind);
        throw Discovery.notInstalled(kind);
    }

    private static void requireKind(String what, ResourceKind kind, Json document) {
        String got = document.at("kind").text("");
        if (!got.equals(kind.kind())) {
            throw new MeshProtocolException(
                    what + ": expected a " + kind.kind() + ", but got " + PlainText.kind(got) + ".");
        }
    }

    @Override
    public Json version(Deadline deadline) {
        Question question = Question.path("/version");
        return workers.run("/version of the API server", deadline, ticket -> {
            try {
                Json version = server.json(
                        ticket, question, server.url("version").build(), ApiServer.JSON, deadline, Json::read);
                if (!version.at("gitVersion").isText()) {
                    throw new MeshProtocolException("/version: the answer holds no gitVersion.");
                }
                return version;
            } catch (RefusedException e) {
                throw ApiServer.refused(question, e.answer());
            }
        });
    }

    @Override
    public <T> T log(LogQuery query, BodyReader<T> reader, Deadline deadline) {
        HttpUrl.Builder url = server.url(
                "api", "v1", "namespaces", name(query.namespace(), false), "pods", name(query.pod(), false), "log");
        if (!query.container().isEmpty()) {
            url.addQueryParameter("container", query.container());
        }
        if (query.tailLines() > 0) {
            url.addQueryParameter("tailLines", Integer.toString(query.tailLines()));
        }
        if (query.previous()) {
            url.addQueryParameter("previous", "true");
        }
        if (query.since() != null) {
            url.addQueryParameter(
                    "sinceSeconds", Long.toString(Math.max(1, query.since().toSeconds())));
        }
        Question question = Question.of(query.toString(), "get", "", "pods/log", query.namespace());
        return workers.run(query.toString(), deadline, ticket -> {
            try {
                return server.get(ticket, question, url.build(), deadline, reader);
            } catch (RefusedException e) {
                throw noLog(question, query, e.answer());
            }
        });
    }

    private static MeshException noLog(Question question, LogQuery query, Answer answer) {
        String says = answer.text().isEmpty() ? "." : ": " + answer.text();
        if (answer.code() == 404) {
            requireNotFound(question, answer);
            return new MeshNotFoundException(
                    "There is no pod " + query.namespace() + "/" + query.pod() + " (any more)" + says,
                    "List the pods again: kubectl get pods -n " + query.namespace());
        }
        if (answer.code() == 400) {
            // No such container, not started yet, or no previous run.
            return new MeshNotFoundException(
                    "There is no " + query + (query.previous() ? " of its previous run" : "") + says,
                    "See its containers and their states: kubectl describe pod -n " + query.namespace() + " "
                            + query.pod());
        }
        return ApiServer.refused(question, answer);
    }

    @Override
    public <T> T fetch(PodRequest request, BodyReader<T> reader, Deadline deadline) {
        return send(request.requireReads(), false, reader, deadline);
    }

    @Override
    public boolean canChange() {
        return true;
    }

    @Override
    public <T> T change(PodRequest request, BodyReader<T> reader, Deadline deadline) {
        return send(request, true, reader, deadline);
    }

    /** OkHttp sends again what a connection swallowed, unless the body can be sent only once. */
    private static final class Once extends RequestBody {
        @Override
        public @Nullable MediaType contentType() {
            return null;
        }

        @Override
        public long contentLength() {
            return 0;
        }

        @Override
        public void writeTo(BufferedSink sink) {}

        @Override
        public boolean isOneShot() {
            return true;
        }
    }

    private <T> T send(PodRequest request, boolean once, BodyReader<T> reader, Deadline deadline) {
        Target target = new Target(name(request.namespace(), false), name(request.pod(), false), request.port());
        String what = request.toString();
        Request.Builder http = new Request.Builder()
                .url(target.url(request.path()))
                .header("Host", "localhost:" + request.port())
                .header("User-Agent", "meshdx");
        if (request.method().equals("GET")) {
            http.get();
        } else {
            http.method(request.method(), once ? new Once() : RequestBody.create(new byte[0]));
        }
        return workers.run(what, deadline, ticket -> {
            try (PodClients.Lease lease = pods.lease(target)) {
                OkHttpClient client = once
                        ? lease.client()
                                .newBuilder()
                                .retryOnConnectionFailure(false)
                                .build()
                        : lease.client();
                return fetch(ticket, client, http.build(), what, target, reader, deadline);
            }
        });
    }

    private static <T> T fetch(
            Ticket ticket,
            OkHttpClient client,
            Request request,
            String what,
            Target target,
            BodyReader<T> reader,
            Deadline deadline)
            throws InterruptedException {
        Backoff backoff = new Backoff(deadline);
        while (true) {
            deadline.require(what);
            Call call = client.newCall(request);
            call.timeout().timeout(Math.max(1, deadline.remaining().toNanos()), TimeUnit.NANOSECONDS);
            ticket.track(call);
            try (Response response = call.execute()) {
                if (response.code() != 200) {
                    throw status(what, response, deadline);
                }
                return ApiServer.read(what, response.body().byteStream(), deadline, reader);
            } catch (IOException e) {
                TunnelException tunnel = Failures.find(e, TunnelException.class);
                // The API server said "later" to the tunnel: nothing has reached the pod.
                if (tunnel == null || !tunnel.temporary() || !backoff.pause(null)) {
                    throw noAnswer(what, target, e, deadline);
                }
            }
        }
    }

    private static MeshException noAnswer(String what, Target target, IOException e, Deadline deadline) {
        if (deadline.expired()) {
            return deadline.timeout(what);
        }
        MeshException known = Failures.known(e);
        if (known != null) {
            return known;
        }
        return new MeshConnectionException(
                what + ": the connection ended before there was an answer (" + PlainText.of(e.getMessage()) + ").",
                "See whether the process behind port " + target.port() + " speaks HTTP and is well: kubectl logs -n "
                        + target.namespace() + " " + target.pod() + " --all-containers --tail=50",
                e);
    }

    /** Another status than 200 is no answer to the question. */
    private static MeshException status(String what, Response response, Deadline deadline) throws IOException {
        String text;
        try {
            byte[] start = new BodyStream(response.body().byteStream(), what, deadline).readNBytes(4096);
            text = PlainText.of(new String(start, StandardCharsets.UTF_8));
        } catch (MeshProtocolException cutOff) {
            text = "";
        }
        String message = what + " answered " + response.code() + (text.isEmpty() ? "." : ": " + text);
        return switch (response.code()) {
            case 401, 403 ->
                new MeshAccessException(message, "The process in the pod itself refuses: see its settings.");
            case 404, 405 ->
                new MeshNotFoundException(message, "This version may not have the page, or not on this port.");
            case 400, 501 ->
                new MeshUnsupportedException(
                        Reason.UNSUPPORTED, message, "This version does not know the question, or not in this form.");
            default -> new MeshConnectionException(message, "Look at the log of the process that answers.");
        };
    }

    /** A name that can stand in a path; what cannot is no name of anything. */
    private static String name(String name, boolean optional) {
        boolean valid = (optional && name.isEmpty())
                || (!name.isEmpty()
                        && name.length() <= 253
                        && !name.startsWith(".")
                        && name.chars().allMatch(c -> c > ' ' && c < 0x7f && "/\\?#%".indexOf(c) < 0));
        if (!valid) {
            throw new MeshNotFoundException(
                    "\"" + PlainText.of(name) + "\" is not a name.", "Names are made of letters, digits, - and .");
        }
        return name;
    }

    /** How many tunnels are open, for tests. */
    int openTunnels() {
        return tunnel.openTunnels();
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        workers.closing();
        tunnel.close();
        workers.close();
        pods.close();
        http.dispatcher().cancelAll();
        http.connectionPool().evictAll();
        tunnelThreads.shutdown();
        access.onClose().run();
    }

    @Override
    public String toString() {
        return "LiveSource[" + access.description() + "]";
    }
}
