package dev.meshdx.analysis.internal.checks.ambient;

import static dev.meshdx.model.ResourceKind.NAMESPACE;
import static dev.meshdx.model.ResourceKind.POD;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.DataPlane;
import dev.meshdx.configuration.internal.DataPlane.Label;
import dev.meshdx.configuration.internal.Workload;
import dev.meshdx.configuration.internal.Workloads;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What labels ask for against what pods are: a sidecar, ztunnel, both, neither. Sources: Istio, "Add workloads to an ambient
 * mesh"; istio/istio, {@code cni/pkg/util/podutil.go}: the CNI agent leaves out pods that have a sidecar, and writes the
 * annotation {@code ambient.istio.io/redirection} on those that it took. A pod that was not taken was seen on a real mesh: it
 * sends and receives plain text, and nothing enforces its policies.
 */
public final class DataPlaneModeCheck implements ConfigurationCheck {
    static final FindingCode BOTH = new FindingCode(
            "MDX0253",
            "SidecarAndAmbientLabels",
            Severity.WARNING,
            "Labels of the workload and its namespace ask for a sidecar and for ambient mode.");

    static final FindingCode STILL_AMBIENT = new FindingCode(
            "MDX0254",
            "AmbientPodWithSidecarLabels",
            Severity.WARNING,
            "Labels ask for a sidecar, but the pod runs in ambient mode.");

    static final FindingCode STILL_SIDECAR = new FindingCode(
            "MDX0255", "SidecarInAmbient", Severity.WARNING, "Labels ask for ambient mode, but the pod has a sidecar.");

    static final FindingCode NOT_CAPTURED = new FindingCode(
            "MDX0262",
            "PodNotCaptured",
            Severity.ERROR,
            "Labels ask for ambient mode, but ztunnel does not take the traffic of the pod.");

    private record Key(FindingCode code, String namespace, String owner) {}

    @Override
    public List<FindingCode> codes() {
        return List.of(BOTH, STILL_AMBIENT, STILL_SIDECAR, NOT_CAPTURED);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return DataPlane.INPUTS;
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        DataPlane dataPlane = DataPlane.of(configuration);
        Map<Key, List<Workload>> pods = new LinkedHashMap<>();
        for (Workload workload : Workloads.of(configuration).all()) {
            if (DataPlane.isProxy(workload)) {
                continue;
            }
            Optional<Label> ambient = dataPlane.wantsAmbient(workload);
            Optional<Label> sidecar = dataPlane.wantsSidecar(workload);
            boolean pod = workload.resource().kind().equals(POD);
            if (ambient.isPresent() && sidecar.isPresent()) {
                boolean bothOnNamespace = ambient.get().holder().kind().equals(NAMESPACE)
                        && sidecar.get().holder().kind().equals(NAMESPACE);
                if (!bothOnNamespace && !(pod && isControlled(workload))) {
                    report.accept(both(configuration, workload, ambient.get(), sidecar.get()));
                }
            } else if (pod) {
                FindingCode code = judge(configuration, workload, ambient.isPresent(), sidecar.isPresent());
                if (code != null) {
                    pods.computeIfAbsent(new Key(code, workload.namespace(), owner(workload)), any -> new ArrayList<>())
                            .add(workload);
                }
            }
        }
        pods.forEach((key, same) -> report.accept(finding(configuration, dataPlane, key.code(), same)));
    }

    private static @org.jspecify.annotations.Nullable FindingCode judge(
            Configuration configuration, Workload pod, boolean ambient, boolean sidecar) {
        boolean redirected = pod.annotation(DataPlane.REDIRECTION).equals("enabled");
        boolean has = DataPlane.hasSidecar(pod);
        if (sidecar) {
            return redirected && !has ? STILL_AMBIENT : null;
        }
        if (!ambient) {
            return null;
        }
        if (has) {
            return STILL_SIDECAR;
        }
        // The CNI agent leaves these namespaces out by default.
        boolean system = pod.namespace().equals(configuration.istioNamespace())
                || pod.namespace().equals("kube-system");
        return !redirected && !system && DataPlane.isRunning(pod) ? NOT_CAPTURED : null;
    }

