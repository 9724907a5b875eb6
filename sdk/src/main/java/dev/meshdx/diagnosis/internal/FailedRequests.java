package dev.meshdx.diagnosis.internal;

import dev.meshdx.error.MeshException;
import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.internal.LogsStep;
import dev.meshdx.logs.internal.Redaction;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.source.Session;
import dev.meshdx.traffic.internal.checks.FailedRequest;
import java.util.List;

/** What the logs step read, in the words of the traffic step: the requests that failed, to be traced. */
final class FailedRequests {
    private FailedRequests() {}

    /**
     * Those of a pod's proxy. A log that cannot be read is a gap of the logs step, not of this one.
     *
     * @param logs how many pods' logs the diagnosis looks at
     */
    static List<FailedRequest> of(Session session, ResourceRef pod, int logs) {
        try {
            return LogsStep.accessLog(session, pod.namespace(), pod.name(), logs).failures().stream()
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
