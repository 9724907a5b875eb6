package dev.meshdx;

import dev.meshdx.analysis.Analysis;
import dev.meshdx.analysis.AnalysisOptions;
import dev.meshdx.analysis.internal.AnalysisRunner;
import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.annotation.Experimental;
import dev.meshdx.diagnosis.Diagnosis;
import dev.meshdx.diagnosis.internal.Diagnoser;
import dev.meshdx.finding.Finding;
import dev.meshdx.health.ProxyStatuses;
import dev.meshdx.health.internal.ProxyStatusReader;
import dev.meshdx.model.Scope;
import dev.meshdx.security.Certificates;
import dev.meshdx.security.MtlsReport;
import dev.meshdx.security.internal.CertificatesReader;
import dev.meshdx.security.internal.MtlsReader;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.Session;
import dev.meshdx.source.internal.kubeconfig.ClusterAccessFactory;
import dev.meshdx.source.internal.live.LiveSource;
import dev.meshdx.source.internal.manifests.LayeredSource;
import dev.meshdx.source.internal.manifests.ManifestSource;
import dev.meshdx.source.internal.recorded.RecordedSource;
import dev.meshdx.traffic.HttpRequest;
import dev.meshdx.traffic.MeshTrace;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A service mesh: a live one, a recorded one, or one that exists as manifests only.
 *
 * <pre>{@code
 * try (Mesh mesh = Mesh.connect("prod-eu")) {
 *     Diagnosis diagnosis = mesh.namespace("production").pod("web-7d4b9-x2x").diagnose();
 *     System.out.println(diagnosis.verdict());
 * }
 * }</pre>
 *
 * <p>Nouns navigate and do no I/O; a verb or a result ends the sentence and does it. Connecting does no I/O either. Close the
 * mesh: it is the only thing that must be closed. Safe for use by several threads.
 */
@CheckReturnValue
public final class Mesh implements AutoCloseable {
    private final MeshContext context;

    private Mesh(MeshContext context) {
        this.context = context;
    }

    /**
     * Connects with the current kubeconfig context or, inside a pod, with the pod's service account. Sends no request.
     *
     * @throws dev.meshdx.error.MeshConfigurationException if neither is there, or the kubeconfig is wrong
     */
    public static Mesh connect() {
        return connect(MeshOptions.defaults());
    }

    /**
     * Connects with a kubeconfig context. Sends no request.
     *
     * @throws dev.meshdx.error.MeshConfigurationException if there is no such context, or the kubeconfig is wrong
     */
    public static Mesh connect(String context) {
        return connect(MeshOptions.builder().context(context).build());
    }

    /**
     * Connects as the options say. Sends no request.
     *
     * @throws dev.meshdx.error.MeshConfigurationException if what they name is missing or wrong
     */
    public static Mesh connect(MeshOptions options) {
        return over(new LiveSource(ClusterAccessFactory.open(AccessRequests.of(options))), options);
    }

    /**
     * A mesh that exists as files: YAML and JSON, folders are walked. It has resources only: what needs a proxy or a log is
     * answered with {@code UNSUPPORTED}.
     *
     * @throws dev.meshdx.error.MeshConfigurationException if a path does not exist
     */
    public static Mesh manifests(Path... paths) {
        return manifests(MeshOptions.defaults(), paths);
    }

    /** As {@link #manifests(Path...)}, with options. */
    public static Mesh manifests(MeshOptions options, Path... paths) {
        return over(placed(ManifestSource.open(List.of(paths)), options), options);
    }

    /**
     * A mesh that exists as one stream of YAML or JSON documents, which is read to its end and left open.
     *
     * @param name what to call it in locations
     */
    public static Mesh manifests(String name, InputStream documents, MeshOptions options) {
        return over(placed(ManifestSource.of(name, documents), options), options);
    }

