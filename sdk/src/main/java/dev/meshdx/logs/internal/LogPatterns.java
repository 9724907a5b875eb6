package dev.meshdx.logs.internal;

import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.LineKind;
import dev.meshdx.logs.LogLine;
import dev.meshdx.logs.LogMatch;
import dev.meshdx.logs.LogMatches;
import dev.meshdx.logs.ResponseFlag;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The table of patterns. A line counts for each pattern that it matches. */
public final class LogPatterns {
    private static final int EXAMPLES = 3;

    private record LogPattern(String id, String meaning, String remedy, Predicate<LogLine> matches) {}

    private static final List<LogPattern> PATTERNS = table();

    private LogPatterns() {}

    private static List<LogPattern> table() {
        List<LogPattern> table = new ArrayList<>();
        // The four of the routine.
        table.add(new LogPattern(
                "upstream-connect-error",
                "The proxy could not connect to the server it had chosen.",
                "Connection refused: nothing listens on that port (in an inbound line: the application itself). No route or timeout:"
                        + " the address is stale, or a NetworkPolicy drops the packets.",
                access(entry -> entry.has(ResponseFlag.UPSTREAM_CONNECTION_FAILURE) && !TlsText.isTls(entry))
                        .or(message("upstream connect error"))
                        .or(message("delayed connect error"))));
        table.add(new LogPattern(
                "no-healthy-upstream",
                ResponseFlag.NO_HEALTHY_UPSTREAM.meaning(),
                ResponseFlag.NO_HEALTHY_UPSTREAM.remedy(),
                access(entry -> entry.has(ResponseFlag.NO_HEALTHY_UPSTREAM)).or(message("no healthy upstream"))));
        table.add(new LogPattern(
                "tls-failure",
                "A TLS connection could not be made: a certificate was not accepted, or the two sides do not speak the same.",
                "Read the text after OPENSSL_internal: expired and unknown issuer are about certificates (istioctl proxy-config"
                        + " secret), WRONG_VERSION_NUMBER means that one side speaks plain text.",
                access(TlsText::isTls)
                        .or(message("TLS error"))
                        .or(message("TLS_error"))
                        .or(message("verify cert failed"))));
        table.add(new LogPattern(
                "no-route",
                ResponseFlag.NO_ROUTE_FOUND.meaning(),
                ResponseFlag.NO_ROUTE_FOUND.remedy(),
                access(entry -> entry.has(ResponseFlag.NO_ROUTE_FOUND))));
        // One for each other flag.
        for (ResponseFlag flag : ResponseFlag.values()) {
            switch (flag) {
                case UPSTREAM_CONNECTION_FAILURE, NO_HEALTHY_UPSTREAM, NO_ROUTE_FOUND, RESPONSE_FROM_CACHE_FILTER -> {
                    // above, or no trouble
                }
                default ->
                    table.add(new LogPattern(
                            flag.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                            flag.meaning(),
                            flag.remedy(),
                            access(entry -> entry.has(flag))));
            }
        }
        // What has no flag of its own.
        table.add(new LogPattern(
                "rbac-denied",
                "An AuthorizationPolicy denied the request or the connection.",
                "The details name a DENY policy; [none] means that there are ALLOW policies and none of them matched.",
                access(entry -> entry.details().startsWith("rbac_access_denied")
                        || entry.connectionTerminationDetails().startsWith("rbac_access_denied"))));
        table.add(new LogPattern(
                "jwt-denied",
                "A RequestAuthentication refused the request's token.",
                "The details say why: expired, unknown issuer, wrong audience, no key for the signature.",
                access(entry -> entry.tokenRefusedBecause().isPresent())));
        table.add(new LogPattern(
                "upstream-error-relayed",
                "The application, or the next proxy, answered with a server error that was only passed on here.",
                "Look at the same request id in the server's proxy, then at the application's log.",
                access(entry -> entry.isRelayed() && entry.responseCode() >= 500)));
        // Messages of Envoy and the agent.
        table.add(new LogPattern(
                "control-plane-stream-closed",
                "The connection to the control plane was lost.",
                "kubectl -n istio-system get pods -l app=istiod; check that the proxy may reach istiod on port 15012.",
                ControlPlaneLines::isClosed));
        table.add(new LogPattern(
                "configuration-rejected",
                "Envoy refused configuration and keeps what it had.",
                "The text names the listener, cluster or route; look for an EnvoyFilter or a Gateway that makes it.",
                envoy("rejected: ").and(message("config"))));
        table.add(new LogPattern(
                "configuration-fetch-timeout",
                "Configuration that the proxy waits for was not sent in time.",
                "Look whether istiod runs, and whether the missing thing exists (often a gateway's TLS secret).",
                message("initial fetch timed out")));
        table.add(new LogPattern(
                "certificate-not-issued",
                "The agent could not get a workload certificate.",
                "Look at istiod (port 15012), at the pod's token, and at the root in the ConfigMap istio-ca-root-cert.",
                agent("failed to warm certificate")
                        .or(agent("failed to generate workload certificate"))
                        .or(agent("failed to sign"))));
        table.add(new LogPattern(
                "proxy-not-ready",
                "The proxy was not ready.",
                "The text says what it waits for: configuration, certificates, or its workers.",
                agent("Envoy proxy is NOT ready")));
        table.add(new LogPattern(
                "proxy-crashed",
                "Envoy ended by itself or was killed.",
                "kubectl describe pod (OOMKilled?), kubectl logs -c istio-proxy --previous.",
                agent("Envoy exited with error")
                        .or(agent("out of memory killed"))
                        .or(envoy("Caught Segmentation fault"))
                        .or(envoy("Backtrace"))));
        table.add(new LogPattern(
                "port-conflict",
                "Envoy could not listen on a port that another process of the pod uses.",
                "Move the application off the ports 15000 to 15090.",
                envoy("cannot bind").or(envoy("failed to bind"))));
        return List.copyOf(table);
    }

