package dev.meshdx.diagnosis.internal;

import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.Scope;
import dev.meshdx.model.internal.Nearest;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a verdict must say before anything else, because without it "nothing is wrong" would be read as more than it is: that
 * only manifests were looked at, that there are no pods, or that nothing here has a proxy.
 *
 * @param sentence empty where nothing needs to be said
 * @param manifests whether there are manifests only
 * @param outside whether no proxy could be expected: what proxies would have told is then no gap
 */
record Setting(String sentence, boolean manifests, boolean outside) {
    private static final Setting ORDINARY = new Setting("", false, false);

    /** Looks at pods that the steps have read already. */
    static Setting of(Session session, Scope scope) {
        if (session.source().kind() == MeshSource.Kind.MANIFESTS) {
            return new Setting(
                    "Only manifests were looked at: they say nothing of health, traffic, logs and certificates.",
                    true,
                    true);
        }
        if (scope.isPod()) {
            return ofPod(session, scope);
        }
        List<Resource> pods = podsOrNull(session, scope.namespace());
        if (pods == null || pods.stream().anyMatch(pod -> Pods.hasProxy(pod) || Pods.isAmbient(pod))) {
            return ORDINARY;
        }
        String what = scope.namespace().isEmpty() ? "this cluster" : scope.toString();
        return new Setting(
                pods.isEmpty()
                        ? "There are no pods in " + what + "."
                        : "No pod of " + what + " has a proxy: " + (pods.size() == 1 ? "it is" : "they are")
                                + " outside the mesh.",
                false,
                true);
    }

    private static Setting ofPod(Session session, Scope scope) {
        Resource pod;
        try {
            Optional<Resource> found = session.resource(ResourceKind.POD, scope.namespace(), scope.pod());
            if (found.isEmpty()) {
                return ORDINARY;
            }
            pod = found.get();
        } catch (MeshException e) {
            // The steps say so.
            return ORDINARY;
        }
        if (Pods.isZtunnel(pod)) {
            return new Setting(pod.ref() + " is a ztunnel: only its health was looked at.", false, true);
        }
        if (Pods.hasProxy(pod) || Pods.isAmbient(pod)) {
            return ORDINARY;
        }
        return pod.label("app").orElse("").equals("istiod")
                ? new Setting(pod.ref() + " is part of the control plane and has no proxy.", false, true)
                : new Setting(pod.ref() + " has no proxy: it is outside the mesh.", false, true);
    }

    /** Whether a gap only repeats what the sentence says. */
    boolean covers(Inconclusive gap) {
        return outside && gap.reason() == Reason.UNSUPPORTED;
    }

    /** The pods; null where they cannot be read. */
    static @Nullable List<Resource> podsOrNull(Session session, String namespace) {
        try {
            return namespace.isEmpty()
                    ? session.resources(ResourceKind.POD)
                    : session.resources(ResourceKind.POD, namespace);
        } catch (MeshNotFoundException e) {
            // No name of anything.
            throw e;
        } catch (MeshException e) {
            // Whoever may not list pods may still read one: the steps say what is missing.
            return null;
        }
    }

    /**
     * Refuses a pod or a namespace that does not exist; whoever may not know gets the benefit of the doubt.
     *
     * @throws MeshNotFoundException with the nearest names
     */
    static void require(Session session, Scope scope) {
        if (scope.isPod()) {
            requirePod(session, scope);
        } else if (!scope.namespace().isEmpty()) {
            requireNamespace(session, scope.namespace());
        }
    }

    private static void requirePod(Session session, Scope scope) {
        List<Resource> pods = podsOrNull(session, scope.namespace());
        if (pods == null || pods.stream().anyMatch(pod -> pod.name().equals(scope.pod()))) {
            return;
        }
        if (pods.isEmpty()) {
            requireNamespace(session, scope.namespace());
        }
        List<String> names =
                pods.stream().filter(Pods::hasProxy).map(Resource::name).toList();
        List<String> near = new ArrayList<>(Nearest.to(scope.pod(), names));
        names.stream()
                .filter(name -> name.startsWith(scope.pod() + "-") && !near.contains(name))
                .sorted()
                .limit(3)
                .forEach(near::add);
        throw new MeshNotFoundException(
                "There is no Pod " + scope.pod() + " in namespace " + scope.namespace() + ".",
                near.isEmpty()
                        ? "Check the name and the namespace: kubectl get pods -n " + scope.namespace()
                        : "Did you mean " + String.join(", ", near) + "?");
    }

    private static void requireNamespace(Session session, String namespace) {
        Set<String> names = new TreeSet<>();
        if (session.source().kind() == MeshSource.Kind.MANIFESTS) {
            // They seldom declare their namespaces.
            ResourceKind.known()
                    .forEach(kind -> session.resourcesOrGap(kind, "").stream()
                            .map(Resource::namespace)
                            .filter(name -> !name.isEmpty())
                            .forEach(names::add));
        }
        try {
            if (names.contains(namespace)
                    || session.resource(ResourceKind.NAMESPACE, "", namespace).isPresent()) {
                return;
            }
            session.resources(ResourceKind.NAMESPACE).forEach(found -> names.add(found.name()));
        } catch (MeshNotFoundException e) {
            // No name of anything.
            throw e;
        } catch (MeshException e) {
            // The rights for one namespace rarely include looking at Namespaces.
            return;
        }
        List<Resource> pods = podsOrNull(session, namespace);
        if (names.isEmpty() || pods == null || !pods.isEmpty()) {
            // A recording may leave Namespaces out.
            return;
        }
        List<String> near = Nearest.to(namespace, names);
        throw new MeshNotFoundException(
                "There is no namespace " + namespace + ".",
                near.isEmpty()
                        ? "Check the name: kubectl get namespaces"
                        : "Did you mean " + String.join(", ", near) + "?");
    }
}
