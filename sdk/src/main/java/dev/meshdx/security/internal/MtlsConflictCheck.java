package dev.meshdx.security.internal;

import dev.meshdx.check.Check;
import dev.meshdx.configuration.ClientTlsMode;
import dev.meshdx.configuration.MtlsMode;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.security.ClientMtls;
import dev.meshdx.security.MtlsReport;
import dev.meshdx.security.MtlsRow;
import dev.meshdx.security.SecurityCodes;
import dev.meshdx.security.ServerMtls;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * MDX0501: a client sends what a server does not take. One finding for each rule, policy and host, however many clients
 * and ports it concerns; one for all hosts where they are many.
 */
public final class MtlsConflictCheck implements Check<MtlsReport> {
    private static final int MANY_HOSTS = 5;

    @Override
    public List<FindingCode> codes() {
        return List.of(SecurityCodes.MTLS_CONFLICT);
    }

    @Override
    public void run(MtlsReport model, Consumer<Finding> report) {
        Map<List<Object>, Map<String, List<MtlsRow>>> alike = new LinkedHashMap<>();
        Map<List<ResourceRef>, List<MtlsRow>> outsiders = new LinkedHashMap<>();
        for (MtlsRow row : model.conflicts()) {
            if (row.clientMode() == ClientTlsMode.NO_PROXY) {
                outsiders
                        .computeIfAbsent(row.clients(), any -> new ArrayList<>())
                        .add(row);
                continue;
            }
            alike.computeIfAbsent(
                            List.of(row.clientPolicy(), row.serverPolicy(), row.clientMode(), row.serverMode()),
                            any -> new TreeMap<>())
                    .computeIfAbsent(row.service(), any -> new ArrayList<>())
                    .add(row);
        }
        for (Map<String, List<MtlsRow>> hosts : alike.values()) {
            if (hosts.size() > MANY_HOSTS) {
                // A rule for *.local against a mesh-wide policy: a finding for each host would bury the cause.
                report.accept(
                        finding(hosts.values().stream().flatMap(List::stream).toList()));
            } else {
                hosts.values().forEach(rows -> report.accept(finding(rows)));
            }
        }
        outsiders.forEach((client, rows) -> report.accept(outsider(client, rows)));
    }

    /** A client without a proxy is where it stands: that it calls these services is not known. */
    private static Finding outsider(List<ResourceRef> clients, List<MtlsRow> rows) {
        TreeSet<String> hosts = new TreeSet<>();
        rows.forEach(row -> hosts.add(row.service() + ":" + row.port()));
        String listed = String.join(", ", hosts.stream().limit(5).toList())
                + (hosts.size() > 5 ? " and " + (hosts.size() - 5) + " more" : "");
        ResourceRef client = clients.get(0);
        Finding.Builder finding = Finding.of(SecurityCodes.MTLS_CONFLICT, client)
                .severity(Severity.INFO)
                .message(client + " has no sidecar and sends plain text; if it calls " + listed
                        + ", it is refused: mutual TLS only there.");
        for (MtlsRow row : rows.subList(0, Math.min(5, rows.size()))) {
            row.serverPolicy()
                    .ifPresent(policy -> finding.evidence(
                            row.server().field(),
                            policy.toString(),
                            row.server().configured().toString()));
        }
        return finding.remedy("If it calls them: give it a sidecar (kubectl label namespace " + client.namespace()
                        + " istio-injection=enabled, then restart it), or let the servers take plain text (mode"
                        + " PERMISSIVE).")
                .build();
    }

