package dev.meshdx;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.configuration.Description;
import dev.meshdx.configuration.internal.DescriptionReader;
import dev.meshdx.diagnosis.Diagnosis;
import dev.meshdx.diagnosis.internal.Diagnoser;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.logs.WorkloadLogs;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Nearest;
import dev.meshdx.source.ListQuery;
import dev.meshdx.source.Session;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** A service of the mesh. Navigating does no I/O. Safe for use by several threads. */
@CheckReturnValue
public final class MeshService {
    private final MeshContext context;
    private final String namespace;
    private final String name;

    MeshService(MeshContext context, String namespace, String name) {
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
     * The pods that it selects, in the order of their names; none for a service without selector. Costs a list of the
     * namespace's services and one of its pods.
     *
     * @throws MeshNotFoundException if there is no such service
     */
    public List<MeshPod> pods() {
        return pods(context.session());
    }

    private List<MeshPod> pods(Session session) {
        List<Resource> services = session.resources(ResourceKind.SERVICE, namespace);
        Resource service = services.stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow(() -> notFound(services));
        Map<String, String> selector = service.spec().at("selector").textMap();
        if (selector.isEmpty()) {
            return List.of();
        }
        return session.list(ListQuery.in(ResourceKind.POD, namespace).labelled(selector)).stream()
                .map(pod -> new MeshPod(context, namespace, pod.name()))
                .sorted(Comparator.comparing(MeshPod::name))
                .toList();
    }

    /** The logs of the proxies of all its pods, together. No I/O yet. */
    public WorkloadLogs logs() {
        return new WorkloadLogs(
                context::session,
                "service " + namespace + "/" + name,
                session -> pods(session).stream()
                        .map(pod -> ResourceRef.of("Pod", pod.namespace(), pod.name()))
                        .toList());
    }

    private MeshNotFoundException notFound(List<Resource> services) {
        List<String> near =
                Nearest.to(name, services.stream().map(Resource::name).toList());
        return new MeshNotFoundException(
                "There is no Service " + name + " in namespace " + namespace + ".",
                near.isEmpty() ? "Check the name and the namespace." : "Did you mean " + String.join(", ", near) + "?");
    }

    /**
     * What this service is to the mesh: its ports with their protocols, its pods and subsets, every resource that applies to
     * it, in the order of precedence, with what is overruled. Lists the kinds that can apply, once each; asks no proxy.
     *
     * @throws MeshNotFoundException if there is no such service
     */
    public Description describe() {
        return context.ask(session -> DescriptionReader.service(session, namespace, name));
    }

    /**
     * All five steps for the service's pods, in parallel; nothing is read twice.
     *
     * @throws MeshNotFoundException if there is no such service
     * @throws dev.meshdx.error.MeshException only if nothing at all could be read
     */
    public Diagnosis diagnose() {
        return context.ask(session -> Diagnoser.diagnoseService(
                session,
                namespace,
                name,
                pods(session).stream().map(MeshPod::name).toList()));
    }

    @Override
    public String toString() {
        return "service " + namespace + "/" + name;
    }
}
