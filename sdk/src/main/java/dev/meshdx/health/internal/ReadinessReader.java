package dev.meshdx.health.internal;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.internal.DataPlane;
import dev.meshdx.configuration.internal.Workload;
import dev.meshdx.envoy.EnvoyProxy;
import dev.meshdx.envoy.admin.AdminReader;
import dev.meshdx.envoy.admin.InitDump;
import dev.meshdx.envoy.admin.LoadedCertificates;
import dev.meshdx.envoy.admin.ServerInfo;
import dev.meshdx.envoy.admin.Stats;
import dev.meshdx.error.MeshClosedException;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshInterruptedException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.health.Injection;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.health.ProxyStatuses;
import dev.meshdx.health.Readiness;
import dev.meshdx.health.internal.ReadinessFacts.Answer;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.Scope;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.source.ListQuery;
import dev.meshdx.source.LogQuery;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.PodRequest;
import dev.meshdx.source.Session;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Answers {@code readiness()}. */
public final class ReadinessReader {
    /** What the kubelet asks. Source: Istio, "Application Requirements", ports used by Istio. */
    private static final int HEALTH = 15021;

    private static final int LOG_LINES = 300;
    private static final int INIT_LOG_LINES = 20;

    /** How many pods of a diagnosis are asked why they are not ready. */
    static final int MOST = 20;

    /** The counters that its first configuration shows in, by names that old and new proxies have. */
    private static final String STATS = "cds.update|cds.version|lds.update|lds.version|workers_started";

    /** What one of several reads that run at once leaves behind. */
    private static final class Slot<T> {
        private volatile T value;

        Slot(T initial) {
            this.value = initial;
        }

        T get() {
            return value;
        }

        void set(T found) {
            value = found;
        }
    }

    private ReadinessReader() {}

    /**
     * Costs the pod, the events of its namespace, its namespace, the injection webhooks and the ConfigMaps of Istio's
     * namespace, one request to each istiod, and, where the proxy runs, four pages of its admin port, its readiness port
     * and the last lines of its log. What cannot be read is missing in the answer, no more.
     */
    public static Readiness read(Session session, String namespace, String name) {
        if (session.source().kind() == MeshSource.Kind.MANIFESTS) {
            throw new MeshUnsupportedException(
                    Reason.UNSUPPORTED,
                    "Whether a pod is ready cannot be told from manifests: nothing runs.",
                    "Connect to a cluster, or open a recording. For injection alone: injection().");
        }
        Session own = session.fork();
        Optional<Resource> found = own.resource(ResourceKind.POD, namespace, name);
        if (found.isEmpty()) {
            own.requirePod(namespace, name);
            throw new MeshNotFoundException(
                    "There is no pod " + name + " in namespace " + namespace + ".", "kubectl get pods -n " + namespace);
        }
        Resource pod = found.get();
        Slot<List<ProxyStatus>> known = new Slot<>(List.of());
        Readiness readiness = read(own, pod, () -> {
            Answer<List<ProxyStatus>> answer = proxies(own, pod);
            answer.get().ifPresent(known::set);
            return answer;
        });
        HealthModel.Builder model = HealthModel.builder(Scope.pod(namespace, name), own.now());
        model.istioNamespace = own.istioNamespace();
        model.pods = List.of(pod);
        model.readiness = Map.of(pod.ref(), readiness);
        model.proxies = known.get();
        List<Finding> findings = HealthChecks.run(HealthChecks.READINESS, model.build());
        return readiness.with(findings);
    }

    /** The pods of a diagnosis that are not well, at most {@link #MOST}; healthy ones cost nothing. */
    static void unwell(Session session, HealthModel.Builder into) {
        HealthModel model = into.build();
        List<Resource> unwell = model.pods.stream()
                .filter(pod -> ProxyUnhealthyCheck.isUnwell(pod) || ReadinessJudge.isStuck(pod, model.now))
                .sorted(Comparator.comparing(Resource::namespace).thenComparing(Resource::name))
                .limit(MOST)
                .toList();
        if (unwell.isEmpty()) {
            return;
        }
        Answer<List<ProxyStatus>> proxies =
                model.answered == 0 && model.asked > 0 ? Answer.none() : Answer.of(model.proxies);
        List<Readiness> answers = session.parallel(
                unwell,
                pod -> read(
                        session,
                        pod,
                        () -> model.answered < model.asked && model.proxy(pod).isEmpty() ? Answer.none() : proxies));
        Map<dev.meshdx.model.ResourceRef, Readiness> byPod = new HashMap<>();
        answers.forEach(readiness -> byPod.put(readiness.pod(), readiness));
        into.readiness = byPod;
    }

