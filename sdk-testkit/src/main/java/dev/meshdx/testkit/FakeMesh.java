package dev.meshdx.testkit;

import dev.meshdx.Mesh;
import dev.meshdx.MeshOptions;
import dev.meshdx.annotation.Internal;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.testkit.internal.ClusterState;
import dev.meshdx.testkit.internal.ConfigDumpPage;
import dev.meshdx.testkit.internal.Documents;
import dev.meshdx.testkit.internal.FakeServer;
import dev.meshdx.testkit.internal.Page;
import dev.meshdx.testkit.internal.Recording;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import okio.ByteString;

/**
 * A cluster with a mesh that exists only in this JVM: an API server on a port of the loopback interface (HTTPS, tokens and
 * client certificates, discovery, lists with selectors and pages, logs, port-forward), and behind its tunnels the ports of the
 * pods, which answer HTTP. Real {@code kubectl} and every Kubernetes client work against it, for reading.
 *
 * <pre>{@code
 * try (FakeMesh mesh = FakeMesh.fromYaml("""
 *         apiVersion: v1
 *         kind: Pod
 *         metadata: {name: web, namespace: production}
 *         spec: {containers: [{name: web}, {name: istio-proxy}]}
 *         """)) {
 *     mesh.page("production", "web", 15000, "/ready", "LIVE\n");
 *     mesh.deny("list", "secrets");
 *     mesh.fault("/api/v1/pods*", Fault.status(503).times(1));
 *     mesh.connect().version(); // or start kubectl with mesh.writeKubeconfig(…)
 *     mesh.verifyNoUnexpectedRequests();
 * }
 * }</pre>
 *
 * <p>It is a fake, not a cluster: there are no controllers, nothing can be written (405), watched (405) or executed. What it
 * does not know it refuses and remembers, see {@link #unexpectedRequests()}. The one thing that can be changed are the log levels of
 * proxies ({@code POST /logging?…}), as {@code mesh.changes()} does. Starting takes some tens of milliseconds. Safe for
 * use by several threads; several fakes in one JVM know nothing of each other. All threads are daemons named
 * {@code mesh-fake-…}, and none is left after {@link #close()}.
 */
public final class FakeMesh implements AutoCloseable {
    /** The user of {@link #kubeconfig()}, who may do everything that no rule denies. */
    public static final String ADMIN = "admin";

    private static final int ENVOY = 15000;

    private final ClusterState state;
    private final FakeServer server;
    private final AutoCloseable resource;

    private FakeMesh(ClusterState state, AutoCloseable resource) {
        this.state = state;
        this.resource = resource;
        this.server = new FakeServer(state);
    }

    /** Starts an empty cluster. */
    public static FakeMesh start() {
        return start(new ClusterState());
    }

    /** Describes a mesh in the field's terms; {@link FakeMeshBuilder#start()} starts it. */
    public static FakeMeshBuilder builder() {
        return FakeMeshBuilder.create();
    }

    /** Starts a mesh in a known state. */
    public static FakeMesh start(Scenario scenario) {
        return scenario.builder().start();
    }

    /**
     * A mesh as a user of the SDK sees it: over HTTPS and the tunnels, as {@link #ADMIN}. A fake from a recording is judged at
     * the time of the recording. Close it before the fake.
     */
    public Mesh connect() {
        MeshOptions options = options();
        return Mesh.connect(
                recordedAt().map(at -> options.toBuilder().judgedAt(at).build()).orElse(options));
    }

    /** Starts a cluster with a state that somebody filled. */
    @Internal
    public static FakeMesh start(ClusterState state) {
        return new FakeMesh(state, () -> {});
    }

    /**
     * Starts a cluster with the objects of a YAML (or JSON) text, as one would give them to {@code kubectl apply}. Namespaces
     * that are only mentioned exist too; a Pod without status runs and is ready.
     *
     * @throws IllegalArgumentException if the text is not YAML, or names an unknown kind without its definition
     */
    public static FakeMesh fromYaml(String yaml) {
        ClusterState state = new ClusterState();
        Documents.put(state, Documents.read(yaml));
        return start(state);
    }

