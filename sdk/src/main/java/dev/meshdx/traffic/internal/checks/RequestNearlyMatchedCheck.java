package dev.meshdx.traffic.internal.checks;

import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.traffic.NearMiss;
import dev.meshdx.traffic.Trace;
import dev.meshdx.traffic.Tracer;
import dev.meshdx.traffic.TrafficCodes;
import dev.meshdx.traffic.internal.Lazy;
import dev.meshdx.traffic.internal.checks.TrafficModel.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Traces the requests that the access log shows without a route, and names the route that was probably meant. */
final class RequestNearlyMatchedCheck extends ProxyCheck<RequestNearlyMatchedCheck.Miss> {
    /** Requests that differ in their path only, and that the same criterion of the same route turns away, are one problem. */
    private record Key(String method, String authority, ResourceRef subject, String miss, String because) {}

    /** One request that found no route, and why not. */
    record Miss(ResourceRef pod, FailedRequest failed, String path, Trace trace) {}

    @Override
    public List<FindingCode> codes() {
        return List.of(TrafficCodes.REQUEST_NEARLY_MATCHED);
    }

    @Override
    List<Miss> look(Proxy proxy, Instant now) {
        List<Miss> misses = new ArrayList<>();
        Map<List<String>, Optional<Trace>> traced = new HashMap<>();
        // Made ready once, and only where something failed.
        Lazy<Tracer> tracer = new Lazy<>(() -> Tracer.of(proxy.dump()));
        for (FailedRequest failed : proxy.failed()) {
            if (failed.hasFlag("NR") && !failed.method().isEmpty()) {
                int query = failed.path().indexOf('?');
                String path = query < 0 ? failed.path() : failed.path().substring(0, query);
                traced.computeIfAbsent(
                                List.of(failed.method(), failed.authority(), path),
                                key -> explain(tracer.get(), failed))
                        .ifPresent(trace -> misses.add(new Miss(proxy.pod(), failed, path, trace)));
            }
        }
        return misses;
    }

    @Override
    void conclude(List<Miss> seen, Consumer<Finding> report) {
        Map<Key, List<Miss>> groups = new LinkedHashMap<>();
        seen.forEach(miss ->
                groups.computeIfAbsent(key(miss), key -> new ArrayList<>()).add(miss));
        groups.values().forEach(same -> report.accept(finding(same)));
    }

    private static Optional<Trace> explain(Tracer tracer, FailedRequest failed) {
        Trace trace = tracer.trace(failed.toRequest()).settled();
        boolean nothing = trace.kind() == Trace.Kind.NO_ROUTE || trace.kind() == Trace.Kind.NO_VIRTUAL_HOST;
        return nothing && trace.isExplained() ? Optional.of(trace) : Optional.empty();
    }

    private static Key key(Miss miss) {
        NearMiss nearest = miss.trace().nearMisses().get(0);
        return new Key(
                miss.failed().method(),
                miss.failed().authority(),
                nearest.resource().orElse(miss.pod()),
                nearest.what(),
                nearest.because().replace(miss.path(), "PATH"));
    }

    private static Finding finding(List<Miss> same) {
        Miss example = same.get(0);
        FailedRequest failed = example.failed();
        Trace trace = example.trace();
        NearMiss miss = trace.nearMisses().get(0);
        ResourceRef subject = miss.resource().orElse(example.pod());
        String request = failed.method() + " " + example.path();
        List<ResourceRef> pods = same.stream().map(Miss::pod).distinct().toList();
        List<String> paths = same.stream().map(Miss::path).distinct().toList();
        Finding.Builder finding = Finding.of(TrafficCodes.REQUEST_NEARLY_MATCHED, subject)
                .message(request + " for host " + failed.authority() + " found no route in "
                        + (pods.size() == 1
                                ? "the proxy of " + pods.get(0).qualifiedName()
                                : pods.size() + " proxies, such as that of "
                                        + pods.get(0).qualifiedName())
                        + (same.size() > 1
                                ? " (" + same.size() + " times"
                                        + (paths.size() > 1 ? ", with " + paths.size() + " different paths" : "") + ")"
                                : "")
                        + "; nearest is " + miss.what() + ": " + miss.because() + ".")
                .evidence(
                        "access log",
                        example.pod().toString(),
                        failed.line().isEmpty() ? failed.toString() : failed.line())
                .evidence("nearest " + miss.what(), miss.where(), miss.because())
                .evidence(
                        "route configuration",
                        "config dump of " + example.pod().qualifiedName(),
                        trace.routeConfig().orElse(""));
        if (paths.size() > 1) {
            finding.evidence("paths", "access log", first(paths));
        }
        if (pods.size() > 1) {
            finding.evidence(
                    "proxies",
                    "",
                    first(pods.stream().map(ResourceRef::qualifiedName).toList()));
        }
        return finding.remedy(remedy(trace, subject)).build();
    }

    private static String first(List<String> values) {
        int shown = Math.min(5, values.size());
        return values.size() + ": " + String.join(", ", values.subList(0, shown)) + (values.size() > shown ? " …" : "");
    }

    private static String remedy(Trace trace, ResourceRef subject) {
        String where = subject.kind().equals("Pod")
                ? "the resource behind this route"
                : subject + " (kubectl -n " + subject.namespace() + " edit "
                        + subject.kind().toLowerCase(java.util.Locale.ROOT) + " " + subject.name() + ")";
        String criterion = trace.nearestCriterion();
        if (criterion.equals("path")) {
            return switch (trace.nearMisses().get(0).reason()) {
                case PATH_CASE ->
                    "Correct the case of the path in the client or in " + where
                            + ", or set ignoreUriCase: true in the match.";
                case TRAILING_SLASH ->
                    "Ask for the path as the route has it, or add a match for the other form to " + where + ".";
                case PATH_TOO_LONG ->
                    "Widen the match in " + where + ": a prefix, or .* at the end of the regular expression.";
                default -> "Correct the path in the client or in " + where + ".";
            };
        }
        if (criterion.equals("host")) {
            return "Call the host by a name that the proxy knows, or add this host to the hosts of the VirtualService"
                    + " (and of the Gateway).";
        }
        return "Send what the route wants (" + criterion + "), or relax the match in " + where + ".";
    }
}