    private static Readiness read(Session session, Resource pod, Supplier<Answer<List<ProxyStatus>>> proxies) {
        Session own = session.fork();
        Slot<Answer<List<Resource>>> events = new Slot<>(Answer.none());
        Slot<Answer<List<ProxyStatus>>> sync = new Slot<>(Answer.none());
        Slot<Answer<List<Resource>>> ztunnels = new Slot<>(Answer.none());
        Slot<Answer<List<String>>> initLog = new Slot<>(Answer.none());
        Slot<ReadinessFacts.Proxy> proxy = new Slot<>(ReadinessFacts.Proxy.NOT_ASKED);
        Slot<Optional<Injection>> injection = new Slot<>(Optional.empty());
        Slot<Optional<DataPlane.Label>> ambient = new Slot<>(Optional.empty());
        own.parallel(
                () -> events.set(ask(own, "events", pod, () -> events(own, pod))),
                () -> injection.set(Optional.of(InjectionReader.pod(own, pod))),
                () -> {
                    if (Pods.hasProxy(pod)) {
                        sync.set(proxies.get());
                    } else {
                        ambient.set(wantsAmbient(own, pod));
                        if (ambient.get().isPresent() || Pods.isAmbient(pod)) {
                            ztunnels.set(ask(own, "ztunnel pods", pod, () -> ztunnels(own, pod)));
                        }
                    }
                },
                () -> ReadinessJudge.failedInit(pod)
                        .ifPresent(container -> initLog.set(
                                ask(own, "log of " + container, pod, () -> own.log(initLog(pod, container))))),
                () -> proxy.set(proxy(own, pod)));
        Injection judged = injection.get().orElseThrow();
        ReadinessFacts facts = new ReadinessFacts(
                pod,
                own.now(),
                judged,
                ambient.get(),
                events.get(),
                sync.get(),
                proxy.get(),
                ztunnels.get(),
                initLog.get());
        List<Inconclusive> gaps = new ArrayList<>(own.gaps());
        gaps.addAll(session.gaps());
        gaps.addAll(judged.inconclusive());
        return ReadinessJudge.judge(facts, gaps);
    }

    private static LogQuery initLog(Resource pod, String container) {
        return LogQuery.tail(pod.namespace(), pod.name(), container, INIT_LOG_LINES);
    }

    private static <T> Answer<T> ask(Session session, String what, Resource pod, Supplier<T> question) {
        try {
            return Answer.of(question.get());
        } catch (MeshInterruptedException | MeshClosedException e) {
            throw e;
        } catch (MeshException e) {
            session.gap(what, pod.ref(), e);
            return Answer.failed(e);
        }
    }

    /** What the istiods know; the answer fails where one that does not answer might know it. */
    private static Answer<List<ProxyStatus>> proxies(Session session, Resource pod) {
        Answer<ProxyStatuses> answer = ask(
                session,
                "proxies that are connected to istiod",
                pod,
                () -> ProxyStatusReader.read(session, Scope.pod(pod.namespace(), pod.name())));
        ProxyStatuses statuses = answer.value();
        if (statuses == null) {
            return new Answer<>(null, answer.failure());
        }
        Optional<Inconclusive> gap = statuses.inconclusive().stream()
                .filter(missing -> missing.what().contains("connected to istiod")
                        || missing.what().contains("istiod pods")
                        || missing.what().contains("control plane"))
                .findFirst();
        List<ProxyStatus> seen =
                statuses.stream().filter(ProxyStatus::seenByIstiod).toList();
        if (seen.isEmpty() && gap.isPresent()) {
            statuses.inconclusive().forEach(session::gap);
            return Answer.failed(new MeshUnsupportedException(
                    gap.get().reason(), gap.get().message(), gap.get().remedy()));
        }
        return Answer.of(seen);
    }

