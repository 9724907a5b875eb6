package dev.meshdx.logs.internal;

import dev.meshdx.configuration.internal.ExternalHosts;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Severity;
import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.LogCodes;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * MDX0416: route {@code block_all}, or {@code BlackHoleCluster}: the outbound traffic policy is REGISTRY_ONLY and nothing
 * registers the host. Source: Istio, "Accessing External Services"; istio/istio, {@code pilot/pkg/networking/core/networkfilter.go}
 * and {@code httproute.go} (the catch-all of a sidecar).
 */
final class UnknownHostRefusedCheck extends AccessLogCheck {
    /** Ports of the proxy itself: connections to them are refused so that they do not go round in circles. */
    private static final Pattern OWN_PORT = Pattern.compile(".*:(15001|15006)");

    private static final Pattern NAME = Pattern.compile("[a-z0-9-]+(\\.[a-z0-9-]+)+");
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|.*:.*|\\[.*");

    UnknownHostRefusedCheck() {
        super(LogCodes.UNKNOWN_HOST_REFUSED);
    }

    @Override
    Optional<String> reason(AccessLogEntry entry) {
        return isRefused(entry) ? Optional.of(wanted(entry) + ":" + targetPort(entry)) : Optional.empty();
    }

    /** Whether the catch-all of a proxy that lets out to registered hosts only has ended it. */
    static boolean isRefused(AccessLogEntry entry) {
        return entry.isHttp()
                ? entry.routeName().equals("block_all") && entry.responseCode() == 502
                : entry.upstreamCluster().equals("BlackHoleCluster")
                        && !OWN_PORT.matcher(entry.downstreamLocalAddress()).matches();
    }

    private static String targetHost(String authority) {
        int colon = authority.lastIndexOf(':');
        return colon > 0 && authority.indexOf(']') < colon ? authority.substring(0, colon) : authority;
    }

    /** The name that the client asked for: of the request, else of the TLS connection, else the address. */
    private static String wanted(AccessLogEntry entry) {
        return !entry.authority().isEmpty()
                ? targetHost(entry.authority())
                : !entry.requestedServerName().isEmpty()
                        ? entry.requestedServerName()
                        : targetHost(entry.downstreamLocalAddress());
    }

    private static long targetPort(AccessLogEntry entry) {
        String address = entry.downstreamLocalAddress();
        try {
            return Long.parseLong(address.substring(address.lastIndexOf(':') + 1));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    @Override
    Severity severity(FailureGroup group, LogModel model) {
        // A registry that does not know the host refuses each call; others that work say nothing.
        return group.severity(model.now(), false);
    }

    @Override
    void describe(FailureGroup group, Finding.Builder finding) {
        AccessLogEntry example = group.example();
        String host = wanted(example);
        String namespace = group.pod().pod().namespace();
        finding.message("The proxy of " + group.pod().pod().name() + " refuses " + group.share() + " to "
                        + group.reason()
                        + ": it lets out to registered hosts only (REGISTRY_ONLY), and does not know this one.")
                .evidence(
                        example.isHttp() ? "route" : "cluster",
                        "log of " + group.pod().pod().qualifiedName(),
                        (example.isHttp() ? example.routeName() : example.upstreamCluster())
                                + (example.requestedServerName().isEmpty()
                                        ? ""
                                        : ", server name " + example.requestedServerName())
                                + ", original destination " + example.downstreamLocalAddress())
                .remedy(remedy(example, host, namespace));
    }

    private static String remedy(AccessLogEntry example, String host, String namespace) {
        if (ADDRESS.matcher(host).matches()) {
            return "Find out which host has the address " + host
                    + ", and register it in a ServiceEntry (hosts, addresses: [" + host
                    + "], a TCP port, resolution: NONE). If it is a pod's or a Service's, call it by name.";
        }
        if (!NAME.matcher(host).matches() || host.endsWith(".svc") || host.endsWith(".local")) {
            return "If " + host + " is a Service, a Sidecar or exportTo hides it from namespace " + namespace
                    + " (codes MDX0268 and MDX0269), or the port is none of its own: kubectl get sidecars.networking.istio.io -n "
                    + namespace + "; kubectl get services -A";
        }
        long port = targetPort(example);
        return "If the workload is meant to call it, register it:\n"
                + ExternalHosts.register(
                        host,
                        namespace,
                        port == 0 ? 443 : port,
                        example.isHttp()
                                ? "HTTP"
                                : example.requestedServerName().isEmpty() ? "TCP" : "TLS");
    }
}
