package dev.meshdx.testkit.internal;

import dev.meshdx.model.Json;
import dev.meshdx.testkit.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * An answer, and what goes wrong with it.
 *
 * @param status HTTP status
 * @param headers without those about the body's length
 * @param body the body
 * @param page where the body comes from when it is not held; the body is empty then
 * @param chunked whether the body is sent in chunks
 * @param upgrade what goes on after a 101
 * @param fault what goes wrong while it is sent
 */
record HttpResponse(
        int status,
        Map<String, String> headers,
        ByteString body,
        @Nullable Page page,
        boolean chunked,
        @Nullable Upgrade upgrade,
        @Nullable Fault fault) {
    /** Goes on with a connection after a 101; the connection ends with it. */
    @FunctionalInterface
    interface Upgrade {
        void run(InputStream in, OutputStream out) throws IOException, InterruptedException;
    }

    static HttpResponse of(int status, String contentType, ByteString body) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (!contentType.isEmpty()) {
            headers.put("Content-Type", contentType);
        }
        return new HttpResponse(status, headers, body, null, false, null, null);
    }

    static HttpResponse of(Page page) {
        if (page.writing() == null) {
            return of(page.status(), page.contentType(), page.body());
        }
        return new HttpResponse(
                page.status(), Map.of("Content-Type", page.contentType()), ByteString.EMPTY, page, true, null, null);
    }

    static HttpResponse text(int status, String text) {
        return of(status, "text/plain; charset=utf-8", ByteString.encodeUtf8(text));
    }

    static HttpResponse json(int status, Json json) {
        return of(status, "application/json", ByteString.encodeUtf8(json.toString()));
    }

    static HttpResponse switching(Map<String, String> headers, Upgrade upgrade) {
        return new HttpResponse(101, headers, ByteString.EMPTY, null, false, upgrade, null);
    }

    HttpResponse with(String header, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new HttpResponse(status, more, body, page, chunked, upgrade, fault);
    }

    HttpResponse inChunks() {
        return new HttpResponse(status, headers, body, page, true, upgrade, fault);
    }

    HttpResponse with(@Nullable Fault fault) {
        return new HttpResponse(status, headers, body, page, chunked, upgrade, fault);
    }
}