    private static boolean isControlled(Workload pod) {
        return !owner(pod).equals(pod.resource().name());
    }

    /** What the pods of one controller have in common. */
    private static String owner(Workload pod) {
        for (Json owner : pod.pod().at("metadata", "ownerReferences").items()) {
            String name = owner.at("name").text("");
            if (!name.isEmpty()) {
                return owner.at("kind").text("") + " " + name;
            }
        }
        return pod.resource().name();
    }

    private static Finding both(Configuration configuration, Workload workload, Label ambient, Label sidecar) {
        // The one that is closer to the workload is the one to look at.
        Label first = ambient.holder().kind().equals(NAMESPACE) ? sidecar : ambient;
        Label second = ambient.holder().kind().equals(NAMESPACE) ? ambient : sidecar;
        return configuration
                .finding(BOTH, workload.resource(), first.field())
                .message("The pods ask for both: " + sidecar + " for a sidecar, " + ambient
                        + " for ambient mode. The sidecar wins, ztunnel leaves pods with a sidecar out.")
                .evidence(
                        second.field().path(),
                        second.holder().toString(),
                        second.field().quoted())
                .remedy("Say which one is meant: for a sidecar set " + DataPlane.MODE
                        + "=none on the pods, for ambient mode sidecar.istio.io/inject=\"false\" or no such label: "
                        + ReferencedResources.edit(workload.resource()))
                .build();
    }

    private static Finding finding(
            Configuration configuration, DataPlane dataPlane, FindingCode code, List<Workload> pods) {
        Workload pod = pods.get(0);
        String others =
                pods.size() == 1 ? "The pod" : "The pod, and " + (pods.size() - 1) + " more of the same controller,";
        Label label =
                (code.equals(STILL_AMBIENT) ? dataPlane.wantsSidecar(pod) : dataPlane.wantsAmbient(pod)).orElseThrow();
        String annotation = pod.annotation(DataPlane.REDIRECTION);
        Field place = code.equals(STILL_SIDECAR)
                ? new Field(
                        "spec.containers[].name",
                        Json.of(pod.podSpec().at("containers").items().stream()
                                .map(container -> container.at("name").text(""))
                                .toList()))
                : new Field(
                        "metadata.annotations." + DataPlane.REDIRECTION,
                        annotation.isEmpty() ? Json.MISSING : Json.of(annotation));
        String message = code.equals(STILL_AMBIENT)
                ? others + " runs in ambient mode, although " + label + " of " + label.holder()
                        + " asks for a sidecar: rules that need a sidecar do not apply."
                : code.equals(STILL_SIDECAR)
                        ? others + " has a sidecar, although " + label + " of " + label.holder()
                                + " asks for ambient mode: ztunnel leaves it out, and it does not use waypoints."
                        : others + " runs without having been captured, although " + label + " of "
                                + label.holder() + " asks for ambient mode: it has no identity, sends and receives"
                                + " plain text, and no policy is enforced"
                                + (annotation.equals("pending") ? " (the CNI agent could not reach ztunnel)." : ".");
        return configuration
                .finding(code, pod.resource(), place)
                .message(message)
                .evidence(
                        label.field().path(),
                        label.holder().toString(),
                        label.field().quoted())
                .remedy(
                        code.equals(NOT_CAPTURED)
                                ? "See what the CNI agent of its node says (kubectl -n "
                                        + configuration.istioNamespace()
                                        + " logs -l k8s-app=istio-cni-node), then create the pod anew: kubectl -n "
                                        + pod.namespace() + " delete pod "
                                        + pod.resource().name()
                                : "Create it anew, so that it becomes what the labels ask for: kubectl -n "
                                        + pod.namespace() + " delete pod "
                                        + pod.resource().name() + " (or kubectl rollout restart its controller)")
                .build();
    }
}
