package dev.meshdx.health.internal;

import dev.meshdx.configuration.internal.Workloads;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.health.Injection;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Yaml;
import dev.meshdx.source.ListQuery;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.Session;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Answers {@code injection()}. */
public final class InjectionReader {
    private InjectionReader() {}

    /**
     * About a pod; where there is none of the name, about the template of the workload that has it. Costs the pod, its
     * namespace, a list of the MutatingWebhookConfigurations and the ConfigMaps of Istio's namespace.
     */
    public static Injection pod(Session session, String namespace, String name) {
        Session own = session.fork();
        Resource pod = own.resource(ResourceKind.POD, namespace, name).orElse(null);
        InjectionJudge.Subject subject = pod != null ? InjectionJudge.Subject.pod(pod) : template(own, namespace, name);
        return InjectionJudge.judge(subject, facts(own, namespace));
    }

    /** About a pod that was already read; what cannot be read is a gap of the answer. */
    static Injection pod(Session session, Resource pod) {
        Session own = session.fork();
        return InjectionJudge.judge(InjectionJudge.Subject.pod(pod), facts(own, pod.namespace()));
    }

    /** About pods with these labels, and none but these, in a namespace. */
    public static Injection namespace(Session session, String namespace, Map<String, String> labels) {
        Session own = session.fork();
        InjectionJudge.Facts facts = facts(own, namespace);
        if (facts.namespace() == null && facts.gaps().isEmpty() && own.source().kind() != MeshSource.Kind.MANIFESTS) {
            own.require(dev.meshdx.model.Scope.namespace(namespace));
        }
        return InjectionJudge.judge(InjectionJudge.Subject.namespace(namespace, labels), facts);
    }

    private static InjectionJudge.Subject template(Session session, String namespace, String name) {
        for (ResourceKind kind : Workloads.INPUTS.stream()
                .filter(kind -> !kind.equals(ResourceKind.POD))
                .sorted(Comparator.comparing(ResourceKind::kind))
                .toList()) {
            try {
                Optional<Resource> workload = session.resource(kind, namespace, name);
                if (workload.isPresent()) {
                    return InjectionJudge.Subject.template(workload.get());
                }
            } catch (MeshException e) {
                session.gap(kind.qualifiedPlural() + " in namespace " + namespace, null, e);
            }
        }
        session.requirePod(namespace, name);
        throw new MeshNotFoundException(
                "There is no pod " + name + " in namespace " + namespace + ".", "kubectl get pods -n " + namespace);
    }

    private static InjectionJudge.Facts facts(Session session, String namespace) {
        List<Resource> injectors = new ArrayList<>();
        List<@Nullable Resource> found = new ArrayList<>();
        List<@Nullable List<Resource>> webhooks = new ArrayList<>();
        session.parallel(
                () -> found.add(namespace(session, namespace)),
                () -> webhooks.add(webhooks(session)),
                () -> injectors.addAll(injectors(session)));
        return new InjectionJudge.Facts(found.get(0), webhooks.get(0), injectors, session.gaps());
    }

    private static @Nullable Resource namespace(Session session, String namespace) {
        try {
            return session.resource(ResourceKind.NAMESPACE, "", namespace).orElse(null);
        } catch (MeshException e) {
            session.gap("namespace " + namespace, null, e);
            return null;
        }
    }

    private static @Nullable List<Resource> webhooks(Session session) {
        try {
            List<Resource> all = session.resources(ResourceKind.MUTATING_WEBHOOK_CONFIGURATION);
            if (all.isEmpty() && session.source().kind() == MeshSource.Kind.MANIFESTS) {
                session.gap(Inconclusive.of(
                        "injection webhooks",
                        null,
                        Reason.NOT_RECORDED,
                        "The manifests hold no MutatingWebhookConfiguration.",
                        "Add it to the files (kubectl get mutatingwebhookconfigurations -o yaml), or ask the cluster with the"
                                + " manifests on top."));
                return null;
            }
            return all;
        } catch (MeshException e) {
            session.gap(ResourceKind.MUTATING_WEBHOOK_CONFIGURATION.qualifiedPlural(), null, e);
            return null;
        }
    }

    /** The injector's settings; without them what is usual is taken for granted, and a gap says so. */
    private static List<Resource> injectors(Session session) {
        try {
            return session.list(ListQuery.in(ResourceKind.CONFIG_MAP, session.istioNamespace())).stream()
                    .filter(map -> map.name().startsWith("istio-sidecar-injector"))
                    .toList();
        } catch (MeshUnsupportedException e) {
            return List.of();
        } catch (MeshException e) {
            session.gap("policy and selectors of the injector (ConfigMap istio-sidecar-injector)", null, e);
            return List.of();
        }
    }

    /** The injector's settings in its ConfigMap. Source: istio/istio, {@code pkg/kube/inject/webhook.go}, data key config. */
    static Json settings(Resource map) {
        try {
            return Yaml.read(map.raw().at("data", "config").text(""));
        } catch (MeshProtocolException e) {
            return Json.MISSING;
        }
    }

    static Json parse(String text) {
        try {
            return Json.parse(text);
        } catch (MeshProtocolException e) {
            return Json.MISSING;
        }
    }
}
