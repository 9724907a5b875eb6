package dev.meshdx.logs;

import dev.meshdx.annotation.Internal;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One line of a log, and who wrote it. Immutable; safe for use by several threads. */
public final class LogLine {
    private final String text;
    private final LineKind kind;
    private final @Nullable Instant time;
    private final String level;
    private final String scope;
    private final String message;
    private final @Nullable AccessLogEntry access;

    /** Made by the parser. */
    @Internal
    public LogLine(
            String text,
            LineKind kind,
            @Nullable Instant time,
            String level,
            String scope,
            String message,
            @Nullable AccessLogEntry access) {
        this.text = text;
        this.kind = kind;
        this.time = time;
        this.level = level;
        this.scope = scope;
        this.message = message;
        this.access = access;
    }

    /**
     * The line; of a message that goes on over several lines all of them. What looks like a token is taken out, control
     * characters are in a form that can be seen.
     */
    public String text() {
        return text;
    }

    /** Who wrote it. */
    public LineKind kind() {
        return kind;
    }

    /** When, where the line says so. */
    public Optional<Instant> time() {
        return Optional.ofNullable(time);
    }

    /** {@code debug}, {@code info}, {@code warn} or {@code warning}, {@code error}…; empty for access logs. */
    public String level() {
        return level;
    }

    /** The agent's scope ({@code xdsproxy}) or Envoy's logger ({@code config}); empty where there is none. */
    public String scope() {
        return scope;
    }

    /** The message without time, level and scope; for other lines the whole text. */
    public String message() {
        return message;
    }

    /** The request or connection, where this is an access log. */
    public Optional<AccessLogEntry> access() {
        return Optional.ofNullable(access);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LogLine line && text.equals(line.text) && kind == line.kind;
    }

    @Override
    public int hashCode() {
        return Objects.hash(text, kind);
    }

    /** The line, cut to a length that fits on a screen. */
    @Override
    public String toString() {
        return dev.meshdx.logs.internal.Redaction.line(text);
    }
}
