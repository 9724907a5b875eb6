package dev.meshdx.logs;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.logs.internal.LineParser;
import java.util.List;

/**
 * Reads the log of an Istio proxy that was saved to a file: Istio's text format of the access log, Envoy's own, JSON with
 * Istio's keys, and the messages of Envoy and of the proxy agent in between. Never fails: a line in a format of its own is kept
 * as {@link LineKind#OTHER}.
 */
@CheckReturnValue
public final class LogParser {
    private LogParser() {}

    /** The lines of a log. */
    public static LogLines read(String log) {
        return read(log.lines().toList());
    }

    /** The lines of a log. */
    public static LogLines read(List<String> lines) {
        return new LogLines(lines.stream().map(LineParser::parse).toList());
    }
}
