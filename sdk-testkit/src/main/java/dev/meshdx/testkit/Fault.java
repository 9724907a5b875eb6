package dev.meshdx.testkit;

import dev.meshdx.annotation.Internal;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How an answer goes wrong: of the API server ({@link FakeMesh#fault(String, Fault)}) or of a port of a pod
 * ({@link FakeMesh#podFault(String, String, int, Fault)}). Immutable; safe for use by several threads.
 *
 * <pre>{@code
 * mesh.fault("/api/v1/pods*", Fault.status(429).retryAfter(Duration.ofSeconds(1)).times(2));
 * mesh.podFault("production", "web", 15000, Fault.hang());
 * }</pre>
 */
public final class Fault {
    /** What goes wrong. For the server; not for users. */
    @Internal
    public enum Kind {
        /** Nothing but the delay. */
        NONE,
        /** No answer, and the connection stays open. */
        HANG,
        /** The connection ends without an answer. */
        DISCONNECT,
        /** A few bytes at a time. */
        DRIP,
        /** The connection ends inside the body. */
        CLOSE_AFTER,
        /** A shorter body, as if it were complete. */
        TRUNCATE,
        /** Another answer. */
        ANSWER,
        /** Bytes that are not HTTP. */
        RUBBISH
    }

    private final Kind kind;
    private final Duration delay;
    private final long bytes;
    private final Duration pause;
    private final int status;
    private final String contentType;
    private final Optional<String> body;
    private final Optional<Duration> retryAfter;
    private final int times;

    private Fault(
            Kind kind,
            Duration delay,
            long bytes,
            Duration pause,
            int status,
            String contentType,
            Optional<String> body,
            Optional<Duration> retryAfter,
            int times) {
        this.kind = kind;
        this.delay = delay;
        this.bytes = bytes;
        this.pause = pause;
        this.status = status;
        this.contentType = contentType;
        this.body = body;
        this.retryAfter = retryAfter;
        this.times = times;
    }

    private static Fault of(Kind kind, long bytes, Duration pause) {
        return new Fault(
                kind, Duration.ZERO, bytes, pause, 0, "", Optional.empty(), Optional.empty(), Integer.MAX_VALUE);
    }

    /** Takes the request and never answers it. */
    public static Fault hang() {
        return of(Kind.HANG, 0, Duration.ZERO);
    }

    /** Takes the request and closes the connection without an answer. */
    public static Fault disconnect() {
        return of(Kind.DISCONNECT, 0, Duration.ZERO);
    }

    /**
     * Sends the whole answer, but slowly.
     *
     * @param bytes how many at a time
     * @param pause before each portion
     */
    public static Fault drip(int bytes, Duration pause) {
        if (bytes < 1) {
            throw new IllegalArgumentException("bytes must be at least 1, not " + bytes);
        }
        return of(Kind.DRIP, bytes, Objects.requireNonNull(pause, "pause"));
    }

    /** Sends so many bytes of the body, then closes the connection: the reader can tell that something is missing. */
    public static Fault closeAfter(long bytes) {
        return of(Kind.CLOSE_AFTER, bytes, Duration.ZERO);
    }

    /** Sends only so many bytes of the body, as if that were all: only the content tells that something is missing. */
    public static Fault truncateAfter(long bytes) {
        return of(Kind.TRUNCATE, bytes, Duration.ZERO);
    }

    /** Answers with a status; the API server sends a Status object with it, a pod an empty body. */
    public static Fault status(int status) {
        return new Fault(
                Kind.ANSWER,
                Duration.ZERO,
                0,
                Duration.ZERO,
                status,
                "",
                Optional.empty(),
                Optional.empty(),
                Integer.MAX_VALUE);
    }

    /** Answers with something else, such as the HTML page of a proxy in between. */
    public static Fault answer(int status, String contentType, String body) {
        return new Fault(
                Kind.ANSWER,
                Duration.ZERO,
                0,
                Duration.ZERO,
                status,
                contentType,
                Optional.of(body),
                Optional.empty(),
                Integer.MAX_VALUE);
    }

    /** Answers 200 with an HTML page, as a login page in between does. */
    public static Fault html() {
        return answer(
                200,
                "text/html; charset=UTF-8",
                "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>\n");
    }

    /** Sends bytes that are not HTTP, and closes the connection. */
    public static Fault rubbish() {
        return of(Kind.RUBBISH, 0, Duration.ZERO);
    }

    /** Answers as usual, but only after some time. */
    public static Fault delay(Duration delay) {
        return of(Kind.NONE, 0, Duration.ZERO).after(delay);
    }

    /** The same, but only after some time. */
    public Fault after(Duration delay) {
        return new Fault(kind, delay, bytes, pause, status, contentType, body, retryAfter, times);
    }

    /** The same with a {@code Retry-After} header, in whole seconds. Counts for faults that answer. */
    public Fault retryAfter(Duration retryAfter) {
        return new Fault(kind, delay, bytes, pause, status, contentType, body, Optional.of(retryAfter), times);
    }

    /** The same, but only for the next requests that it matches; then everything is well again. */
    public Fault times(int times) {
        if (times < 1) {
            throw new IllegalArgumentException("times must be at least 1, not " + times);
        }
        return new Fault(kind, delay, bytes, pause, status, contentType, body, retryAfter, times);
    }

    /** For the server. */
    @Internal
    public Kind kind() {
        return kind;
    }

    /** For the server. */
    @Internal
    public Duration delay() {
        return delay;
    }

    /** For the server. */
    @Internal
    public long bytes() {
        return bytes;
    }

    /** For the server. */
    @Internal
    public Duration pause() {
        return pause;
    }

    /** For the server. */
    @Internal
    public int status() {
        return status;
    }

    /** For the server. */
    @Internal
    public String contentType() {
        return contentType;
    }

    /** For the server. */
    @Internal
    public Optional<String> body() {
        return body;
    }

    /** For the server. */
    @Internal
    public Optional<Duration> retryAfter() {
        return retryAfter;
    }

    /** For the server: how often; {@link Integer#MAX_VALUE} for always. */
    @Internal
    public int times() {
        return times;
    }

    @Override
    public String toString() {
        return "Fault[" + kind + (status == 0 ? "" : " " + status)
                + (delay.isZero() ? "" : " after " + delay)
                + (times == Integer.MAX_VALUE ? "" : ", " + times + " times") + "]";
    }
}
