package dev.meshdx.examples;

import dev.meshdx.Mesh;
import dev.meshdx.diagnosis.Timeline;
import dev.meshdx.logs.AccessFailure;
import dev.meshdx.logs.LogMatch;
import dev.meshdx.logs.LogSummary;
import java.time.Duration;

/** The code of the page about logs. */
public final class LogsSnippets {
    private LogsSnippets() {}

    /** Reads the logs of the service web, and what changed. */
    public static String read(Mesh mesh, String pod) {
        StringBuilder told = new StringBuilder();
        // #region logs
        LogSummary log = mesh.namespace("production")
                .service("web")
                .logs()
                .since(Duration.ofDays(1))
                .summary();
        for (LogMatch match : log.patterns()) {
            told.append(match.id())
                    .append(" ×")
                    .append(match.count())
                    .append(": ")
                    .append(match.pattern().causes());
        }
        for (AccessFailure failure : log.access().failures()) {
            told.append(failure.cluster())
                    .append(' ')
                    .append(failure.flags())
                    .append(' ')
                    .append(failure.bursts());
        }
        Timeline timeline = mesh.namespace("production").pod(pod).timeline();
        timeline.suspects().forEach(change -> told.append(change.subject()).append(change.text()));
        // #endregion
        return told.toString();
    }
}