    /** What names no namespace belongs to the options' one. */
    private static ManifestSource placed(ManifestSource manifests, MeshOptions options) {
        return options.namespace().map(manifests::inNamespace).orElse(manifests);
    }

    /**
     * What if these manifests were applied? A mesh like this one in which they stand in the place of the resources of the same
     * kind, namespace and name. Everything that runs (proxies, istiod, logs) is this mesh's: what istiod would make of the
     * manifests is not computed, so ask it {@link #analyze()}, {@link #mtls()}. Nothing is changed, and no request is sent.
     *
     * <p>It uses this mesh's connections. Close both, in any order; when this one is closed, the other can no longer be asked.
     *
     * @param paths YAML and JSON files, folders are walked
     * @throws dev.meshdx.error.MeshConfigurationException if a path does not exist
     */
    public Mesh whatIf(Path... paths) {
        return layered(ManifestSource.open(List.of(paths)));
    }

    /**
     * As {@link #whatIf(Path...)}, for one stream of YAML or JSON documents, which is read to its end and left open.
     *
     * @param name what to call it in locations
     */
    public Mesh whatIf(String name, InputStream documents) {
        return layered(ManifestSource.of(name, documents));
    }

    private Mesh layered(ManifestSource manifests) {
        ManifestSource placed = manifests.inNamespace(defaultNamespace());
        return over(new LayeredSource(context.source(), placed), context.options());
    }

    /**
     * Opens a recording: a folder or a zip file of one. Everything is judged at the time of the recording.
     *
     * @throws dev.meshdx.error.MeshConfigurationException if there is no recording at the path, or one for each of
     *     several clusters: then name the folder of one
     */
    public static Mesh snapshot(Path path) {
        return snapshot(path, MeshOptions.defaults());
    }

    /** As {@link #snapshot(Path)}, with options. */
    public static Mesh snapshot(Path path, MeshOptions options) {
        return over(RecordedSource.open(path), options);
    }

    /** A mesh over a source of the caller's own. It is closed with the mesh. */
    @Experimental
    public static Mesh over(MeshSource source, MeshOptions options) {
        return new Mesh(new MeshContext(source, options));
    }

    /** A namespace. No I/O: whether it exists shows when it is asked for something. */
    public MeshNamespace namespace(String name) {
        return new MeshNamespace(context, name);
    }

    /** The namespace to use where nobody names one: the options', the context's, else {@code default}. No I/O. */
    public String defaultNamespace() {
        return context.options().namespace().orElseGet(context.source()::defaultNamespace);
    }

    /** Where its data comes from, for reports: {@code context prod-eu}. No I/O. */
    public String source() {
        return context.source().description();
    }

    /** The time at which it is judged: a recording's own, else now. No I/O. */
    public Instant now() {
        return context.session().now();
    }

    /** The control plane. No I/O. */
    public ControlPlane controlPlane() {
        return new ControlPlane(context);
    }

    /**
     * The API server's version, such as {@code v1.34.2}. Costs one request and no permission beyond a login: the cheapest way
     * to see whether there is a connection.
     *
     * @throws dev.meshdx.error.MeshException if the API server does not answer
     */
    public String version() {
        return context.session().version().at("gitVersion").text("unknown");
    }

    /**
     * Whether every proxy has what istiod sent. Costs a list of the control plane's pods and one request to each istiod.
     *
     * <p>Where no istiod can be asked the pods answer, without states: {@link ProxyStatuses#seenFrom()}.
     *
     * @throws dev.meshdx.error.MeshException if nothing at all can be read
     */
    public ProxyStatuses proxyStatus() {
        return context.ask(session -> ProxyStatusReader.read(session, Scope.MESH));
    }

    /** The resources of the mesh, as typed views. No I/O yet. */
    public MeshResources config() {
        return new MeshResources(context, "");
    }

    /** What is wrong in the configuration. Lists the kinds that the checks need, once each. */
    public Analysis analyze() {
        return analyze(AnalysisOptions.DEFAULT);
    }

