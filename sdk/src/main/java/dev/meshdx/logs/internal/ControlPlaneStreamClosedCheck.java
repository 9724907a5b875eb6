package dev.meshdx.logs.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.logs.LogCodes;
import dev.meshdx.logs.LogLine;
import dev.meshdx.logs.internal.LogModel.PodLog;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/** MDX0414: the last word about the connection to istiod is that it was lost. */
final class ControlPlaneStreamClosedCheck implements Check<LogModel> {
    @Override
    public List<FindingCode> codes() {
        return List.of(LogCodes.CONTROL_PLANE_STREAM_CLOSED);
    }

    @Override
    public void run(LogModel model, Consumer<Finding> report) {
        for (PodLog log : model.logs()) {
            List<LogLine> lines = log.lines().all();
            LogLine last = null;
            LogLine first = null;
            int count = 0;
            boolean again = false;
            for (LogLine line : lines) {
                if (ControlPlaneLines.isClosed(line)) {
                    first = first == null ? line : first;
                    last = line;
                    again = false;
                    count++;
                } else if (last != null && ControlPlaneLines.isConnected(line)) {
                    again = true;
                }
            }
            if (first != null && last != null) {
                report.accept(finding(log, first, last, count, again));
            }
        }
    }

    private static Finding finding(PodLog log, LogLine first, LogLine last, int count, boolean again) {
        String pod = log.pod().name();
        String namespace = log.pod().namespace();
        String where = "log of " + log.pod().qualifiedName();
        return Finding.of(LogCodes.CONTROL_PLANE_STREAM_CLOSED, log.pod())
                .severity(again ? Severity.INFO : Severity.WARNING)
                .message("The proxy of " + pod + " has lost its connection to istiod"
                        + (again
                                ? " and has made it again since; istiod closes connections every half an hour by itself."
                                : " and does not say that it has it again: until then it keeps the configuration that it has.")
                        + " Its words: " + Redaction.line(last.message()))
                .evidence(
                        "lines",
                        where,
                        count + ", first " + first.time().map(Instant::toString).orElse("?") + ", last "
                                + last.time().map(Instant::toString).orElse("?"))
                .evidence("example", where, Redaction.line(last.text()))
                .remedy(
                        again
                                ? "Nothing, unless it happens all the time."
                                : "Look whether an istiod is ready (kubectl -n istio-system get pods -l app=istiod) and whether a"
                                        + " NetworkPolicy keeps namespace " + namespace + " from its port 15012.")
                .build();
    }
}
