package dev.meshdx.testkit.internal;

import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceKind;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the API server says when it says no. Source: Kubernetes, apimachinery {@code pkg/api/errors/errors.go}, whose texts
 * users know.
 */
final class Statuses {
    private static final Map<Integer, String> PHRASES = Map.ofEntries(
            Map.entry(101, "Switching Protocols"),
            Map.entry(200, "OK"),
            Map.entry(201, "Created"),
            Map.entry(204, "No Content"),
            Map.entry(400, "Bad Request"),
            Map.entry(401, "Unauthorized"),
            Map.entry(403, "Forbidden"),
            Map.entry(404, "Not Found"),
            Map.entry(405, "Method Not Allowed"),
            Map.entry(406, "Not Acceptable"),
            Map.entry(409, "Conflict"),
            Map.entry(410, "Gone"),
            Map.entry(429, "Too Many Requests"),
            Map.entry(500, "Internal Server Error"),
            Map.entry(501, "Not Implemented"),
            Map.entry(502, "Bad Gateway"),
            Map.entry(503, "Service Unavailable"),
            Map.entry(504, "Gateway Timeout"));

    private static final Map<Integer, String> REASONS = Map.ofEntries(
            Map.entry(400, "BadRequest"),
            Map.entry(401, "Unauthorized"),
            Map.entry(403, "Forbidden"),
            Map.entry(404, "NotFound"),
            Map.entry(405, "MethodNotAllowed"),
            Map.entry(406, "NotAcceptable"),
            Map.entry(410, "Expired"),
            Map.entry(429, "TooManyRequests"),
            Map.entry(500, "InternalError"),
            Map.entry(503, "ServiceUnavailable"),
            Map.entry(504, "Timeout"));

    private static final Map<Integer, String> MESSAGES = Map.of(
            401, "Unauthorized",
            403, "Forbidden",
            404, "the server could not find the requested resource",
            405, "the server does not allow this method on the requested resource",
            429, "the server has received too many requests and has asked us to try again later",
            500, "an error on the server has prevented the request from succeeding",
            503, "the server is currently unable to handle the request");

    private Statuses() {}

    /** The words after the number in HTTP's status line. */
    static String phrase(int status) {
        return PHRASES.getOrDefault(status, "Status");
    }

    /** A Status object with the usual text of a number. */
    static HttpResponse of(int status) {
        return of(status, MESSAGES.getOrDefault(status, phrase(status)), null);
    }

    /** A Status object. */
    static HttpResponse of(int status, String message, @Nullable Json details) {
        return of(status, message, details, Json.object());
    }

    static HttpResponse of(int status, String message, @Nullable Json details, Json metadata) {
        return HttpResponse.json(
                status,
                Json.object(
                        "kind",
                        "Status",
                        "apiVersion",
                        "v1",
                        "metadata",
                        metadata,
                        "status",
                        "Failure",
                        "message",
                        message,
                        "reason",
                        REASONS.getOrDefault(status, "Unknown"),
                        "details",
                        details,
                        "code",
                        status));
    }

    static HttpResponse notFound(ResourceKind kind, String name) {
        return of(404, kind.qualifiedPlural() + " \"" + name + "\" not found", details(kind, name));
    }

    static Json details(ResourceKind kind, String name) {
        return Json.object(
                "name",
                name.isEmpty() ? null : name,
                "group",
                kind.group().isEmpty() ? null : kind.group(),
                "kind",
                kind.plural());
    }

    /** What the server says for a path that it does not know. */
    static HttpResponse noSuchPath() {
        return HttpResponse.text(404, "404 page not found\n");
    }
}
