package dev.meshdx.logs.internal;

import dev.meshdx.logs.LogLines;
import dev.meshdx.model.ResourceRef;
import java.time.Instant;
import java.util.List;

/**
 * What the checks of the logs step look at.
 *
 * @param now the time at which the logs are judged
 * @param logs one for each proxy, by pod
 */
record LogModel(Instant now, List<PodLog> logs) {
    /** Copies the list. */
    LogModel {
        logs = List.copyOf(logs);
    }

    /**
     * The log of one proxy.
     *
     * @param pod its pod
     * @param lines the end of the log
     */
    record PodLog(ResourceRef pod, LogLines lines) {}
}
