package dev.meshdx.testkit.internal;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.function.Function;
import java.util.function.Supplier;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * What a port of a fake pod answers on one path. The body may be computed each time it is asked for: a mesh of hundreds of
 * proxies then costs no memory for the dumps that nobody reads. Safe for use by several threads.
 */
public final class Page {
    /** Writes an answer that nobody wants to hold as a whole. */
    @FunctionalInterface
    public interface Writing {
        /** Writes all of it; the stream stays open. */
        void to(OutputStream out) throws IOException;
    }

    private final int status;
    private final String contentType;
    private final @Nullable Writing writing;
    private final Supplier<ByteString> body;
    private final @Nullable Function<String, Page> byQuery;

    /**
     * A page.
     *
     * @param status HTTP status
     * @param contentType MIME type
     * @param body the answer
     */
    public Page(int status, String contentType, ByteString body) {
        this(status, contentType, null, () -> body, null);
    }

    private Page(
            int status,
            String contentType,
            @Nullable Writing writing,
            Supplier<ByteString> body,
            @Nullable Function<String, Page> byQuery) {
        this.status = status;
        this.contentType = contentType;
        this.writing = writing;
        this.body = body;
        this.byQuery = byQuery;
    }

    /** A JSON answer. */
    public static Page json(String json) {
        return new Page(200, "application/json", ByteString.encodeUtf8(json));
    }

    /** A JSON answer that is computed when it is asked for. */
    public static Page json(Supplier<String> json) {
        return new Page(200, "application/json", null, () -> ByteString.encodeUtf8(json.get()), null);
    }

    /** An answer that is written piece by piece each time it is asked for. */
    public static Page streamed(String contentType, Writing writing) {
        return new Page(200, contentType, writing, () -> collected(writing), null);
    }

    private static ByteString collected(Writing writing) {
        try (Buffer buffer = new Buffer()) {
            writing.to(buffer.outputStream());
            return buffer.readByteString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A text answer. */
    public static Page text(String text) {
        return new Page(200, "text/plain; charset=UTF-8", ByteString.encodeUtf8(text));
    }

    /** A text answer that is computed when it is asked for. */
    public static Page text(Supplier<String> text) {
        return new Page(200, "text/plain; charset=UTF-8", null, () -> ByteString.encodeUtf8(text.get()), null);
    }

    /** A text answer with another status than 200. */
    public static Page error(int status, String text) {
        return new Page(status, "text/plain; charset=UTF-8", ByteString.encodeUtf8(text));
    }

    /** This page where no query is given; with one, what the function makes of it (the part after the question mark). */
    public Page withQuery(Function<String, Page> answers) {
        return new Page(status, contentType, writing, body, answers);
    }

    /** What is answered when the path carries a query. */
    public Page forQuery(String query) {
        return byQuery == null ? this : byQuery.apply(query);
    }

    /** HTTP status. */
    public int status() {
        return status;
    }

    /** MIME type. */
    public String contentType() {
        return contentType;
    }

    /** How the answer is written, where it is better not held. */
    @Nullable
    Writing writing() {
        return writing;
    }

    /** The answer. */
    public ByteString body() {
        return body.get();
    }
}
