package dev.meshdx.testkit.internal;

import java.nio.charset.StandardCharsets;

/**
 * What a port of a fake pod answers on one path.
 *
 * @param status HTTP status
 * @param contentType MIME type
 * @param body the answer
 */
public record Page(int status, String contentType, byte[] body) {
    /** A JSON answer. */
    public static Page json(String json) {
        return new Page(200, "application/json", json.getBytes(StandardCharsets.UTF_8));
    }

    /** A text answer. */
    public static Page text(String text) {
        return new Page(200, "text/plain; charset=UTF-8", text.getBytes(StandardCharsets.UTF_8));
    }
}
