package dev.meshdx.diagnosis.internal;

import dev.meshdx.check.StepReport;
import dev.meshdx.diagnosis.Step;
import dev.meshdx.error.MeshException;
import dev.meshdx.finding.Evidence;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Severity;
import dev.meshdx.health.internal.HealthStep;
import dev.meshdx.logs.internal.LogsStep;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.security.internal.CertificatesReader;
import dev.meshdx.source.Session;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Follows a symptom to the other side. A client's log tells that a server closed the connection, or answered 503; why, only
 * the server's proxy, its certificate and its pod can tell. Goes one hop, to a few pods or services that the symptom names
 * and that do not belong to what was diagnosed anyway, and keeps only what explains the symptom.
 */
final class Peers {
    /** What lies at the other end of a request. */
    private static final Set<String> SYMPTOMS =
            Set.of("MDX0303", "MDX0401", "MDX0402", "MDX0403", "MDX0407", "MDX0408", "MDX0412", "MDX0415");

    /** Only these may have to do with certificates. */
    private static final Set<String> TLS = Set.of("MDX0403", "MDX0412");

    private static final int MOST = 3;
    private static final Pattern HOST = Pattern.compile("([a-z0-9-]+)\\.([a-z0-9-]+)\\.svc\\.");

    private final Session session;

    private Peers(Session session) {
        this.session = session;
    }

    /** Who is at the other end of a symptom: pods, else the service; none where it is no symptom, or nobody knows. */
    static List<ResourceRef> of(Session session, Finding finding) {
        return new Peers(session).of(finding);
    }

    /** What the other ends have to say that explains these findings, by step. */
    static Map<Step, List<Finding>> explain(
            Session session, List<Scope> diagnosed, List<Finding> findings, Scope scope) {
        if (scope.equals(Scope.MESH)) {
            return Map.of();
        }
        Peers peers = new Peers(session);
        List<Finding> symptoms = Correlation.of(findings, scope).causes().stream()
                .filter(cause -> SYMPTOMS.contains(cause.code()))
                .toList();
        Set<ResourceRef> ask = new LinkedHashSet<>();
        boolean tls = false;
        for (Finding symptom : symptoms) {
            for (ResourceRef peer : peers.of(symptom)) {
                if (ask.size() < MOST && !isDiagnosed(diagnosed, peer)) {
                    ask.add(peer);
                    tls |= TLS.contains(symptom.code());
                }
            }
        }
        boolean certificates = tls;
        Map<Step, List<Finding>> kept = new EnumMap<>(Step.class);
        for (Map<Step, List<Finding>> said :
                session.parallel(List.copyOf(ask), peer -> peers.ask(peer, certificates))) {
            said.forEach((step, found) -> kept.computeIfAbsent(step, key -> new ArrayList<>())
                    .addAll(peers.explaining(found, findings, symptoms)));
        }
        kept.values().removeIf(List::isEmpty);
        return kept;
    }

    /** Whether a pod or a service belongs to what is diagnosed; a service does not belong to one of its pods. */
    static boolean isDiagnosed(List<Scope> diagnosed, ResourceRef peer) {
        return diagnosed.stream()
                .anyMatch(part -> part.includesNamespace(peer.namespace())
                        && (!part.isPod()
                                || (peer.kind().equals("Pod") && part.pod().equals(peer.name()))));
    }

    private Map<Step, List<Finding>> ask(ResourceRef peer, boolean certificates) {
        Map<Step, List<Finding>> said = new EnumMap<>(Step.class);
        if (!peer.kind().equals("Pod")) {
            said.put(
                    Step.HEALTH,
                    HealthStep.run(session.fork(), Scope.namespace(peer.namespace())).findings().stream()
                            .filter(finding -> finding.subject().equals(peer))
                            .toList());
            return said;
        }
        Scope scope = Scope.pod(peer.namespace(), peer.name());
        said.put(Step.HEALTH, own(HealthStep.run(session.fork(), scope), peer));
        said.put(Step.LOGS, own(LogsStep.run(session.fork(), scope), peer));
        if (certificates) {
            try {
                said.put(
                        Step.SECURITY,
                        CertificatesReader.read(session.fork(), scope).findings());
            } catch (MeshException e) {
                // The symptom still points there.
            }
        }
        return said;
    }

    private static List<Finding> own(StepReport report, ResourceRef peer) {
        return report.findings().stream()
                .filter(finding -> finding.subject().equals(peer))
                .toList();
    }

    private List<Finding> explaining(List<Finding> found, List<Finding> findings, List<Finding> symptoms) {
        List<Finding> all = new ArrayList<>(findings);
        all.addAll(found);
        Correlation correlation = Correlation.of(all, Scope.MESH);
        return found.stream()
                .filter(finding -> finding.severity() != Severity.INFO && !findings.contains(finding))
                .filter(finding -> symptoms.stream()
                        .anyMatch(symptom ->
                                correlation.effectsOf(finding).contains(symptom) && isAboutClient(finding, symptom)))
                .toList();
    }

    /** A server denies many clients for many reasons: where it names their addresses, the symptom's pod must be among them. */
    private boolean isAboutClient(Finding finding, Finding symptom) {
        Optional<Evidence> clients = finding.evidence().stream()
                .filter(evidence -> evidence.what().equals("clients"))
                .findFirst();
        if (clients.isEmpty() || !symptom.subject().kind().equals("Pod")) {
            return clients.isPresent() || !finding.code().equals("MDX0408");
        }
        String ip = pods(symptom.subject().namespace()).stream()
                .filter(pod -> pod.ref().equals(symptom.subject()))
                .map(Pods::ip)
                .findFirst()
                .orElse("");
        return !ip.isEmpty() && addresses(clients.get().value()).contains(ip);
    }

    private List<ResourceRef> of(Finding symptom) {
        if (!SYMPTOMS.contains(symptom.code())) {
            return List.of();
        }
        if (symptom.subject().kind().equals("Service")) {
            return List.of(symptom.subject());
        }
        Matcher host = HOST.matcher(symptom.message());
        if (!host.find()) {
            return List.of();
        }
        ResourceRef service = ResourceRef.of("Service", host.group(2), host.group(1));
        Set<String> addresses = new HashSet<>();
        symptom.evidence().stream()
                .filter(evidence -> evidence.what().equals("upstream host"))
                .forEach(evidence -> addresses.addAll(addresses(evidence.value())));
        List<ResourceRef> pods = pods(service.namespace()).stream()
                .filter(pod -> !Pods.ip(pod).isEmpty() && addresses.contains(Pods.ip(pod)))
                .map(Resource::ref)
                .filter(pod -> !pod.equals(symptom.subject()))
                .sorted()
                .limit(MOST)
                .toList();
        return pods.isEmpty() ? List.of(service) : pods;
    }

    private List<Resource> pods(String namespace) {
        List<Resource> pods = Setting.podsOrNull(session, namespace);
        return pods == null ? List.of() : pods;
    }

    /** The hosts of {@code 10.0.0.1:80, [fd00::1]:80}. */
    private static Set<String> addresses(String text) {
        Set<String> addresses = new HashSet<>();
        for (String address : text.split(",\\s*", -1)) {
            int colon = address.lastIndexOf(':');
            String host = colon < 0 ? address : address.substring(0, colon);
            addresses.add(host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host);
        }
        return addresses;
    }
}
