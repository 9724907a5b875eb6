package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.health.IstiodInstance;
import dev.meshdx.health.LeaderElection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** MDX0120: a duty of one istiod is held by a pod that is gone or silent, and nobody takes it over. */
final class LeaderElectionStaleCheck implements Check<HealthModel> {
    /** Clocks differ, and a renewal may be late. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.LEADER_ELECTION_STALE);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        if (!model.istiodsKnown || model.istiods.stream().noneMatch(IstiodInstance::ready)) {
            return; // MDX0101 says it
        }
        Map<String, List<LeaderElection>> holders = new TreeMap<>();
        for (LeaderElection election : model.controlPlane.elections()) {
            // The lock of a revision that was removed is what it left behind.
            boolean leftOver =
                    election.ref().kind().equals("Lease") && election.revision().isEmpty();
            if (!election.holder().isEmpty() && !leftOver && isStale(election, model.now)) {
                holders.computeIfAbsent(election.holder(), key -> new ArrayList<>())
                        .add(election);
            }
        }
        holders.values().forEach(elections -> report.accept(finding(model, elections)));
    }

    private static boolean isStale(LeaderElection election, Instant now) {
        Duration limit = election.lease().multipliedBy(2).compareTo(PATIENCE) > 0
                ? election.lease().multipliedBy(2)
                : PATIENCE;
        return election.renewedAt()
                .map(renewed -> renewed.isBefore(now.minus(limit)))
                .orElse(false);
    }

    private static Finding finding(HealthModel model, List<LeaderElection> elections) {
        LeaderElection first = elections.get(0);
        List<String> duties = elections.stream()
                .map(LeaderElectionStaleCheck::duty)
                .distinct()
                .sorted()
                .toList();
        Finding.Builder finding = Finding.of(HealthCodes.LEADER_ELECTION_STALE, first.ref())
                .message("No istiod does what one of them has to do (" + String.join("; ", duties) + "): it is held by "
                        + first.holder()
                        + (first.holderExists()
                                ? ", which has not renewed it for "
                                : ", a pod that does not exist, and has not been renewed for ")
                        + first.renewedAt()
                                .map(at -> IstiodUnstableCheck.text(Duration.between(at, model.now)))
                                .orElse("long")
                        + ".");
        for (LeaderElection election : elections) {
            finding.evidence(
                    "holderIdentity, renewTime",
                    election.ref().toString(),
                    election.holder() + ", "
                            + election.renewedAt().map(Instant::toString).orElse(""));
        }
        return finding.remedy("See why no istiod takes it: kubectl -n " + model.istioNamespace
                        + " logs -l app=istiod -c discovery --tail=-1 | grep -i leader; it needs the rights to write"
                        + " ConfigMaps and Leases there. A restart makes them try anew: kubectl -n "
                        + model.istioNamespace
                        + " rollout restart deployment -l app=istiod")
                .build();
    }

    /** Source: Istio, {@code pilot/pkg/leaderelection/leaderelection.go}, names of the locks. */
    private static String duty(LeaderElection election) {
        String name = election.name();
        if (name.startsWith("istio-namespace-controller")) {
            return "give new namespaces the ConfigMap istio-ca-root-cert, without which their proxies do not start";
        }
        if (name.startsWith("istio-gateway-deployment")) {
            return "make the Deployments of Kubernetes Gateways";
        }
        if (name.startsWith("istio-gateway-status")) {
            return "write the status of Kubernetes Gateways and routes";
        }
        if (name.startsWith("istio-ip-autoallocate")) {
            return "give addresses to ServiceEntries";
        }
        if (name.startsWith("istio-leader")) {
            return "write the status of Ingresses";
        }
        return name;
    }
}
