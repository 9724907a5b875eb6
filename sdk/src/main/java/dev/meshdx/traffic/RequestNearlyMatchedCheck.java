package dev.meshdx.traffic;

import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.traffic.TrafficModel.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Traces the requests that the access log shows without a route, and names the route that was probably meant. */
final class RequestNearlyMatchedCheck extends ProxyCheck<Finding> {
    private record Key(String method, String authority, String path) {}

    @Override
    public List<FindingCode> codes() {
        return List.of(TrafficCodes.REQUEST_NEARLY_MATCHED);
    }

    @Override
    List<Finding> look(Proxy proxy, Instant now) {
        List<Finding> seen = new ArrayList<>();
        Map<Key, FailedRequest> first = new LinkedHashMap<>();
        Map<Key, Integer> counts = new LinkedHashMap<>();
        for (FailedRequest failed : proxy.failed()) {
            if (failed.hasFlag("NR") && !failed.method().isEmpty()) {
                int query = failed.path().indexOf('?');
                String plain = query < 0 ? failed.path() : failed.path().substring(0, query);
                Key key = new Key(failed.method(), failed.authority(), plain);
                first.putIfAbsent(key, failed);
                counts.merge(key, 1, Integer::sum);
            }
        }
        first.forEach((key, failed) -> look(proxy, failed, counts.getOrDefault(key, 1), seen::add));
        return seen;
    }

    @Override
    void conclude(List<Finding> seen, Consumer<Finding> report) {
        seen.forEach(report);
    }

    private static void look(Proxy proxy, FailedRequest failed, int count, Consumer<Finding> report) {
        Trace trace = Tracer.trace(proxy.dump(), failed.toRequest());
        boolean nothing = trace.kind() == Trace.Kind.NO_ROUTE || trace.kind() == Trace.Kind.NO_VIRTUAL_HOST;
        if (!nothing || !trace.isExplained()) {
            return;
        }
        NearMiss miss = trace.nearMisses().get(0);
        ResourceRef subject = trace.nearestResource().orElse(proxy.pod());
        String request = failed.method() + " " + failed.path();
        report.accept(Finding.of(TrafficCodes.REQUEST_NEARLY_MATCHED, subject)
                .message(request + " for host " + failed.authority() + " found no route in the proxy of "
                        + proxy.pod().qualifiedName() + (count > 1 ? " (" + count + " times)" : "") + "; nearest is "
                        + miss.what() + ": " + miss.because() + ".")
                .evidence(
                        "access log",
                        proxy.pod().toString(),
                        failed.line().isEmpty() ? failed.toString() : failed.line())
                .evidence("nearest " + miss.what(), miss.where(), miss.because())
                .evidence(
                        "route configuration",
                        "config dump of " + proxy.pod().qualifiedName(),
                        trace.routeConfig().orElse(""))
                .remedy(remedy(trace, subject))
                .build());
    }

    private static String remedy(Trace trace, ResourceRef subject) {
        String because = trace.nearMisses().get(0).because();
        String where = subject.kind().equals("Pod")
                ? "the resource behind this route"
                : subject + " (kubectl -n " + subject.namespace() + " edit "
                        + subject.kind().toLowerCase(java.util.Locale.ROOT) + " " + subject.name() + ")";
        String criterion = trace.nearestCriterion();
        if (criterion.equals("path")) {
            if (because.contains("case")) {
                return "Correct the case of the path in the client or in " + where
                        + ", or set ignoreUriCase: true in the match.";
            }
            if (because.contains("slash at the end")) {
                return "Ask for the path as the route has it, or add a match for the other form to " + where + ".";
            }
            if (because.contains("whole of it") || because.contains("goes on after")) {
                return "Widen the match in " + where + ": a prefix, or .* at the end of the regular expression.";
            }
            return "Correct the path in the client or in " + where + ".";
        }
        if (criterion.equals("host")) {
            return "Call the host by a name that the proxy knows, or add this host to the hosts of the VirtualService"
                    + " (and of the Gateway).";
        }
        return "Send what the route wants (" + criterion + "), or relax the match in " + where + ".";
    }
}