    private static ReadinessFacts.Proxy proxy(Session session, Resource pod) {
        boolean running = Pods.containerStatus(pod, Pods.PROXY_CONTAINER)
                .map(status -> status.at("state", "running").exists())
                .orElse(false);
        if (!Pods.hasProxy(pod) || !running) {
            Answer<List<String>> last = Pods.hasProxy(pod) && ReadinessJudge.hasRun(pod)
                    ? ask(session, "log of istio-proxy", pod, () -> session.log(proxyLog(pod)))
                    : Answer.none();
            return new ReadinessFacts.Proxy(
                    Answer.none(), Answer.none(), Answer.none(), Answer.none(), Answer.none(), last);
        }
        boolean envoy = Pods.hasEnvoy(pod);
        AdminReader admin = new AdminReader(session, pod.namespace(), pod.name());
        Slot<Answer<List<String>>> log = new Slot<>(Answer.none());
        Slot<Answer<String>> probe = new Slot<>(Answer.none());
        Slot<Answer<ServerInfo>> server = new Slot<>(Answer.none());
        Slot<Answer<InitDump>> waiting = new Slot<>(Answer.none());
        Slot<Answer<LoadedCertificates>> certificates = new Slot<>(Answer.none());
        Slot<Answer<Stats>> stats = new Slot<>(Answer.none());
        session.parallel(
                () -> log.set(ask(session, "log of istio-proxy", pod, () -> session.log(proxyLog(pod)))), () -> {
                    if (envoy) {
                        server.set(ask(session, "state of the proxy (/server_info)", pod, admin::serverInfo));
                    }
                });
        MeshException refused = server.get().failure();
        if (refused != null && refused.reason() == Reason.TIMEOUT) {
            // A process that hangs hangs for every page; a mesh may have many of them, and each question its deadline.
            certificates.set(Answer.failed(refused));
            stats.set(Answer.failed(refused));
        } else {
            List<Runnable> reads = new ArrayList<>();
            reads.add(() -> probe.set(probe(session, pod)));
            if (envoy) {
                reads.add(() -> certificates.set(ask(
                        session,
                        "certificates of the proxy (/certs)",
                        pod,
                        () -> EnvoyProxy.certificates(session, pod.namespace(), pod.name()))));
                reads.add(() -> stats.set(
                        ask(session, "counters of the proxy (/stats)", pod, () -> admin.stats(STATS, false))));
                if (!Pods.isReady(pod)) {
                    reads.add(() ->
                            waiting.set(ask(session, "what its start waits for (/init_dump)", pod, admin::initDump)));
                }
            }
            session.parallel(reads.toArray(Runnable[]::new));
        }
        return new ReadinessFacts.Proxy(
                server.get(), waiting.get(), certificates.get(), stats.get(), probe.get(), log.get());
    }

    private static LogQuery proxyLog(Resource pod) {
        return LogQuery.tail(pod.namespace(), pod.name(), Pods.PROXY_CONTAINER, LOG_LINES);
    }

    /** The page that the kubelet asks; the agent's own on 15020 answers 200 even while Envoy hangs, so it is not asked. */
    private static Answer<String> probe(Session session, Resource pod) {
        if (Pods.isReady(pod)) {
            // The kubelet asks it all the time: its word is enough.
            return Answer.none();
        }
        try {
            return Answer.of(
                    session.text(new PodRequest(pod.namespace(), pod.name(), HEALTH, "GET", "/healthz/ready")));
        } catch (MeshInterruptedException | MeshClosedException e) {
            throw e;
        } catch (MeshException e) {
            // An answer of its own: not ready, and often why.
            return Answer.failed(e);
        }
    }

    /** The events about the pod, oldest first; not those of one that had its name before. */
    private static List<Resource> events(Session session, Resource pod) {
        String uid = pod.raw().at("metadata", "uid").text("");
        return session.resources(ResourceKind.EVENT, pod.namespace()).stream()
                .filter(event -> {
                    Json about = event.raw().at("involvedObject");
                    String of = about.at("uid").text("");
                    return about.at("kind").text("").equals("Pod")
                            && about.at("name").text("").equals(pod.name())
                            && (of.isEmpty() || uid.isEmpty() || of.equals(uid));
                })
                .sorted(Comparator.comparing(ReadinessJudge::time))
                .toList();
    }

    private static List<Resource> ztunnels(Session session, Resource pod) {
        String node = pod.spec().at("nodeName").text("");
        return session
                .list(ListQuery.in(ResourceKind.POD, session.istioNamespace()).labelled(Map.of("app", "ztunnel")))
                .stream()
                .filter(ztunnel -> ztunnel.spec().at("nodeName").text("").equals(node))
                .filter(ztunnel ->
                        !ztunnel.raw().at("metadata", "deletionTimestamp").exists())
                .sorted(Comparator.comparing(Resource::name))
                .toList();
    }

    private static Optional<DataPlane.Label> wantsAmbient(Session session, Resource pod) {
        List<Resource> namespaces = ask(
                        session,
                        "namespace " + pod.namespace(),
                        pod,
                        () -> session.resource(ResourceKind.NAMESPACE, "", pod.namespace()).stream()
                                .toList())
                .get()
                .orElse(List.of());
        Configuration configuration = Configuration.builder()
                .resources(ResourceKind.NAMESPACE, namespaces)
                .resources(ResourceKind.POD, List.of(pod))
                .build();
        return DataPlane.of(configuration)
                .wantsAmbient(new Workload(pod, pod.namespace(), pod.labels(), pod.raw(), ""));
    }
}
