package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.DAEMON_SET;
import static dev.meshdx.model.ResourceKind.DEPLOYMENT;
import static dev.meshdx.model.ResourceKind.DESTINATION_RULE;
import static dev.meshdx.model.ResourceKind.NAMESPACE;
import static dev.meshdx.model.ResourceKind.PEER_AUTHENTICATION;
import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.SERVICE;
import static dev.meshdx.model.ResourceKind.STATEFUL_SET;

import dev.meshdx.configuration.ClientTlsMode;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.DataPlane;
import dev.meshdx.configuration.internal.Workload;
import dev.meshdx.configuration.internal.Workloads;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Hosts;
import dev.meshdx.model.internal.Pods;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * DestinationRules that make clients speak mutual TLS to pods that nobody stands before to take it. A retired number of
 * istioctl's, back with its old meaning.
 *
 * <p>Sources: Istio, "Destination Rule" ({@code ISTIO_MUTUAL} is sent whether the server can take it or not) and "Understanding
 * TLS Configuration" (auto mTLS looks at each endpoint, an explicit mode does not); istiod,
 * {@code pilot/pkg/networking/core/cluster_tls.go}.
 */
public final class MtlsWithoutProxyCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0115",
            "DestinationRuleUsesMTLSForWorkloadWithoutSidecar",
            Severity.ERROR,
            "A DestinationRule demands mutual TLS towards pods that have no proxy.");

    /** So many pods are named. */
    private static final int NAMED = 3;

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(
                DESTINATION_RULE, PEER_AUTHENTICATION, SERVICE, POD, NAMESPACE, DEPLOYMENT, STATEFUL_SET, DAEMON_SET);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (List<TlsInForce.Setting> settings : TlsInForce.of(configuration).settings()) {
            List<TlsInForce.Setting> mutual = settings.stream()
                    .filter(setting -> setting.client().mode() == ClientTlsMode.ISTIO_MUTUAL)
                    .toList();
            if (!mutual.isEmpty()
                    && settings.stream().noneMatch(setting -> MtlsConflictCheck.isConflict(configuration, setting))) {
                check(configuration, mutual, report);
            }
        }
    }

    /** What one rule says of one Service is one finding, however many ports and subsets it is said for. */
    private static void check(
            Configuration configuration, List<TlsInForce.Setting> settings, Consumer<Finding> report) {
        Map<String, TlsInForce.Setting> affected = new LinkedHashMap<>();
        Set<Long> ports = new TreeSet<>();
        Set<Workload> pods = new LinkedHashSet<>();
        Set<Workload> bare = new LinkedHashSet<>();
        for (TlsInForce.Setting setting : settings) {
            List<Workload> behind = Workloads.of(configuration).matching(setting.labels(), setting.namespace()).stream()
                    .filter(workload -> workload.resource().kind().equals(POD) && isServed(workload.resource()))
                    .toList();
            List<Workload> without = behind.stream()
                    .filter(workload -> isWithoutProxy(configuration, workload))
                    .toList();
            if (!without.isEmpty()) {
                affected.putIfAbsent(setting.client().field(), setting);
                ports.add(setting.port().at("port").number(0));
                pods.addAll(behind);
                bare.addAll(without);
            }
        }
        if (!bare.isEmpty()) {
            report(configuration, List.copyOf(affected.values()), ports, pods, List.copyOf(bare), report);
        }
    }

    /** Whether clients may be sent to it: one that has ended or is ending is no endpoint. */
    private static boolean isServed(Resource pod) {
        String phase = Pods.phase(pod);
        return !phase.equals("Succeeded")
                && !phase.equals("Failed")
                && !pod.raw().at("metadata", "deletionTimestamp").exists();
    }

    private static boolean isWithoutProxy(Configuration configuration, Workload pod) {
        if (DataPlane.of(configuration).mode(pod) != DataPlane.Mode.NONE) {
            return false;
        }
        // What injection would do to a pod that only stands in a file depends on its namespace.
        return DataPlane.isRunning(pod)
                || configuration.find(NAMESPACE, "", pod.namespace()).isPresent();
    }

    private static void report(
            Configuration configuration,
            List<TlsInForce.Setting> settings,
            Set<Long> ports,
            Set<Workload> pods,
            List<Workload> bare,
            Consumer<Finding> report) {
        TlsInForce.Setting first = settings.get(0);
        Resource rule = first.client().rule();
        String namespace = first.namespace();
        boolean all = bare.size() == pods.size();
        Finding.Builder finding = configuration
                .finding(CODE, rule, first.field())
                .message(first.clients(configuration) + " send " + first.words() + " to "
                        + target(Hosts.shorten(first.host()), ports) + ", but " + who(bare, pods.size())
                        + " no proxy that takes it: requests "
                        + (all ? "" : bare.size() == 1 ? "to it " : "to them ") + "fail.");
        settings.stream().skip(1).limit(NAMED).forEach(setting -> {
            Field field = setting.field();
            finding.evidence(field.path(), rule.toString(), field.quoted());
        });
        bare.stream()
                .limit(NAMED)
                .forEach(pod -> finding.evidence(
                        "spec.containers[].name", pod.resource().toString(), containers(pod.resource())));
        String remedy = "Take tls out of the rule, so that clients find out by themselves ("
                + ReferencedResources.edit(rule) + "). ";
        report.accept(finding.remedy(
                        all
                                ? remedy + "If the pods belong into the mesh: kubectl label namespace " + namespace
                                        + " istio-injection=enabled, and restart them."
                                : remedy + "Or give those pods a proxy like the others: kubectl -n " + namespace
                                        + " get pods --show-labels, then restart what lacks one.")
                .build());
    }

    private static String target(String host, Set<Long> ports) {
        String numbers = ports.stream().map(String::valueOf).collect(Collectors.joining(", "));
        return ports.size() == 1 ? host + ":" + numbers : "ports " + numbers + " of " + host;
    }

    /** {@code its only pod, legacy-1, has}. */
    private static String who(List<Workload> bare, int pods) {
        String names =
                bare.stream().limit(NAMED).map(pod -> pod.resource().name()).collect(Collectors.joining(", "));
        if (bare.size() > NAMED) {
            names += " and " + (bare.size() - NAMED) + " more";
        }
        if (pods == 1) {
            return "its only pod, " + names + ", has";
        }
        return bare.size() == pods
                ? "its " + pods + " pods (" + names + ") have"
                : bare.size() + " of its " + pods + " pods (" + names + ") " + (bare.size() == 1 ? "has" : "have");
    }

    private static String containers(Resource pod) {
        return Pods.containers(pod).stream()
                .map(container -> container.at("name").text("unnamed"))
                .collect(Collectors.joining(", "));
    }
}