    private static Finding finding(List<MtlsRow> rows) {
        // The one with most to show for it.
        MtlsRow row = rows.stream()
                .filter(other -> other.client().actual().isPresent())
                .findFirst()
                .orElse(rows.get(0));
        ClientMtls client = row.client();
        ServerMtls server = row.server();
        TreeMap<String, TreeSet<String>> hosts = new TreeMap<>();
        TreeSet<ResourceRef> clients = new TreeSet<>();
        for (MtlsRow other : rows) {
            hosts.computeIfAbsent(other.service(), any -> new TreeSet<>())
                    .add(other.port() + (other.subset().isEmpty() ? "" : " subset " + other.subset()));
            clients.addAll(other.clients());
        }
        List<String> targets = new ArrayList<>();
        hosts.forEach((host, ports) -> targets.add(host + ":" + String.join(", ", ports)));
        String to = String.join("; ", targets.stream().limit(MANY_HOSTS).toList())
                + (targets.size() > MANY_HOSTS ? " and " + (targets.size() - MANY_HOSTS) + " more services" : "");
        Finding.Builder finding = Finding.of(SecurityCodes.MTLS_CONFLICT, subject(row))
                .message(describe(clients) + " cannot talk to " + to + ": " + row.because() + sides(row) + ".");
        client.policy()
                .ifPresent(rule -> finding.evidence(
                        client.field().isEmpty() ? "metadata of the cluster" : client.field(),
                        rule.toString(),
                        client.mode().toString()));
        server.policy()
                .ifPresent(policy -> finding.evidence(
                        server.field(), policy.toString(), server.configured().toString()));
        client.actual()
                .ifPresent(mode -> finding.evidence(
                        "cluster " + ProxyTls.clusterName(row.service(), row.port(), row.subset()),
                        client.seenAt().map(ResourceRef::toString).orElse("") + " /config_dump",
                        seen(mode)));
        server.actual()
                .ifPresent(mode -> finding.evidence(
                        "filter chains of the inbound listener",
                        server.seenAt().map(ResourceRef::toString).orElse("") + " /config_dump",
                        mode == MtlsMode.STRICT ? "TLS only" : mode.toString()));
        return finding.remedy(remedy(row)).build();
    }

    private static String seen(ClientTlsMode mode) {
        return switch (mode) {
            case DISABLE, PLAINTEXT, NO_PROXY -> "no TLS transport socket";
            case AUTO -> "TLS or plain text by the endpoint's metadata";
            default -> "TLS transport socket (" + mode + ")";
        };
    }

    private static ResourceRef subject(MtlsRow row) {
        return row.clientPolicy()
                .or(row::serverPolicy)
                .orElseGet(() -> row.servers().get(0));
    }

    private static String sides(MtlsRow row) {
        List<String> reasons = new ArrayList<>();
        if (row.clientMode() != ClientTlsMode.AUTO
                && row.clientMode() == row.client().configured()) {
            reasons.add(row.client().because());
        }
        if (row.serverMode() == row.server().configured()) {
            reasons.add(row.server().because());
        }
        return reasons.isEmpty() ? "" : " (" + String.join("; ", reasons) + ")";
    }

    private static String describe(java.util.SortedSet<ResourceRef> clients) {
        TreeSet<String> namespaces = new TreeSet<>();
        clients.forEach(pod -> namespaces.add(pod.namespace()));
        if (clients.size() == 1) {
            return clients.first().toString();
        }
        return "The " + clients.size() + " clients of " + (namespaces.size() == 1 ? "namespace " : "namespaces ")
                + String.join(", ", namespaces);
    }

    private static String remedy(MtlsRow row) {
        boolean serverPlain = row.serverMode() == MtlsMode.DISABLE || row.serverMode() == MtlsMode.NO_PROXY;
        String change = row.clientPolicy()
                .map(rule -> "kubectl -n " + rule.namespace() + " edit destinationrule " + rule.name()
                        + ": remove the tls setting so that auto mTLS decides"
                        + (serverPlain ? "" : ", or set mode: ISTIO_MUTUAL"))
                .orElse("");
        if (!change.isEmpty()) {
            return change + ". If the rule is meant so, change the server's side instead: "
                    + (serverPlain
                            ? "give its pods a sidecar, or set PERMISSIVE."
                            : "set PERMISSIVE for that port in its PeerAuthentication.");
        }
        if (serverPlain) {
            return "Remove the label security.istio.io/tlsMode from pods that have no sidecar (restart them from a clean"
                    + " template), or give them a sidecar.";
        }
        if (row.clientMode() == ClientTlsMode.AUTO) {
            ResourceRef pod = row.servers().get(0);
            return "Restart the pod so that it is injected anew: kubectl -n " + pod.namespace() + " delete pod "
                    + pod.name() + ".";
        }
        return row.serverPolicy()
                .map(policy -> "kubectl -n " + policy.namespace() + " edit peerauthentication " + policy.name()
                        + ": set PERMISSIVE until its clients send mutual TLS, or add a DestinationRule with tls mode"
                        + " ISTIO_MUTUAL for the host.")
                .orElse("Add a DestinationRule with tls mode ISTIO_MUTUAL for the host.");
    }
}
