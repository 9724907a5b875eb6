package dev.meshdx.testkit.internal;

import okio.ByteString;

/**
 * What a port of a fake pod answers on one path.
 *
 * @param status HTTP status
 * @param contentType MIME type
 * @param body the answer
 */
public record Page(int status, String contentType, ByteString body) {
    /** A JSON answer. */
    public static Page json(String json) {
        return new Page(200, "application/json", ByteString.encodeUtf8(json));
    }

    /** A text answer. */
    public static Page text(String text) {
        return new Page(200, "text/plain; charset=UTF-8", ByteString.encodeUtf8(text));
    }
}
