package dev.meshdx.configuration.internal;

import static dev.meshdx.model.ResourceKind.GATEWAY_CLASS;
import static dev.meshdx.model.ResourceKind.KUBERNETES_GATEWAY;
import static dev.meshdx.model.ResourceKind.NAMESPACE;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.DataPlane.Label;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Selectors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which waypoint something goes through. Sources: Istio, "Configure waypoint proxies" and "Label workloads to use a waypoint
 * proxy"; istio/istio, {@code pilot/pkg/serviceregistry/kube/controller/ambient/waypoints.go}: an object's own label counts,
 * else its namespace's; {@code none} declines; the waypoint is a Gateway of the object's namespace or of the one that
 * {@code istio.io/use-waypoint-namespace} names; its HBONE listener admits its own namespace unless {@code allowedRoutes}
 * say otherwise; {@code istio.io/waypoint-for} on the Gateway, else on its class, says which traffic it takes, else that of
 * services.
 */
public final class Waypoints {
    /** The kinds that it is made from. */
    public static final Set<ResourceKind> INPUTS = Set.of(NAMESPACE, KUBERNETES_GATEWAY, GATEWAY_CLASS);

    /** Names the waypoint. */
    public static final String USE = "istio.io/use-waypoint";

    /** Names the namespace that the waypoint is in. */
    public static final String USE_NAMESPACE = "istio.io/use-waypoint-namespace";

    /** On the Gateway: which traffic it takes. */
    public static final String FOR = "istio.io/waypoint-for";

    /** Istio's own class of waypoints. */
    public static final String CLASS = "istio-waypoint";

    /** Istio's classes that are something else. Others may be waypoints of somebody else. */
    private static final Set<String> NO_WAYPOINTS = Set.of("istio", "istio-remote", "istio-east-west");

    /** Who the traffic is addressed to. */
    public enum Traffic {
        /** The address of a Service or ServiceEntry. */
        SERVICE,
        /** The address of a pod or WorkloadEntry. */
        WORKLOAD;

        private String label() {
            return this == SERVICE ? "service" : "workload";
        }
    }

    /** How it stands with a waypoint. */
    public enum State {
        /** There is no label. */
        UNLABELLED,
        /** The label is {@code none}. */
        DECLINED,
        /** There is a label, and a Gateway that serves. */
        BOUND,
        /** There is no such Gateway. */
        MISSING,
        /** There is such a Gateway, but it is not a waypoint. */
        NO_WAYPOINT,
        /** The waypoint is in another namespace and does not admit this one. */
        REFUSED,
        /** The waypoint takes other traffic. */
        OTHER_TRAFFIC,
        /** Too little was read to say. */
        UNKNOWN
    }

    /**
     * What the labels lead to.
     *
     * @param state how it stands
     * @param label the label that decides; absent where there is none
     * @param namespace the namespace of the waypoint
     * @param name the name of the waypoint
     * @param gateway the Gateway, where there is one
     */
    public record Binding(
            State state,
            @Nullable Label label,
            String namespace,
            String name,
            @Nullable Resource gateway) {
        static final Binding UNLABELLED = new Binding(State.UNLABELLED, null, "", "", null);
        static final Binding UNKNOWN = new Binding(State.UNKNOWN, null, "", "", null);

        /** The label that decides. */
        public Optional<Label> decides() {
            return Optional.ofNullable(label);
        }

        /** The Gateway. */
        public Optional<Resource> found() {
            return Optional.ofNullable(gateway);
        }

        /** Whether there is no waypoint, and no label that is wrong by itself and reported where it stands. */
        public boolean isWithout() {
            return state == State.UNLABELLED
                    || state == State.DECLINED
                    || (state == State.OTHER_TRAFFIC
                            && label != null
                            && label.holder().kind().equals(NAMESPACE));
        }

        /** {@code namespace/name} of the waypoint. */
        public String waypoint() {
            return namespace + "/" + name;
        }
    }

    private final Configuration configuration;
    private final Map<String, Resource> namespaces = new HashMap<>();
    private final Map<String, List<Resource>> waypoints = new HashMap<>();

    private Waypoints(Configuration configuration) {
        this.configuration = configuration;
        configuration.all(NAMESPACE).forEach(namespace -> namespaces.put(namespace.name(), namespace));
        for (Resource gateway : configuration.all(KUBERNETES_GATEWAY)) {
            if (className(gateway).equals(CLASS)) {
                waypoints
                        .computeIfAbsent(configuration.namespaceOf(gateway), any -> new ArrayList<>())
                        .add(gateway);
            }
        }
    }

