package dev.meshdx.security.internal;

import dev.meshdx.configuration.MtlsMode;
import dev.meshdx.configuration.internal.DestinationRules;
import dev.meshdx.configuration.internal.PeerAuthentications;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.Reason;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.security.MtlsReport;
import dev.meshdx.security.MtlsRow;
import dev.meshdx.security.MtlsVerdict;
import dev.meshdx.source.Session;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads what {@link MtlsEvaluator} looks at. */
public final class MtlsRows {
    /** How many servers outside the scope are asked to confirm conflicts. */
    private static final int CONFIRMATIONS = 8;

    /** How many of them for one pair of sides. */
    private static final int CONFIRMATIONS_OF_ROW = 2;

    private MtlsRows() {}

    /** The pairs of sides in scope, without findings; what cannot be read is a gap of the session. */
    public static MtlsReport read(Session session, Scope scope) {
        MeshSettings settings = MeshSettings.read(session);
        List<Resource> pods = required(session, ResourceKind.POD, scope);
        List<Resource> services = required(session, ResourceKind.SERVICE, scope);
        List<Resource> policies = optional(session, ResourceKind.PEER_AUTHENTICATION);
        List<Resource> rules = optional(session, ResourceKind.DESTINATION_RULE);
        Map<ResourceRef, ProxyTls> proxies = proxies(session, inScope(pods, scope));
        MtlsReport report = evaluate(scope, settings, pods, services, policies, rules, proxies);
        TreeSet<ResourceRef> unconfirmed = new TreeSet<>();
        for (MtlsRow row : report) {
            if (row.verdict() == MtlsVerdict.CONFLICT
                    && row.server().actual().isEmpty()
                    && row.serverMode() != MtlsMode.NO_PROXY) {
                row.servers().stream().limit(CONFIRMATIONS_OF_ROW).forEach(unconfirmed::add);
            }
        }
        unconfirmed.removeAll(proxies.keySet());
        unconfirmed.removeAll(inScope(pods, scope));
        if (unconfirmed.isEmpty()) {
            return report;
        }
        proxies.putAll(
                proxies(session, unconfirmed.stream().limit(CONFIRMATIONS).toList()));
        return evaluate(scope, settings, pods, services, policies, rules, proxies);
    }

    private static MtlsReport evaluate(
            Scope scope,
            MeshSettings settings,
            List<Resource> pods,
            List<Resource> services,
            @Nullable List<Resource> policies,
            @Nullable List<Resource> rules,
            Map<ResourceRef, ProxyTls> proxies) {
        MtlsEvaluator evaluator = new MtlsEvaluator(
                scope,
                settings,
                pods,
                services,
                policies == null ? null : new PeerAuthentications(policies, settings.rootNamespace()),
                rules == null
                        ? null
                        : new DestinationRules(rules, settings.rootNamespace(), settings.destinationRuleExportTo()),
                proxies);
        return MtlsReport.of(scope, evaluator.rows(), evaluator.servers(), List.of(), List.of());
    }

    /** The running pods with a proxy in scope. */
    static List<ResourceRef> inScope(List<Resource> pods, Scope scope) {
        return pods.stream()
                .filter(pod -> scope.includesNamespace(pod.namespace())
                        && (!scope.isPod() || pod.name().equals(scope.pod()))
                        && Pods.isRunning(pod)
                        && Pods.hasEnvoy(pod))
                .map(Resource::ref)
                .sorted()
                .toList();
    }

    /** All of a kind; where that is not allowed, those of the scope's namespace. */
    static List<Resource> required(Session session, ResourceKind kind, Scope scope) {
        try {
            return session.resources(kind);
        } catch (MeshException e) {
            if (scope.namespace().isEmpty() || e.reason() != Reason.FORBIDDEN) {
                throw e;
            }
            session.gap(kind.plural() + " of other namespaces", null, e);
            return session.resources(kind, scope.namespace());
        }
    }

    /** All of a kind; null where they cannot be read. */
    private static @Nullable List<Resource> optional(Session session, ResourceKind kind) {
        try {
            return session.resources(kind);
        } catch (MeshException e) {
            session.gap(kind.plural(), null, e);
            return e.reason() == Reason.NOT_INSTALLED ? List.of() : null;
        }
    }

    /** What each proxy has; those that do not answer are gaps. */
    static Map<ResourceRef, ProxyTls> proxies(Session session, List<ResourceRef> pods) {
        List<Optional<ProxyTls>> read = session.parallel(pods, pod -> {
            try {
                return Optional.of(ProxyTlsReader.read(session, pod));
            } catch (MeshException e) {
                session.gap("certificates and TLS configuration of the proxy", pod, e);
                return Optional.<ProxyTls>empty();
            }
        });
        Map<ResourceRef, ProxyTls> proxies = new LinkedHashMap<>();
        for (int i = 0; i < pods.size(); i++) {
            ResourceRef pod = pods.get(i);
            read.get(i).ifPresent(tls -> proxies.put(pod, tls));
        }
        return proxies;
    }
}
