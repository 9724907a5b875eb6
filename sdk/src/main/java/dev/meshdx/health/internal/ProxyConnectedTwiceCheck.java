package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.health.SyncState;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** MDX0141: two connections of one proxy. A proxy has one; the other is what it has left, or has another owner. */
final class ProxyConnectedTwiceCheck implements Check<HealthModel> {
    /** An agent that moves opens the new connection and closes the old one within seconds. */
    private static final Duration GRACE = Duration.ofMinutes(1);

    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.PROXY_CONNECTED_TWICE);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        for (ProxyStatus other : model.otherConnections) {
            if (!model.inScope(other)) {
                continue;
            }
            ProxyStatus proxy = model.proxies.stream()
                    .filter(each -> each.podRef().equals(other.podRef())
                            && each.cluster().equals(other.cluster()))
                    .findFirst()
                    .orElse(other);
            boolean fresh = proxy.lastSent()
                    .filter(at -> at.plus(GRACE).isAfter(model.now))
                    .isPresent();
            boolean silent = other.has(SyncState.STALE);
            report.accept(Finding.of(HealthCodes.PROXY_CONNECTED_TWICE, other.podRef())
                    .severity(fresh ? Severity.INFO : Severity.WARNING)
                    .message("The proxy of " + other.pod() + " is connected to " + proxy.istiod()
                            + (proxy.istiod().equals(other.istiod()) ? " twice" : " and to " + other.istiod())
                            + (fresh
                                    ? "; it is probably moving from one to the other."
                                    : silent
                                            ? ": the one to " + other.istiod()
                                                    + " is dead, and nobody there has noticed yet."
                                            : ": the one to " + other.istiod()
                                                    + " is what it has left, or another process uses its name."))
                    .evidence("listed", "/debug/syncz of " + proxy.istiod(), proxy.toString())
                    .evidence("the other connection", "/debug/syncz of " + other.istiod(), other.toString())
                    .remedy(
                            fresh
                                    ? "Ask again in a minute."
                                    : "Compare when each began, and from which address: kubectl -n "
                                            + model.istioNamespace
                                            + " exec " + other.istiod()
                                            + " -- pilot-discovery request GET /debug/connections | grep -A3 "
                                            + other.pod())
                    .build());
        }
    }
}
