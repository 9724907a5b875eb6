package dev.meshdx.health.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.health.HealthCodes;
import dev.meshdx.model.ResourceRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * MDX0142: a proxy is connected to an istiod of another revision than its pod was made for (a warning: its address was changed), or
 * than its namespace asks for by now (it was not restarted since the label or the tag moved: good to know, no fault). Source:
 * Istio, "Canary Upgrades".
 */
final class ProxyOnOtherRevisionCheck implements Check<HealthModel> {
    private static final int NAMED = 5;

    private record Move(ResourceRef namespace, String label, String wanted, String connected)
            implements Comparable<Move> {
        @Override
        public int compareTo(Move other) {
            return toString().compareTo(other.toString());
        }
    }

    @Override
    public List<FindingCode> codes() {
        return List.of(HealthCodes.PROXY_ON_OTHER_REVISION);
    }

    @Override
    public void run(HealthModel model, Consumer<Finding> report) {
        Map<Move, List<Connections.OtherRevision>> moved = new TreeMap<>();
        for (Connections.OtherRevision other : model.connections().otherRevision()) {
            if (other.sinceInjection()) {
                moved.computeIfAbsent(
                                new Move(
                                        other.labelled(),
                                        other.label(),
                                        other.wanted(),
                                        other.proxy().revision()),
                                any -> new ArrayList<>())
                        .add(other);
            } else {
                report.accept(ofPod(other));
            }
        }
        moved.forEach((move, proxies) -> report.accept(ofNamespace(move, proxies)));
    }

    private static Finding ofPod(Connections.OtherRevision other) {
        String pod = other.proxy().pod();
        return Finding.of(HealthCodes.PROXY_ON_OTHER_REVISION, other.proxy().podRef())
                .severity(Severity.WARNING)
                .message("The proxy of " + pod + " was made for revision " + other.wanted() + " and is connected to "
                        + other.proxy().istiod() + " of revision "
                        + other.proxy().revision()
                        + ": its configuration is that of another version than it was injected with.")
                .evidence("label or annotation", other.labelled().toString(), other.label())
                .evidence(
                        "proxy",
                        "/debug/syncz of " + other.proxy().istiod(),
                        other.proxy().toString())
                .remedy(
                        "Look for discoveryAddress in the annotation proxy.istio.io/config of the pod and in the mesh"
                                + " configuration, and at what the service selects: kubectl get service -A -l app=istiod -o wide")
                .build();
    }

    private static Finding ofNamespace(Move move, List<Connections.OtherRevision> proxies) {
        int count = proxies.size();
        String pods =
                proxies.stream().limit(NAMED).map(other -> other.proxy().pod()).collect(Collectors.joining(", "))
                        + (count > NAMED ? " and " + (count - NAMED) + " more" : "");
        String namespace = move.namespace().name();
        return Finding.of(HealthCodes.PROXY_ON_OTHER_REVISION, move.namespace())
                .severity(Severity.INFO)
                .message("Namespace " + namespace + " asks for revision " + move.wanted() + ", and "
                        + (count == 1 ? "a proxy of it is" : count + " of its proxies are")
                        + " still connected to revision " + move.connected() + ": " + pods + ".")
                .evidence("label", move.namespace().toString(), move.label())
                .evidence("revision of the istiod", "/debug/syncz", move.connected())
                .remedy("Restart what the pods belong to, so that they are injected anew: kubectl -n " + namespace
                        + " rollout restart deployment")
                .build();
    }
}