    /**
     * Starts a cluster with the objects of files and folders.
     *
     * @throws IllegalArgumentException as {@link #fromYaml(String)}, and if there is no such file
     */
    public static FakeMesh fromYaml(Path... paths) {
        ClusterState state = new ClusterState();
        Documents.put(state, Documents.read(List.of(paths)));
        return start(state);
    }

    /**
     * Starts a cluster that answers as a mesh did when it was recorded: its objects, the pages of its proxies and istiods, its
     * logs. Ports that refused then refuse now, and what hung hangs. The cluster's clock stands at the time of the recording.
     *
     * @param recording a folder, or a zip file of one
     * @throws IllegalArgumentException if there is no recording
     */
    public static FakeMesh fromRecording(Path recording) {
        Recording opened = Recording.open(recording);
        return new FakeMesh(opened.state(), opened);
    }

    // Ways in

    /** Where the API server listens: {@code https://127.0.0.1:PORT}. */
    public URI url() {
        return server.url();
    }

    /** The token of {@link #ADMIN}. */
    public String token() {
        return server.token(ADMIN);
    }

    /** The certificate of the cluster's authority, in PEM. */
    public String certificateAuthority() {
        return server.certificateAuthority();
    }

    /** A kubeconfig with a context for each user: {@code fake} for {@link #ADMIN} (current), {@code fake-NAME} for others. */
    public String kubeconfig() {
        return server.kubeconfig(ADMIN);
    }

    /** The same kubeconfig with the context of a user as the current one. */
    public String kubeconfig(String user) {
        return server.kubeconfig(user);
    }