    private static Predicate<LogLine> access(Predicate<AccessLogEntry> matches) {
        return line -> line.access().filter(matches).isPresent();
    }

    private static Predicate<LogLine> message(String part) {
        return line -> (line.kind() == LineKind.ENVOY || line.kind() == LineKind.AGENT)
                && line.message().contains(part);
    }

    private static Predicate<LogLine> envoy(String part) {
        return line -> line.kind() == LineKind.ENVOY && line.message().contains(part);
    }

    private static Predicate<LogLine> agent(String part) {
        return line -> line.kind() == LineKind.AGENT && line.message().contains(part);
    }

    /** The patterns that occur, the most frequent first. */
    public static LogMatches match(List<LogLine> lines) {
        Map<LogPattern, List<LogLine>> found = new LinkedHashMap<>();
        for (LogLine line : lines) {
            for (LogPattern pattern : PATTERNS) {
                if (pattern.matches().test(line)) {
                    found.computeIfAbsent(pattern, key -> new ArrayList<>()).add(line);
                }
            }
        }
        List<LogMatch> matches = new ArrayList<>();
        found.forEach((pattern, hits) -> matches.add(match(pattern, hits)));
        matches.sort(Comparator.comparing(LogMatch::count).reversed().thenComparing(LogMatch::id));
        return new LogMatches(matches);
    }

    private static LogMatch match(LogPattern pattern, List<LogLine> hits) {
        Instant first = null;
        Instant last = null;
        for (LogLine hit : hits) {
            Instant time = hit.time().orElse(null);
            first = earlier(first, time);
            last = time != null && (last == null || time.isAfter(last)) ? time : last;
        }
        List<String> examples = new ArrayList<>();
        for (int i = hits.size() - 1; i >= 0 && examples.size() < EXAMPLES; i--) {
            examples.add(Redaction.line(hits.get(i).text()));
        }
        return new LogMatch(pattern.id(), hits.size(), first, last, examples, pattern.meaning(), pattern.remedy());
    }

    private static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
        return one == null || (other != null && other.isBefore(one)) ? other : one;
    }
}
