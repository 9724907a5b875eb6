package dev.meshdx.source;

import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Nearest;
import dev.meshdx.model.internal.Pods;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Says that a pod or a namespace does not exist, and which one was probably meant. */
final class ScopeLookup {
    private static final int MOST = 3;

    private ScopeLookup() {}

    /**
     * Lists the pods of the namespace, once a session. Whoever may not list pods may still read one: then nothing is said.
     *
     * @throws MeshNotFoundException if the pod is not among them
     */
    static void requirePod(Session session, String namespace, String pod) {
        List<Resource> pods;
        try {
            pods = session.resources(ResourceKind.POD, namespace);
        } catch (MeshException e) {
            return;
        }
        if (pods.stream().noneMatch(candidate -> candidate.name().equals(pod))) {
            throw notFound(namespace, pod, pods);
        }
    }

    /**
     * Lists the namespaces, once a session. Where none can be seen, or where they are files that need not bring their
     * namespaces along, nothing is said.
     *
     * @throws MeshNotFoundException if the namespace is not among them
     */
    static void requireNamespace(Session session, String namespace) {
        if (session.source().kind() == MeshSource.Kind.MANIFESTS) {
            return;
        }
        List<String> names;
        try {
            names = session.resources(ResourceKind.NAMESPACE).stream()
                    .map(Resource::name)
                    .sorted()
                    .toList();
        } catch (MeshException e) {
            return;
        }
        if (!names.isEmpty() && !names.contains(namespace)) {
            List<String> near = Nearest.to(namespace, names);
            throw new MeshNotFoundException(
                    "There is no Namespace " + namespace + ".",
                    near.isEmpty()
                            ? "There are " + String.join(", ", names.subList(0, Math.min(10, names.size())))
                                    + (names.size() > 10 ? " and " + (names.size() - 10) + " more." : ".")
                            : "Did you mean " + String.join(", ", near) + "?");
        }
    }

    private static MeshNotFoundException notFound(String namespace, String pod, List<Resource> pods) {
        List<String> near = near(
                pod,
                pods.stream()
                        .filter(Pods::hasProxy)
                        .map(Resource::name)
                        .sorted()
                        .toList());
        String message = "There is no Pod " + pod + " in namespace " + namespace + ".";
        if (pods.isEmpty()) {
            return new MeshNotFoundException(message, "There is no pod in that namespace at all: kubectl get pods -A");
        }
        return new MeshNotFoundException(
                message,
                near.isEmpty()
                        ? "Check the name and the namespace: kubectl get pods -n " + namespace
                        : "Did you mean " + String.join(", ", near) + "?");
    }

    /**
     * Names that a slip of the pen explains, then those of the same workload: whoever types {@code web}, {@code web-0} or the
     * name of a pod that was replaced means one of the pods {@code web-…}.
     */
    static List<String> near(String pod, List<String> names) {
        Set<String> near = new LinkedHashSet<>(Nearest.to(pod, names));
        for (String start = pod; !start.isEmpty() && near.size() < MOST; start = withoutLastPart(start)) {
            String prefix = start + "-";
            names.stream().filter(name -> name.startsWith(prefix)).forEach(near::add);
            if (!near.isEmpty()) {
                break;
            }
        }
        return near.stream().limit(MOST).toList();
    }

    private static String withoutLastPart(String name) {
        int dash = name.lastIndexOf('-');
        return dash < 0 ? "" : name.substring(0, dash);
    }
}