    /**
     * Writes {@link #kubeconfig()} into a file, for {@code kubectl} and other programs.
     *
     * @return the file
     */
    public Path writeKubeconfig(Path file) {
        try {
            Path directory = file.toAbsolutePath().getParent();
            if (directory == null) {
                throw new IllegalArgumentException(file + " is no file.");
            }
            // Written aside and moved, so that nobody reads half of it.
            Path aside = Files.createTempFile(directory, ".kubeconfig", ".tmp");
            Files.writeString(aside, kubeconfig(), StandardCharsets.UTF_8);
            Files.move(aside, file, StandardCopyOption.REPLACE_EXISTING);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Options to connect as {@link #ADMIN}. */
    public MeshOptions options() {
        return options(ADMIN);
    }

    /** Options to connect as a user. */
    public MeshOptions options(String user) {
        return MeshOptions.builder().kubeconfigText(kubeconfig(user)).build();
    }

    // Users and rights

    /** Adds a user with a token, who may do everything that no rule denies. */
    public FakeMesh addUser(String name, String... groups) {
        server.addUser(name, List.of(groups));
        return this;
    }

    /** Adds a user with a client certificate. */
    public FakeMesh addCertificateUser(String name, String... groups) {
        server.addCertificateUser(
                name,
                List.of(groups),
                Instant.now().minusSeconds(60),
                Instant.now().plusSeconds(365L * 24 * 3600));
        return this;
    }

    /** Adds a user with a client certificate that was good until a time in the past: the server says 401. */
    public FakeMesh addExpiredCertificateUser(String name) {
        server.addCertificateUser(
                name, List.of(), Instant.now().minusSeconds(7200), Instant.now().minusSeconds(3600));
        return this;
    }

    /**
     * Denies a verb on a resource to everybody, everywhere.
     *
     * @param verb such as {@code list}; a star for all
     * @param resource as in RBAC rules: {@code secrets}, {@code pods/log}, {@code gateways.networking.istio.io}; a star stands
     *     for any text
     * @throws IllegalArgumentException if the resource is not served: a mistyped rule would deny nothing
     */
    public FakeMesh deny(String verb, String resource) {
        return deny("*", verb, resource, "*");
    }

    /**
     * Denies a verb on a resource to a user.
     *
     * @param user a user's or a group's name; a star for all
     * @param namespace where; a star for everywhere, cluster-wide requests included; empty for cluster-wide requests only
     */
    public FakeMesh deny(String user, String verb, String resource, String namespace) {
        server.rule(false, user, verb, resource, namespace);
        return this;
    }

    /** Denies everything to a user; {@link #allow} opens single things again. */
    public FakeMesh denyAll(String user) {
        return deny(user, "*", "*", "*");
    }

    /** Allows what an earlier rule denied: the last rule that matches counts. Parameters as those of {@code deny}. */
    public FakeMesh allow(String user, String verb, String resource, String namespace) {
        server.rule(true, user, verb, resource, namespace);
        return this;
    }

    /** Forgets all rules. */
    public FakeMesh clearRules() {
        server.clearRules();
        return this;
    }

    /**
     * Gives a user a new token, as when the old one expires: requests with the old one get 401 from now on.
     *
     * @return the new token
     */
    public String renewToken(String user) {
        return server.renewToken(user);
    }

    // What goes wrong

    /**
     * Makes answers of the API server go wrong.
     *
     * @param path a path such as {@code /api/v1/pods}, in which a star stands for any text; it matches whatever the query is,
     *     unless it names one
     */
    public FakeMesh fault(String path, Fault fault) {
        server.fault(path, fault);
        return this;
    }

    /** Answers the next requests with 401, then as usual. */
    public FakeMesh unauthorized(int times) {
        return fault("*", Fault.status(401).times(times));
    }

    /** Ends all faults of the API server. */
    public FakeMesh clearFaults() {
        server.clearFaults();
        return this;
    }

    /** Makes all answers of a pod's port go wrong. */
    public FakeMesh podFault(String namespace, String pod, int port, Fault fault) {
        return podFault(namespace, pod, port, "*", fault);
    }

    /** Makes the answers of a pod's port on a path go wrong; a star stands for any text. */
    public FakeMesh podFault(String namespace, String pod, int port, String path, Fault fault) {
        state.fault(namespace, pod, port, path, fault);
        return this;
    }

    /** Ends all faults of a pod's port. */
    public FakeMesh clearPodFaults(String namespace, String pod, int port) {
        state.clearFaults(namespace, pod, port);
        return this;
    }

    /** Makes continue tokens that were given out too old: the next page is 410. */
    public FakeMesh expireContinueTokens() {
        server.expireContinueTokens();
        return this;
    }

    /** Stops to listen and ends all connections, tunnels too: connections are refused. */
    public FakeMesh down() {
        server.down();
        return this;
    }

    /** Listens again after {@link #down()}, at the same address. */
    public FakeMesh up() {
        server.up();
        return this;
    }

    // What the cluster holds

    /** Adds the objects of a YAML text, or replaces those of their names. */
    public FakeMesh addObject(String yaml) {
        Documents.put(state, Documents.read(yaml));
        return this;
    }

    /** Takes an object away. */
    public FakeMesh remove(ResourceKind kind, String namespace, String name) {
        state.remove(kind, namespace, name);
        return this;
    }

    /** The objects of a kind, in all namespaces. */
    public List<Resource> objects(ResourceKind kind) {
        return state.list(kind, "");
    }

    /** Stops to serve a kind, as if its CustomResourceDefinition were not installed. */
    public FakeMesh uninstall(ResourceKind kind) {
        state.uninstall(kind);
        return this;
    }

    /** Serves a kind, in these versions; the first is the preferred one. */
    public FakeMesh install(ResourceKind kind, String... versions) {
        state.install(kind, versions);
        return this;
    }

    /**
     * Lets a port of a pod answer 200 on a path; it listens from then on.
     *
     * @param path with query for just that question, without for every query
     * @param content JSON where it starts with a brace or bracket, else text
     */
    public FakeMesh page(String namespace, String pod, int port, String path, String content) {
        boolean json = content.startsWith("{") || content.startsWith("[");
        return page(namespace, pod, port, path, 200, json ? "application/json" : "text/plain; charset=UTF-8", content);
    }

    /** Lets a port of a pod answer on a path. */
    public FakeMesh page(
            String namespace, String pod, int port, String path, int status, String contentType, String content) {
        state.page(namespace, pod, port, path, new Page(status, contentType, ByteString.encodeUtf8(content)));
        return this;
    }

    /**
     * What a pod's proxy has, as its {@code /config_dump?include_eds} says it: to look at, or to keep as a file.
     *
     * @throws IllegalArgumentException if the pod has no proxy that answers
     */
    public String configDump(String namespace, String pod) {
        return state.page(namespace, pod, ENVOY, "/config_dump?include_eds")
                .orElseThrow(() -> new IllegalArgumentException(
                        "Pod " + namespace + "/" + pod + " has no proxy that answers /config_dump."))
                .body()
                .utf8();
    }

    /**
     * Lets a pod's proxy answer {@code /config_dump} with a recorded dump, whose parameters it honours as Envoy does.
     *
     * @param json the text of the dump; what is none is served as it is
     */
    public FakeMesh withConfigDump(String namespace, String pod, String json) {
        Page page = ConfigDumpPage.recorded(ByteString.encodeUtf8(json));
        state.page(namespace, pod, ENVOY, "/config_dump", page);
        return this;
    }

    /** As {@link #withConfigDump(String, String, String)}, with a file, which is read now. */
    public FakeMesh withConfigDump(String namespace, String pod, Path file) {
        try {
            return withConfigDump(namespace, pod, Files.readString(file, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Closes a port of a pod: connections are refused. */
    public FakeMesh closePort(String namespace, String pod, int port) {
        state.closePort(namespace, pod, port);
        return this;
    }

    /** The log of a container. */
    public FakeMesh log(String namespace, String pod, String container, String text) {
        state.log(namespace, pod, container, false, text);
        return this;
    }

    /** The log of a container's previous run. */
    public FakeMesh previousLog(String namespace, String pod, String container, String text) {
        state.log(namespace, pod, container, true, text);
        return this;
    }

    /** What the API server says of its version, such as {@code v1.34.2}. */
    public FakeMesh kubernetesVersion(String gitVersion) {
        String[] parts = gitVersion.replaceFirst("^v", "").split("\\.", -1);
        state.version(Json.object(
                "major",
                parts[0],
                "minor",
                parts.length > 1 ? parts[1] : "0",
                "gitVersion",
                gitVersion,
                "platform",
                "linux/amd64"));
        return this;
    }

    /** When the recording was made, where this is one. */
    public Optional<Instant> recordedAt() {
        return resource instanceof Recording ? Optional.of(state.now()) : Optional.empty();
    }

    // What was asked

    /** The requests that the API server got so far. */
    public List<RecordedRequest> requests() {
        return server.requests();
    }

    /** The requests that ports of pods got so far. */
    public List<RecordedPodRequest> podRequests() {
        return server.podRequests();
    }

    /**
     * Requests for what the fake does not know: an unknown path or kind (404), a write, a watch (405). Kinds that Kubernetes,
     * Istio or the Gateway API have are known, also where they are not installed.
     */
    public List<RecordedRequest> unexpectedRequests() {
        return server.unexpectedRequests();
    }

    /** Forgets the requests so far. */
    public FakeMesh forgetRequests() {
        server.forgetRequests();
        return this;
    }

    /**
     * Goes on only if there were no {@link #unexpectedRequests()}.
     *
     * @throws AssertionError that lists them
     */
    public void verifyNoUnexpectedRequests() {
        List<RecordedRequest> unexpected = unexpectedRequests();
        if (!unexpected.isEmpty()) {
            StringBuilder message = new StringBuilder("The fake mesh got ")
                    .append(unexpected.size())
                    .append(" request(s) that it does not know:");
            unexpected.stream()
                    .limit(20)
                    .forEach(request -> message.append("\n  ").append(request));
            throw new AssertionError(message.toString());
        }
    }

    /** Ends everything: connections, tunnels, threads. Does nothing the second time. */
    @Override
    public void close() {
        server.close();
        try {
            resource.close();
        } catch (Exception e) {
            throw new IllegalStateException("The recording does not close.", e);
        }
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "FakeMesh[" + url() + ", " + state.list(ResourceKind.POD, "").size() + " pods, "
                + requests().size() + " requests]";
    }
}
