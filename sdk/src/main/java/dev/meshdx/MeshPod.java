package dev.meshdx;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.configuration.Description;
import dev.meshdx.configuration.internal.DescriptionReader;
import dev.meshdx.diagnosis.Diagnosis;
import dev.meshdx.diagnosis.Timeline;
import dev.meshdx.diagnosis.internal.Diagnoser;
import dev.meshdx.diagnosis.internal.TimelineReader;
import dev.meshdx.envoy.EnvoyProxy;
import dev.meshdx.envoy.origin.GeneratedConfiguration;
import dev.meshdx.envoy.origin.GeneratedReader;
import dev.meshdx.health.Injection;
import dev.meshdx.health.ProxyStatuses;
import dev.meshdx.health.Readiness;
import dev.meshdx.health.internal.InjectionReader;
import dev.meshdx.health.internal.ProxyStatusReader;
import dev.meshdx.health.internal.ReadinessReader;
import dev.meshdx.health.internal.SentConfigurationReader;
import dev.meshdx.logs.PodLogs;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import dev.meshdx.security.Certificates;
import dev.meshdx.security.MtlsReport;
import dev.meshdx.security.internal.CertificatesReader;
import dev.meshdx.security.internal.MtlsReader;
import dev.meshdx.traffic.HttpRequest;
import dev.meshdx.traffic.Trace;
import dev.meshdx.traffic.Tracer;
import dev.meshdx.traffic.authorization.Authorization;

/** A pod of the mesh. Navigating does no I/O. Safe for use by several threads. */
@CheckReturnValue
public final class MeshPod {
    private final MeshContext context;
    private final String namespace;
    private final String name;

    MeshPod(MeshContext context, String namespace, String name) {
        this.context = context;
        this.namespace = namespace;
        this.name = name;
    }

    /** Its namespace. */
    public String namespace() {
        return namespace;
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /**
     * Whether its proxy has what istiod sent; empty when no istiod knows it. Costs one request to each istiod.
     * {@link ProxyStatuses#diff()} asks for what exactly differs.
     *
     * <p>Where no istiod can be asked the pods answer, without states: {@link ProxyStatuses#seenFrom()}.
     *
     * @throws dev.meshdx.error.MeshException if nothing at all can be read
     */
    public ProxyStatuses proxyStatus() {
        return context.ask(session -> ProxyStatusReader.read(session, scope()))
                .with(() -> context.ask(session -> SentConfigurationReader.read(session, namespace, name)));
    }

    /**
     * Whether the pod would be injected if it were created now, by which webhook and because of which label, and what it has.
     * Where there is no pod of the name but a Deployment, StatefulSet or DaemonSet, the answer is about its template; so manifests
     * can be asked too. Lists the injection webhooks and the ConfigMaps of Istio's namespace; asks no proxy.
     *
     * @throws dev.meshdx.error.MeshNotFoundException if there is neither
     */
    public Injection injection() {
        return context.ask(session -> InjectionReader.pod(session, namespace, name));
    }

    /**
     * How far the pod is on its way to serving traffic in the mesh, step by step: scheduled, volumes, network, init containers,
     * injected or captured by ambient, proxy started, connected, certificate, configuration, workers, ready; and which step it is
     * stuck in. Asks Kubernetes, each istiod for its proxies, and, where the proxy runs, four pages of its admin port, its
     * readiness port and the last lines of its log. What cannot be read leaves its step unknown, with the reason.
     *
     * @throws dev.meshdx.error.MeshNotFoundException if there is no such pod
     */
    public Readiness readiness() {
        return context.ask(session -> ReadinessReader.read(session, namespace, name));
    }

    /** What its proxy holds: clusters, listeners, routes, endpoints, secrets. No I/O yet. */
    public EnvoyProxy envoy() {
        return new EnvoyProxy(context::session, namespace, name);
    }

    /**
     * Which way a request from this pod would go, and what nearly matched. Costs one config dump, and {@code /clusters}
     * for ejections and counters, without which the rest stands; nothing is sent. {@link Mesh#trace} follows it to the end.
     *
     * <p>Where the request finds no listener, virtual host or route, ends in Istio's catch-all (PassthroughCluster,
     * BlackHoleCluster), or takes the default route of a service, what stands in its way may not be on the proxy at all: then
     * VirtualServices, HTTPRoutes, Services, ServiceEntries, Sidecars and Gateways are listed too, and the near misses say
     * which of them are for the request, and why they do not reach this proxy. What may not be listed is left out, and a note
     * of the trace says so.
     *
     * @throws dev.meshdx.error.MeshException if the proxy's configuration cannot be read
     */
    public Trace trace(HttpRequest request) {
        return Tracer.trace(context.session(), namespace, name, request);
    }

    /**
     * Who may call this pod: what its proxy enforces, what the AuthorizationPolicies mean, and where they differ. No I/O yet.
     */
    public Authorization authorization() {
        return Authorization.of(context::session, namespace, name);
    }

    /**
     * What a resource turned into in this pod's proxy, and where that is nothing, why: {@code exportTo}, a Sidecar, the list of
     * gateways, the protocol of a port and so on. Costs one config dump, and a list of each kind that can stand in the way.
     *
     * @param kind any kind of Istio, a Service, or a kind of the Gateway API
     * @throws dev.meshdx.error.MeshNotFoundException if there is no such resource, and nothing here came from it
     */
    public GeneratedConfiguration generatedFrom(ResourceKind kind, String resourceNamespace, String resourceName) {
        return GeneratedReader.read(
                context.session(), ResourceRef.of("Pod", namespace, name), kind, resourceNamespace, resourceName);
    }

    /** The log of its proxy, or of another container. No I/O yet. */
    public PodLogs logs() {
        return new PodLogs(context::session, namespace, name);
    }

    /**
     * When the errors in its proxy's log began, and what changed around then: configuration, rollouts, restarts, pushes,
     * certificates, events. Costs one read of the log, about twenty lists in the pod's and Istio's namespace, and one request to each
     * istiod; what may not be read is told of, and the rest stands.
     *
     * @throws dev.meshdx.error.MeshException if the log cannot be read
     */
    public Timeline timeline() {
        return context.ask(session -> TimelineReader.read(session, ResourceRef.of("Pod", namespace, name)));
    }

    /**
     * What selects this pod, what applies to it and what reaches it: every resource, across namespaces, in the order of
     * precedence, with what is overruled. Lists the kinds that can apply, once each; asks no proxy.
     *
     * @throws dev.meshdx.error.MeshNotFoundException if there is no such pod
     */
    public Description describe() {
        return context.ask(session -> DescriptionReader.pod(session, namespace, name));
    }

    /** The mTLS modes between this pod, as a client, and the services that it can call. */
    public MtlsReport mtls() {
        return context.ask(session -> MtlsReader.read(session, scope()));
    }

    /** The certificates that its proxy uses. Costs one config dump. */
    public Certificates certificates() {
        return context.ask(session -> CertificatesReader.read(session, scope()));
    }

    /**
     * All five steps for this pod, in parallel; nothing is read twice. Where requests failed at the other end, up to three pods
     * or services there are asked too (health, log, certificate), so that the verdict names the cause and not only the symptom.
     *
     * @throws dev.meshdx.error.MeshNotFoundException if there is no such pod
     * @throws dev.meshdx.error.MeshException only if nothing at all could be read
     */
    public Diagnosis diagnose() {
        return context.ask(session -> Diagnoser.diagnose(session, scope()));
    }

    private Scope scope() {
        return Scope.pod(namespace, name);
    }

    @Override
    public String toString() {
        return "pod " + namespace + "/" + name;
    }
}
