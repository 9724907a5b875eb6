package dev.meshdx;

import dev.meshdx.analysis.Analysis;
import dev.meshdx.analysis.AnalysisOptions;
import dev.meshdx.analysis.internal.AnalysisRunner;
import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.configuration.Description;
import dev.meshdx.configuration.internal.DescriptionReader;
import dev.meshdx.diagnosis.Diagnosis;
import dev.meshdx.diagnosis.internal.Diagnoser;
import dev.meshdx.finding.Finding;
import dev.meshdx.health.Injection;
import dev.meshdx.health.ProxyStatuses;
import dev.meshdx.health.internal.InjectionReader;
import dev.meshdx.health.internal.ProxyStatusReader;
import dev.meshdx.logs.WorkloadLogs;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.Scope;
import dev.meshdx.security.Certificates;
import dev.meshdx.security.MtlsReport;
import dev.meshdx.security.internal.CertificatesReader;
import dev.meshdx.security.internal.MtlsReader;
import dev.meshdx.source.ListQuery;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A namespace of the mesh. Navigating does no I/O. Safe for use by several threads. */
@CheckReturnValue
public final class MeshNamespace {
    private final MeshContext context;
    private final String name;

    MeshNamespace(MeshContext context, String name) {
        this.context = context;
        this.name = name;
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** A pod. No I/O: whether it exists shows when it is asked for something. */
    public MeshPod pod(String pod) {
        return new MeshPod(context, name, pod);
    }

    /** A service. No I/O. */
    public MeshService service(String service) {
        return new MeshService(context, name, service);
    }

    /**
     * The pods that have these labels, in the order of their names.
     *
     * <p>Costs one list of the namespace's pods. Needs {@code list pods}.
     *
     * @param labels {@code app=web,version=v1}; empty for all pods
     * @throws dev.meshdx.error.MeshException if the pods cannot be listed
     */
    public List<MeshPod> pods(String labels) {
        Map<String, String> selector = LabelText.parse(labels);
        return context.session().list(ListQuery.in(ResourceKind.POD, name).labelled(selector)).stream()
                .map(pod -> new MeshPod(context, name, pod.name()))
                .sorted(java.util.Comparator.comparing(MeshPod::name))
                .toList();
    }

    /**
     * The logs of the pods that have these labels, together. No I/O yet.
     *
     * @param labels {@code app=web,version=v1}; empty for all pods
     */
    public WorkloadLogs logs(String labels) {
        Map<String, String> selector = LabelText.parse(labels);
        return new WorkloadLogs(
                context::session,
                "pods " + labels + " in namespace " + name,
                session -> session.list(ListQuery.in(ResourceKind.POD, name).labelled(selector)).stream()
                        .map(Resource::ref)
                        .sorted()
                        .toList());
    }

    /**
     * Whether the namespace's proxies have what istiod sent. Costs one request to each istiod.
     *
     * <p>Where no istiod can be asked the pods answer, without states: {@link ProxyStatuses#seenFrom()}.
     *
     * @throws dev.meshdx.error.MeshException if nothing at all can be read
     */
    public ProxyStatuses proxyStatus() {
        return context.ask(session -> ProxyStatusReader.read(session, Scope.namespace(name)));
    }

    /**
     * Whether pods without labels of their own would be injected here, and by which webhook. Lists the injection webhooks and
     * the ConfigMaps of Istio's namespace.
     *
     * @throws dev.meshdx.error.MeshNotFoundException if there is no such namespace
     */
    public Injection injection() {
        return injection("");
    }

    /**
     * As {@link #injection()}, for pods with labels.
     *
     * @param labels {@code app=web,sidecar.istio.io/inject=true}
     */
    public Injection injection(String labels) {
        Map<String, String> wanted = LabelText.parse(labels);
        return context.ask(session -> InjectionReader.namespace(session, name, wanted));
    }

    /** The resources of the namespace, as typed views. No I/O yet. */
    public MeshResources config() {
        return new MeshResources(context, name);
    }

    /**
     * What a host is to the workloads of this namespace: what it means, who offers it, and which VirtualService,
     * DestinationRule and Sidecar decide. Lists the kinds that can apply, once each.
     *
     * @param host as applications write it: {@code reviews}, {@code reviews.production:9080}, {@code api.example.com:443}
     */
    public Description describe(String host) {
        return context.ask(session -> DescriptionReader.host(session, name, host));
    }

    /** What is wrong in the namespace's configuration. Lists the kinds that the checks need, once each. */
    public Analysis analyze() {
        return analyze(AnalysisOptions.DEFAULT);
    }

    /** What is wrong in the namespace's configuration, as far as the options ask for it. */
    public Analysis analyze(AnalysisOptions options) {
        return context.ask(session -> AnalysisRunner.analyze(session, Scope.namespace(name), options));
    }

    /**
     * As {@link #analyze(AnalysisOptions)}, and hands out every finding as soon as its check has ended, without waiting for
     * the others.
     *
     * @param listener is called by the calling thread; what it throws ends the analysis
     */
    public Analysis analyze(AnalysisOptions options, Consumer<? super Finding> listener) {
        return context.ask(session -> AnalysisRunner.analyze(session, Scope.namespace(name), options, listener));
    }

    /** The mTLS modes of both sides for the namespace's services. */
    public MtlsReport mtls() {
        return context.ask(session -> MtlsReader.read(session, Scope.namespace(name)));
    }

    /** The certificates that the namespace's proxies use. Costs one config dump for each proxy. */
    public Certificates certificates() {
        return context.ask(session -> CertificatesReader.read(session, Scope.namespace(name)));
    }

    /**
     * All five steps for all workloads of the namespace, in parallel; nothing is read twice. Where a request failed at a server
     * in another namespace, that one is asked too: up to three pods
     * or services.
     *
     * @throws dev.meshdx.error.MeshNotFoundException if there is no such namespace
     * @throws dev.meshdx.error.MeshException only if nothing at all could be read
     */
    public Diagnosis diagnose() {
        return context.ask(session -> Diagnoser.diagnose(session, Scope.namespace(name)));
    }

    @Override
    public String toString() {
        return "namespace " + name;
    }
}
