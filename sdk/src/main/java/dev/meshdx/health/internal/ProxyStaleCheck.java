package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.health.SyncState;
import dev.meshdx.health.TypeStatus;
import dev.meshdx.health.XdsType;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** MDX0104: a proxy has not acknowledged what it was sent. */
final class ProxyStaleCheck implements Check<HealthModel> {
    /** A proxy with a large configuration may take some seconds to apply it. */
    static final Duration GRACE = Duration.ofSeconds(30);

    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.PROXY_STALE);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        for (ProxyStatus proxy : model.proxiesInScope()) {
            if (!proxy.has(SyncState.STALE)) {
                continue;
            }
            List<Map.Entry<XdsType, TypeStatus>> stale = proxy.types().entrySet().stream()
                    .filter(type -> type.getValue().state() == SyncState.STALE)
                    .toList();
            if (!stale.isEmpty()) {
                report.accept(finding(model, proxy, stale));
            }
        }
    }

    /** How old what the proxy runs with is. */
    private static String versions(TypeStatus type) {
        return type.sentVersion()
                .map(sent -> ", push " + sent + ", acknowledged "
                        + type.ackedVersion().orElse("none"))
                .orElse("");
    }

    private static Finding finding(HealthModel model, ProxyStatus proxy, List<Map.Entry<XdsType, TypeStatus>> stale) {
        Optional<Instant> oldest =
                stale.stream().flatMap(type -> type.getValue().since().stream()).min(Comparator.naturalOrder());
        // A push that is younger than "now" by the clock of istiod has no age that could be told.
        Optional<Duration> age =
                oldest.map(since -> Duration.between(since, model.now)).filter(duration -> !duration.isNegative());
        boolean fresh = age.filter(duration -> duration.compareTo(GRACE) < 0).isPresent();
        String types = stale.stream().map(type -> type.getKey().toString()).collect(Collectors.joining(", "));
        Finding.Builder finding = Finding.of(HealthCodes.PROXY_STALE, proxy.podRef())
                .severity(fresh ? Severity.INFO : Severity.ERROR)
                .message("The proxy of " + proxy.pod() + " has not acknowledged the last " + types + " that "
                        + proxy.istiod() + " sent"
                        + age.map(duration -> " " + duration.toSeconds() + " s ago")
                                .orElse("")
                        + (fresh
                                ? "; that is normal for a moment after a change."
                                : ": it goes on with older configuration. Either Envoy hangs, or the connection to istiod is"
                                        + " dead and nobody has noticed yet."));
        for (Map.Entry<XdsType, TypeStatus> type : stale) {
            finding.evidence(
                    type.getKey().toString(),
                    "/debug/syncz of " + proxy.istiod(),
                    "STALE"
                            + type.getValue()
                                    .since()
                                    .map(since -> ", sent " + since)
                                    .orElse("")
                            + versions(type.getValue()));
        }
        return finding.remedy(
                        fresh
                                ? "Ask again in half a minute."
                                : "kubectl -n " + proxy.namespace() + " logs " + proxy.pod()
                                        + " -c istio-proxy --tail=50 (look for xdsproxy and xds-grpc), check that NetworkPolicies let it"
                                        + " reach istiod on port 15012, then kubectl -n " + proxy.namespace()
                                        + " delete pod "
                                        + proxy.pod())
                .build();
    }
}
