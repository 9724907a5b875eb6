package dev.meshdx.configuration.internal;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** All pods and templates of pods, found by their labels. A pod and the Deployment that it comes from are both there. */
public final class Workloads {
    /** The kinds that it is made from. */
    public static final Set<ResourceKind> INPUTS =
            Set.of(ResourceKind.POD, ResourceKind.DEPLOYMENT, ResourceKind.STATEFUL_SET, ResourceKind.DAEMON_SET);

    private final List<Workload> all = new ArrayList<>();
    private final Map<String, List<Workload>> byNamespace = new HashMap<>();
    private final LabelIndex<Workload> byLabel = new LabelIndex<>(Workload::labels);

    private Workloads(Configuration configuration) {
        for (Resource pod : configuration.all(ResourceKind.POD)) {
            add(new Workload(pod, configuration.namespaceOf(pod), pod.labels(), pod.raw(), ""));
        }
        for (ResourceKind kind : List.of(ResourceKind.DEPLOYMENT, ResourceKind.STATEFUL_SET, ResourceKind.DAEMON_SET)) {
            for (Resource controller : configuration.all(kind)) {
                Json template = controller.spec().at("template");
                add(new Workload(
                        controller,
                        configuration.namespaceOf(controller),
                        template.at("metadata", "labels").textMap(),
                        template,
                        "spec.template."));
            }
        }
    }

    /** Of a configuration. */
    public static Workloads of(Configuration configuration) {
        return configuration.shared(Workloads.class, INPUTS, Workloads::new);
    }

    /** Whether all of a namespace, or with an empty name of the mesh, are known, so that "none" can be said. */
    public static boolean complete(Configuration configuration, String namespace) {
        return INPUTS.stream().allMatch(kind -> configuration.knows(kind, namespace));
    }

    /**
     * As {@link #complete}, for what is said of labels: files must hold a workload there, since those of others come from
     * operators, or from files of their own.
     */
    public static boolean shown(Configuration configuration, String namespace) {
        return complete(configuration, namespace)
                && (!configuration.fromFiles()
                        || namespace.isEmpty()
                        || of(configuration).in(namespace).stream()
                                .anyMatch(workload -> !configuration.isSynthetic(
                                        workload.resource().ref())));
    }

    private void add(Workload workload) {
        all.add(workload);
        byNamespace
                .computeIfAbsent(workload.namespace(), any -> new ArrayList<>())
                .add(workload);
        byLabel.add(workload.namespace(), workload);
    }

    /** All of them. */
    public List<Workload> all() {
        return Collections.unmodifiableList(all);
    }

    /** Those of a namespace. */
    public List<Workload> in(String namespace) {
        return Collections.unmodifiableList(byNamespace.getOrDefault(namespace, List.of()));
    }

    /** Those whose labels hold all pairs; an empty selector matches all, an empty namespace stands for all. */
    public List<Workload> matching(Map<String, String> selector, String namespace) {
        if (selector.isEmpty()) {
            return namespace.isEmpty() ? all() : in(namespace);
        }
        return byLabel.matching(selector, namespace);
    }

    /** Those behind a Service; none for one without selector. */
    public List<Workload> behind(Resource service, String namespace) {
        Map<String, String> selector = service.spec().at("selector").textMap();
        return selector.isEmpty() ? List.of() : matching(selector, namespace);
    }
}
