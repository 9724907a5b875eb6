package dev.meshdx.diagnosis.internal;

import dev.meshdx.error.MeshException;
import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.internal.LogsStep;
import dev.meshdx.logs.internal.Redaction;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import dev.meshdx.source.Session;
import dev.meshdx.traffic.FailedRequest;
import java.util.ArrayList;
import java.util.List;

/** What the logs step read, in the words of the traffic step: the requests that failed, to be traced. */
final class FailedRequests {
    private FailedRequests() {}

    /** Those of the scope's proxies. A log that cannot be read is a gap of the logs step, not of this one. */
    static List<FailedRequest> of(Session session, Scope scope) {
        List<FailedRequest> failed = new ArrayList<>();
        session.parallel(LogsStep.pods(session.fork(), scope), pod -> of(session, pod))
                .forEach(failed::addAll);
        return failed;
    }

    private static List<FailedRequest> of(Session session, ResourceRef pod) {
        try {
            return LogsStep.accessLog(session, pod.namespace(), pod.name()).failures().stream()
                    .map(entry -> of(pod, entry))
                    .toList();
        } catch (MeshException e) {
            return List.of();
        }
    }

    private static FailedRequest of(ResourceRef pod, AccessLogEntry entry) {
        return new FailedRequest(
                pod,
                entry.method(),
                entry.authority(),
                entry.path(),
                entry.protocol(),
                entry.responseCode(),
                entry.flags(),
                entry.details(),
                entry.upstreamCluster(),
                entry.downstreamLocalAddress(),
                entry.downstreamRemoteAddress(),
                entry.requestedServerName(),
                Redaction.line(entry.line()));
    }
}
