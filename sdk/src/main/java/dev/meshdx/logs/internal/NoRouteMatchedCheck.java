package dev.meshdx.logs.internal;

import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Severity;
import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.LogCodes;
import dev.meshdx.logs.ResponseFlag;
import java.util.Optional;

/** MDX0404: flag NR of an HTTP request. */
final class NoRouteMatchedCheck extends AccessLogCheck {
    NoRouteMatchedCheck() {
        super(LogCodes.NO_ROUTE_MATCHED);
    }

    @Override
    Optional<String> reason(AccessLogEntry entry) {
        return entry.isHttp() && entry.has(ResponseFlag.NO_ROUTE_FOUND)
                ? Optional.of(entry.details().isEmpty() ? "route_not_found" : entry.details())
                : Optional.empty();
    }

    @Override
    Severity severity(FailureGroup group, LogModel model) {
        // The same request never finds a route: others that work do not mean that it does now.
        return group.severity(model.now(), false);
    }

    @Override
    void describe(FailureGroup group, Finding.Builder finding) {
        AccessLogEntry example = group.example();
        boolean missing = group.reason().equals("route_configuration_not_found");
        finding.message("No route of the proxy of " + group.pod().pod().name() + " matches "
                        + (group.count() == 1 ? "the request" : "requests") + " to " + group.destination()
                        + ", such as "
                        + Redaction.line(example.method() + " " + example.path()) + "; " + group.share() + " failed."
                        + (missing ? " The whole route configuration was never delivered." : ""))
                .remedy(
                        missing
                                ? "Look whether istiod is up and whether the proxy refuses its routes (proxy status of the pod)."
                                : "Compare host, path (upper and lower case count), method and headers with the VirtualService that is"
                                        + " meant to match, and whether that one is bound to this gateway (gateways) and host (hosts).");
    }
}
