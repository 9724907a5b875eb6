package dev.meshdx.configuration.internal;

import static dev.meshdx.model.ResourceKind.DAEMON_SET;
import static dev.meshdx.model.ResourceKind.DEPLOYMENT;
import static dev.meshdx.model.ResourceKind.NAMESPACE;
import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.STATEFUL_SET;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.Field;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How workloads take part in the mesh: through a sidecar, through ztunnel, or not at all. What a pod shows (its containers,
 * the annotation of the CNI agent) counts more than what labels ask for.
 *
 * <p>Sources: Istio, "Add workloads to an ambient mesh" and "Label workloads to use a waypoint proxy"; istio/istio,
 * {@code cni/pkg/util/podutil.go} (the pod's label wins over the namespace's, pods with a sidecar or on the host's network
 * are left out), the selectors of the injection webhook in {@code manifests/charts/istio-control}, and
 * {@code pkg/kube/inject/inject.go} (the pod's own wish).
 */
public final class DataPlane {
    /** The kinds that it is made from. */
    public static final Set<ResourceKind> INPUTS = Set.of(POD, DEPLOYMENT, STATEFUL_SET, DAEMON_SET, NAMESPACE);

    /** Says whether ztunnel takes the traffic of pods. */
    public static final String MODE = "istio.io/dataplane-mode";

    /** What the CNI agent writes on a pod whose traffic goes to ztunnel. */
    public static final String REDIRECTION = "ambient.istio.io/redirection";

    private static final String INJECTION = "istio-injection";
    private static final String INJECT = "sidecar.istio.io/inject";
    private static final String REVISION = "istio.io/rev";
    private static final String STATUS = "sidecar.istio.io/status";
    private static final String PROXY = "istio-proxy";
    private static final String GATEWAY_NAME = "gateway.networking.k8s.io/gateway-name";

    /** How a workload takes part. */
    public enum Mode {
        /** Its pods have a sidecar. */
        SIDECAR,
        /** Its traffic goes to ztunnel. */
        AMBIENT,
        /** It is a proxy itself: a gateway, a waypoint or ztunnel. */
        PROXY,
        /** It is outside the mesh. */
        NONE
    }

    /** What there is in a namespace, one of each for evidence. */
    private static final class Census {
        private @Nullable Workload ambient;
        private @Nullable Workload sidecar;
        private @Nullable Workload gateway;
        private @Nullable Workload outside;

        void add(Workload workload, Mode mode) {
            switch (mode) {
                case AMBIENT -> ambient = ambient == null ? workload : ambient;
                case SIDECAR -> sidecar = sidecar == null ? workload : sidecar;
                case NONE -> outside = outside == null ? workload : outside;
                case PROXY -> {
                    if (gateway == null && !isWaypoint(workload) && !isZtunnel(workload)) {
                        gateway = workload;
                    }
                }
            }
        }

        @Nullable
        Workload one(Mode mode) {
            return switch (mode) {
                case AMBIENT -> ambient;
                case SIDECAR -> sidecar;
                case PROXY -> gateway;
                case NONE -> outside;
            };
        }
    }

    private record Question(Mode mode, Map<String, String> selector, String namespace) {}

    /** Answers, since many policies and services ask with the same labels. */
    private final Map<Question, Optional<Workload>> answers = new HashMap<>();

    private final Map<String, Resource> namespaces = new HashMap<>();
    private final Map<String, Census> byNamespace = new HashMap<>();
    private final Workloads workloads;

    private DataPlane(Configuration configuration) {
        configuration.all(NAMESPACE).forEach(namespace -> namespaces.put(namespace.name(), namespace));
        workloads = Workloads.of(configuration);
        for (Workload workload : workloads.all()) {
            Mode mode = mode(workload);
            byNamespace
                    .computeIfAbsent(workload.namespace(), any -> new Census())
                    .add(workload, mode);
            byNamespace.computeIfAbsent("", any -> new Census()).add(workload, mode);
        }
    }

    /** Of a configuration. */
    public static DataPlane of(Configuration configuration) {
        return configuration.shared(DataPlane.class, INPUTS, DataPlane::new);
    }

    /** How a workload takes part in the mesh: what its pods show, else what its labels ask for. */
    public Mode mode(Workload workload) {
        if (isProxy(workload)) {
            return Mode.PROXY;
        }
        if (hasSidecar(workload)) {
            return Mode.SIDECAR;
        }
        if (workload.annotation(REDIRECTION).equals("enabled")) {
            return Mode.AMBIENT;
        }
        if (isRunning(workload)) {
            return Mode.NONE;
        }
        return wantsSidecar(workload).isPresent()
                ? Mode.SIDECAR
                : wantsAmbient(workload).isPresent() ? Mode.AMBIENT : Mode.NONE;
    }

    /** Whether it is a pod that runs, so that what it lacks will not come any more. */
    public static boolean isRunning(Workload workload) {
        return workload.pod().at("status", "phase").text("").equals("Running");
    }

    /** Whether its pods are proxies and nothing else. */
    public static boolean isProxy(Workload workload) {
        if (workload.labels().containsKey(GATEWAY_NAME) || isZtunnel(workload)) {
            return true;
        }
        List<Json> containers = workload.podSpec().at("containers").items();
        return containers.size() == 1 && containers.get(0).at("name").text("").equals(PROXY);
    }

    private static boolean isZtunnel(Workload workload) {
        return workload.labels().getOrDefault("app", "").equals("ztunnel");
    }

    private static boolean isWaypoint(Workload workload) {
        return workload.labels().containsKey(Waypoints.FOR)
                || workload.labels()
                        .getOrDefault("gateway.networking.k8s.io/gateway-class-name", "")
                        .equals(Waypoints.CLASS)
                || workload.labels()
                        .getOrDefault("gateway.istio.io/managed", "")
                        .equals("istio.io-mesh-controller");
    }

    /** Whether its pods have a sidecar, be it an ordinary container or one that Kubernetes starts first. */
    public static boolean hasSidecar(Workload workload) {
        if (!workload.annotation(STATUS).isEmpty()) {
            return true;
        }
        for (String list : List.of("containers", "initContainers")) {
            for (Json container : workload.podSpec().at(list).items()) {
                if (container.at("name").text("").equals(PROXY)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The label that asks for ztunnel, on the pods or their namespace; empty where none does. */
    public Optional<Label> wantsAmbient(Workload workload) {
        String own = workload.labels().getOrDefault(MODE, "");
        if (own.equals("none") || workload.podSpec().at("hostNetwork").bool(false)) {
            return Optional.empty();
        }
        return own.equals("ambient")
                ? Optional.of(Label.of(workload, MODE))
                : namespaceLabel(workload.namespace(), MODE).filter(label -> label.is("ambient"));
    }

    /** The label that asks for a sidecar, on the pods or their namespace; empty where none does. */
    public Optional<Label> wantsSidecar(Workload workload) {
        if (workload.podSpec().at("hostNetwork").bool(false)) {
            return Optional.empty();
        }
        String wish = workload.labels().getOrDefault(INJECT, workload.annotation(INJECT));
        if (wish.equals("false")) {
            return Optional.empty();
        }
        Optional<Label> injection = namespaceLabel(workload.namespace(), INJECTION);
        if (injection.isPresent()) {
            return injection.filter(label -> label.is("enabled"));
        }
        Optional<Label> revision =
                namespaceLabel(workload.namespace(), REVISION).filter(label -> !label.is(""));
        if (revision.isPresent()) {
            return revision;
        }
        return workload.labels().getOrDefault(INJECT, "").equals("true")
                ? Optional.of(Label.of(workload, INJECT))
                : workload.labels().getOrDefault(REVISION, "").isEmpty()
                        ? Optional.empty()
                        : Optional.of(Label.of(workload, REVISION));
    }

    private Optional<Label> namespaceLabel(String namespace, String name) {
        Resource found = namespaces.get(namespace);
        return found == null || found.label(name).isEmpty() ? Optional.empty() : Optional.of(Label.of(found, name));
    }

    /** Whether ztunnel serves what is in a namespace, unless a pod says otherwise. */
    public boolean isAmbient(String namespace) {
        return namespaceLabel(namespace, MODE)
                .filter(label -> label.is("ambient"))
                .filter(label -> namespaceLabel(namespace, INJECTION)
                        .filter(other -> other.is("enabled"))
                        .isEmpty())
                .isPresent();
    }

    /** A workload of a namespace that takes part in this way; with an empty name, one of the mesh. */
    public Optional<Workload> one(Mode mode, String namespace) {
        Census census = byNamespace.get(namespace);
        return census == null ? Optional.empty() : Optional.ofNullable(census.one(mode));
    }

    /** Among those with these labels, one that takes part in this way. An empty namespace stands for all. */
    public Optional<Workload> one(Mode mode, Map<String, String> selector, String namespace) {
        return selector.isEmpty()
                ? one(mode, namespace)
                : answers.computeIfAbsent(
                        new Question(mode, selector, namespace),
                        any -> workloads.matching(selector, namespace).stream()
                                .filter(workload -> mode(workload) == mode)
                                .findFirst());
    }

    /**
     * Whether ztunnel serves what a Service or ServiceEntry stands for: one of its workloads, or where there are none, its
     * namespace.
     */
    public boolean isAmbient(Resource service, String namespace) {
        Map<String, String> selector = service.kind().equals(ResourceKind.SERVICE)
                ? service.spec().at("selector").textMap()
                : service.spec().at("workloadSelector", "labels").textMap();
        if (selector.isEmpty()) {
            return isAmbient(namespace);
        }
        if (one(Mode.AMBIENT, selector, namespace).isPresent()) {
            return true;
        }
        boolean known = Stream.of(Mode.SIDECAR, Mode.NONE, Mode.PROXY)
                .anyMatch(mode -> one(mode, selector, namespace).isPresent());
        return !known && isAmbient(namespace);
    }

    /**
     * A label that decides something.
     *
     * @param holder whose it is
     * @param field its path and value
     * @param name its name
     */
    public record Label(Resource holder, Field field, String name) {
        /** A label of a resource that is there. */
        public static Label of(Resource holder, String name) {
            return new Label(
                    holder,
                    new Field("metadata.labels." + name, Json.of(holder.labels().getOrDefault(name, ""))),
                    name);
        }

        /** A label of a workload's pods that is there. */
        public static Label of(Workload workload, String name) {
            return new Label(
                    workload.resource(),
                    new Field(
                            workload.podPath() + "metadata.labels." + name,
                            Json.of(workload.labels().getOrDefault(name, ""))),
                    name);
        }

        /** Its value. */
        public String value() {
            return field.text();
        }

        boolean is(String value) {
            return field.text().equals(value);
        }

        /** {@code istio.io/rev=canary}. */
        @Override
        public String toString() {
            return name + "=" + value();
        }
    }
}