    /** Of a configuration. */
    public static Waypoints of(Configuration configuration) {
        return configuration.shared(Waypoints.class, INPUTS, Waypoints::new);
    }

    /** The waypoints of Istio's own class in a namespace. */
    public List<Resource> in(String namespace) {
        return Collections.unmodifiableList(waypoints.getOrDefault(namespace, List.of()));
    }

    /** The waypoint of a Service or ServiceEntry. */
    public Binding of(Resource service, String namespace) {
        return service.label(USE).isPresent()
                ? resolve(
                        Label.of(service, USE),
                        service.label(USE_NAMESPACE).orElse(namespace),
                        namespace,
                        Traffic.SERVICE)
                : ofNamespace(namespace, Traffic.SERVICE);
    }

    /** The waypoint of a workload's pods. */
    public Binding of(Workload workload) {
        return workload.labels().containsKey(USE)
                ? resolve(
                        Label.of(workload, USE),
                        workload.labels().getOrDefault(USE_NAMESPACE, workload.namespace()),
                        workload.namespace(),
                        Traffic.WORKLOAD)
                : ofNamespace(workload.namespace(), Traffic.WORKLOAD);
    }

    /** The waypoint of what is in a namespace and has no label of its own. */
    public Binding ofNamespace(String namespace, Traffic traffic) {
        Resource found = namespaces.get(namespace);
        if (found == null) {
            return Binding.UNKNOWN;
        }
        return found.label(USE).isPresent()
                ? resolve(Label.of(found, USE), found.label(USE_NAMESPACE).orElse(namespace), namespace, traffic)
                : Binding.UNLABELLED;
    }

    /** What a label on anything else leads to. */
    public Binding resolve(Label label, String owner, String namespace, Traffic traffic) {
        String name = label.value();
        if (name.equals("none")) {
            return new Binding(State.DECLINED, label, "", "", null);
        }
        Optional<Resource> gateway = configuration.find(KUBERNETES_GATEWAY, owner, name);
        State state;
        if (gateway.isEmpty()) {
            state = configuration.knows(KUBERNETES_GATEWAY, owner) ? State.MISSING : State.UNKNOWN;
        } else if (NO_WAYPOINTS.contains(className(gateway.get()))) {
            state = State.NO_WAYPOINT;
        } else {
            state = admits(gateway.get(), owner, namespace)
                    .map(admitted -> !admitted
                            ? State.REFUSED
                            : takes(gateway.get(), traffic) ? State.BOUND : State.OTHER_TRAFFIC)
                    .orElse(State.UNKNOWN);
        }
        return new Binding(state, label, owner, name, gateway.orElse(null));
    }

    /** The class of a Gateway. */
    public static String className(Resource gateway) {
        return gateway.spec().at("gatewayClassName").text("");
    }

    /** Whether a waypoint takes this traffic. */
    public boolean takes(Resource gateway, Traffic traffic) {
        String takes = takes(gateway);
        return takes.equals("all") || takes.equals(traffic.label());
    }

    /** Which traffic a waypoint takes: {@code service}, {@code workload}, {@code all}, {@code none}. */
    public String takes(Resource gateway) {
        return gateway.label(FOR)
                .or(() -> configuration
                        .find(GATEWAY_CLASS, "", className(gateway))
                        .flatMap(found -> found.label(FOR)))
                .orElse("service");
    }

    /** The listener that traffic of the mesh arrives at. */
    public static Optional<Field> listener(Resource gateway) {
        return Field.spec(gateway).at("listeners").items().stream()
                .filter(listener -> listener.at("protocol").text().equals("HBONE"))
                .findFirst();
    }

    private Optional<Boolean> admits(Resource gateway, String owner, String namespace) {
        Json rule = listener(gateway)
                .map(listener -> listener.at("allowedRoutes", "namespaces").value())
                .orElse(Json.MISSING);
        return switch (rule.at("from").text("Same")) {
            case "All" -> Optional.of(true);
            case "Same" -> Optional.of(owner.equals(namespace));
            case "Selector" ->
                Optional.ofNullable(namespaces.get(namespace))
                        .map(found -> Selectors.matches(rule.at("selector"), found.labels()));
            default -> Optional.of(false);
        };
    }
}