    /** What is wrong in the configuration, as far as the options ask for it. */
    public Analysis analyze(AnalysisOptions options) {
        return context.ask(session -> AnalysisRunner.analyze(session, Scope.MESH, options));
    }

    /**
     * As {@link #analyze(AnalysisOptions)}, and hands out every finding as soon as its check has ended, without waiting for
     * the others.
     *
     * @param listener is called by the calling thread; what it throws ends the analysis
     */
    public Analysis analyze(AnalysisOptions options, Consumer<? super Finding> listener) {
        return context.ask(session -> AnalysisRunner.analyze(session, Scope.MESH, options, listener));
    }

    /**
     * As {@link #analyze(AnalysisOptions)}, and compares the Services with those of further clusters of the same mesh: one
     * that is not the same everywhere is load balanced over what does not fit together. Everything else is judged by this
     * cluster alone. Costs one list of Services for each further cluster.
     *
     * @param clusters the further clusters by name; they stay open
     */
    @Experimental
    public Analysis analyze(AnalysisOptions options, Map<String, Mesh> clusters) {
        return context.ask(session -> {
            Map<String, Session> sessions = new TreeMap<>();
            clusters.forEach((name, mesh) -> sessions.put(name, mesh.context.session()));
            return AnalysisRunner.analyze(session, sessions, Scope.MESH, options, finding -> {});
        });
    }

    /** The mTLS modes of both sides for all services. */
    public MtlsReport mtls() {
        return context.ask(session -> MtlsReader.read(session, Scope.MESH));
    }

    /** The certificates that the proxies use. Costs one config dump for each proxy. */
    public Certificates certificates() {
        return context.ask(session -> CertificatesReader.read(session, Scope.MESH));
    }

    /**
     * The way of a request from a pod through the mesh, hop by hop: its sidecar (or a gateway, which takes it from outside; or in
     * ambient mode the waypoint), the server's sidecar, the application, with what is spoken in between and whose configuration
     * ends it. Nothing is sent. It branches by weights, and where hosts of a cluster are not alike.
     *
     * <p>Costs the list of pods, of a few kinds where they are needed (Services, PeerAuthentications, AuthorizationPolicies,
     * Gateways, and the kinds of the resources that decide, to name files and lines), and for each proxy on the way its config dump
     * and its {@code /clusters}. A proxy that cannot be asked is a hop of which nothing more is known.
     *
     * @throws dev.meshdx.error.MeshNotFoundException if there is no such pod
     */
    public MeshTrace trace(MeshPod from, HttpRequest request) {
        return context.ask(session -> MeshTrace.of(session, from.namespace(), from.name(), request));
    }

    /**
     * All five steps for the whole mesh, in parallel; nothing is read twice. Costs a list of each kind that a check needs, one
     * request to each istiod, and a config dump and a log for each proxy; see {@code docs/performance.md}.
     *
     * @throws dev.meshdx.error.MeshException only if nothing at all could be read
     */
    public Diagnosis diagnose() {
        return context.ask(session -> Diagnoser.diagnose(session, Scope.MESH));
    }

    /**
     * What may be changed: {@code mesh.changes().logLevel(pod, "debug")}. No I/O. Refuses unless the mesh was connected with
     * {@link MeshOptions.Builder#allowChanges()}.
     */
    public Changes changes() {
        return new Changes(context);
    }

    /**
     * Puts back what {@link #changes()} changed, which takes as long as one read from a pod may take at most, and lets go of
     * connections and threads. Questions that are being answered end with an exception.
     *
     * @throws dev.meshdx.error.MeshConnectionException if something could not be put back; its remedy says what to type. The
     *     mesh is closed all the same
     */
    @Override
    public void close() {
        context.close();
    }

    /** Where its data comes from. */
    @Override
    public String toString() {
        return "Mesh[" + source() + "]";
    }
}
