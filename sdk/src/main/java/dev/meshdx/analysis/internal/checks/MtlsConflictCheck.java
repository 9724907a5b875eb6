package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.DESTINATION_RULE;
import static dev.meshdx.model.ResourceKind.PEER_AUTHENTICATION;
import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.SERVICE;

import dev.meshdx.configuration.ClientTlsMode;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.MtlsMode;
import dev.meshdx.configuration.internal.PeerAuthentications;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Hosts;
import dev.meshdx.model.internal.Pods;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * DestinationRules that make clients speak otherwise than PeerAuthentications let servers listen: plain text (or ordinary
 * TLS) to a STRICT server, mutual TLS to one that has it DISABLEd. A retired number of istioctl's, back with its old meaning
 * for the policies of today.
 *
 * <p>Sources: Istio, "PeerAuthentication" (a port's mode goes before the workload's, that before the namespace's, that before
 * the mesh's; UNSET inherits; without any, PERMISSIVE) and "Destination Rule" (clients look in their own namespace, then in
 * the service's, then in the root namespace; port-level settings replace those of the rule). A rule that sets no TLS mode
 * never conflicts: clients then find out by themselves (auto mTLS).
 */
public final class MtlsConflictCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0113",
            "MTLSPolicyConflict",
            Severity.ERROR,
            "A DestinationRule and a PeerAuthentication disagree about mutual TLS.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(DESTINATION_RULE, PEER_AUTHENTICATION, SERVICE, POD);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (List<TlsInForce.Setting> settings : TlsInForce.of(configuration).settings()) {
            for (TlsInForce.Setting setting : settings) {
                conflict(configuration, setting)
                        .ifPresent(conflict -> report(configuration, setting, conflict, report));
            }
        }
    }

    /** A server that listens otherwise than clients speak; without a pod where none is there yet. */
    private record Conflict(
            PeerAuthentications.Decision server,
            Resource policy,
            @Nullable Resource pod) {}

    /** Whether this check reports a setting. */
    static boolean isConflict(Configuration configuration, TlsInForce.Setting setting) {
        return conflict(configuration, setting).isPresent();
    }

    private static Optional<Conflict> conflict(Configuration configuration, TlsInForce.Setting setting) {
        String namespace = setting.namespace();
        // A policy that could not be read might be the one that settles it.
        if (!configuration.complete(PEER_AUTHENTICATION, namespace)
                || !configuration.complete(
                        PEER_AUTHENTICATION, configuration.mesh().rootNamespace())) {
            return Optional.empty();
        }
        PeerAuthentications policies = PeerAuthentications.of(configuration);
        Json port = setting.port();
        List<Resource> pods = configuration.matching(POD, setting.labels(), namespace);
        if (pods.isEmpty()) {
            // Not rolled out yet: the service's own selector stands in for the labels of its pods.
            long target = port.at("targetPort").number(port.at("port").number(0));
            return conflict(setting, policies.of(namespace, setting.labels(), (int) target), null);
        }
        for (Resource pod : pods) {
            long target = targetPort(pod, port);
            if (!Pods.isSidecar(pod) || bypassesProxy(pod, target)) {
                continue;
            }
            Optional<Conflict> found = conflict(setting, policies.of(namespace, pod.labels(), (int) target), pod);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<Conflict> conflict(
            TlsInForce.Setting setting, PeerAuthentications.Decision server, @Nullable Resource pod) {
        Resource policy = server.policy();
        return policy != null && isConflict(setting.client().mode(), server.mode())
                ? Optional.of(new Conflict(server, policy, pod))
                : Optional.empty();
    }

    private static boolean isConflict(ClientTlsMode client, MtlsMode server) {
        return server == MtlsMode.STRICT
                ? client == ClientTlsMode.DISABLE || client == ClientTlsMode.SIMPLE
                : server == MtlsMode.DISABLE && client == ClientTlsMode.ISTIO_MUTUAL;
    }

    private static long targetPort(Resource pod, Json port) {
        Json target = port.at("targetPort");
        long number = target.number(0);
        if (number > 0) {
            return number;
        }
        for (Json container : Pods.containers(pod)) {
            for (Json one : container.at("ports").items()) {
                if (target.isText() && one.at("name").text("").equals(target.text(""))) {
                    return one.at("containerPort").number(0);
                }
            }
        }
        return port.at("port").number(0);
    }

    private static boolean bypassesProxy(Resource pod, long port) {
        return List.of(pod.annotation("traffic.sidecar.istio.io/excludeInboundPorts")
                        .orElse("")
                        .split(","))
                .contains(String.valueOf(port));
    }

    private static void report(
            Configuration configuration, TlsInForce.Setting setting, Conflict conflict, Consumer<Finding> report) {
        Resource rule = setting.client().rule();
        Resource policy = conflict.policy();
        boolean strict = conflict.server().mode() == MtlsMode.STRICT;
        Finding.Builder finding = configuration
                .finding(CODE, rule, setting.field())
                .message(setting.clients(configuration) + " send " + setting.words() + " to "
                        + Hosts.shorten(setting.host()) + ":"
                        + setting.port().at("port").number(0) + ", but " + policy
                        + (strict
                                ? " lets its pods accept mutual TLS only (STRICT)."
                                : " lets its pods accept plain text only (DISABLE)."))
                .evidence(
                        conflict.server().field(),
                        policy.toString(),
                        conflict.server().mode().toString());
        Resource pod = conflict.pod();
        if (pod != null) {
            finding.evidence("pod behind the service", pod.toString(), Configuration.text(pod.labels()));
        }
        report.accept(finding.remedy(
                        strict
                                ? "Set the mode to ISTIO_MUTUAL, or take tls out of the rule so that clients find out by"
                                        + " themselves: " + ReferencedResources.edit(rule)
                                : "Set the PeerAuthentication to PERMISSIVE or STRICT ("
                                        + ReferencedResources.edit(policy) + "), or take tls out of the rule ("
                                        + ReferencedResources.edit(rule) + ").")
                .build());
    }
}
