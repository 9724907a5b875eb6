package dev.meshdx.traffic.internal;

import dev.meshdx.model.Json;
import dev.meshdx.traffic.HttpRequest;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What Envoy's parsers take for HTTP. Source: Envoy, {@code source/common/http/http1}, {@code http2}, Balsa and oghttp2; measured on
 * Envoy 1.40.
 */
public final class Codec {
    /**
     * What is not taken.
     *
     * @param code the answer; 0 where the stream or the connection is reset
     * @param details as in the access log
     */
    public record Refusal(int code, String details) {}

    /** The methods that Envoy's HTTP/1 parser takes; others are a malformed request. Source: Envoy, Balsa parser. */
    private static final Set<String> HTTP1_METHODS = Set.of(
            "ACL",
            "BIND",
            "CHECKOUT",
            "CONNECT",
            "COPY",
            "DELETE",
            "GET",
            "HEAD",
            "LINK",
            "LOCK",
            "MERGE",
            "MKACTIVITY",
            "MKCALENDAR",
            "MKCOL",
            "MOVE",
            "MSEARCH",
            "M-SEARCH",
            "NOTIFY",
            "OPTIONS",
            "PATCH",
            "POST",
            "PROPFIND",
            "PROPPATCH",
            "PURGE",
            "PUT",
            "QUERY",
            "REBIND",
            "REPORT",
            "SEARCH",
            "SOURCE",
            "SUBSCRIBE",
            "TRACE",
            "UNBIND",
            "UNLINK",
            "UNLOCK",
            "UNSUBSCRIBE");

    /** A host in a URL, as Envoy's URL parser takes it: no underscore. Source: Envoy, its copy of http_parser, strict. */
    private static final String URL_HOST = "([A-Za-z0-9.-]+|\\[[0-9A-Fa-f:.]+])";

    private Codec() {}

    /**
     * Whether a request is well formed; where its target is a URL, host, path and scheme are taken out of it.
     *
     * @param headers the request's, which are changed
     * @param overTls whether the connection is TLS that ends at the proxy
     */
    public static Optional<Refusal> refusal(HttpRequest request, Headers headers, Json manager, boolean overTls) {
        return request.protocol() == HttpRequest.Protocol.HTTP_2
                ? http2(request, headers)
                : http1(request, headers, manager, overTls);
    }

    /** HTTP/1: a method, a target and headers that a parser takes; an absolute URL is taken apart. */
    private static Optional<Refusal> http1(HttpRequest request, Headers headers, Json manager, boolean overTls) {
        String path = request.path();
        if (!HTTP1_METHODS.contains(request.method()) || !isWellFormed(request.headers(), path)) {
            return Optional.of(new Refusal(400, "http1.codec_error"));
        }
        if (headers.first("transfer-encoding")
                .filter(coding -> !coding.toLowerCase(Locale.ROOT).contains("chunked"))
                .isPresent()) {
            return Optional.of(new Refusal(501, "http1.invalid_transfer_encoding"));
        }
        if (headers.isConnect()) {
            String authority = request.authority().orElse("");
            return !authority.matches(URL_HOST + ":\\d{1,5}")
                    ? Optional.of(new Refusal(400, "http1.invalid_url"))
                    : Optional.empty();
        }
        if (path.startsWith("/")) {
            return Optional.empty();
        }
        if (path.equals("*")) {
            return request.method().equals("OPTIONS")
                    ? Optional.empty()
                    : Optional.of(new Refusal(400, "http1.invalid_url"));
        }
        int end = path.indexOf("://");
        String scheme = end < 0 ? "" : path.substring(0, end).toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            return Optional.of(new Refusal(400, "http1.codec_error"));
        }
        // Only a proxy at the edge minds; behind another one the URL may be right.
        if (scheme.equals("https")
                && !overTls
                && manager.at("use_remote_address").bool(false)) {
            return Optional.of(new Refusal(403, "http1.https_url_on_plaintext_connection"));
        }
        String rest = path.substring(end + 3);
        int slash = -1;
        for (int i = 0; i < rest.length() && slash < 0; i++) {
            slash = "/?#".indexOf(rest.charAt(i)) >= 0 ? i : -1;
        }
        String authority = slash < 0 ? rest : rest.substring(0, slash);
        if (authority.contains("_") || authority.isEmpty()) {
            return Optional.of(new Refusal(400, "http1.invalid_url"));
        }
        headers.set(":authority", authority);
        String absolute = slash < 0 ? "/" : rest.substring(slash);
        headers.set(":path", absolute.startsWith("/") ? absolute : "/" + absolute);
        headers.set(":scheme", scheme);
        return Optional.empty();
    }

    /** Whether header names are tokens, a length is a number, and the target has no bytes beyond ASCII. */
    private static boolean isWellFormed(List<Map.Entry<String, String>> headers, String path) {
        for (Map.Entry<String, String> header : headers) {
            String name = header.getKey();
            boolean token = !name.isEmpty();
            for (int i = 0; i < name.length(); i++) {
                char c = name.charAt(i);
                token &= c > 0x20 && c < 0x7f && "()<>@,;:\\\"/[]?={}".indexOf(c) < 0;
            }
            boolean length = !name.equalsIgnoreCase("content-length")
                    || (!header.getValue().isBlank()
                            && header.getValue().strip().chars().allMatch(c -> c >= '0' && c <= '9'));
            if (!token || !length) {
                return false;
            }
        }
        for (int i = 0; i < path.length(); i++) {
            if (path.charAt(i) > 0x7f) {
                return false;
            }
        }
        return true;
    }

    /** HTTP/2: pseudo headers as they have to be, and none of the headers that belong to a connection. */
    private static Optional<Refusal> http2(HttpRequest request, Headers headers) {
        if (request.authority().isEmpty()) {
            Optional<String> host = request.headers().stream()
                    .filter(header -> header.getKey().equalsIgnoreCase("host"))
                    .map(Map.Entry::getValue)
                    .findFirst();
            if (host.isEmpty()) {
                return Optional.of(new Refusal(0, "http2.violation.of.messaging.rule"));
            }
            headers.set(":authority", host.get());
        }
        String authority = headers.authority();
        if (authority.isEmpty() || !isVisible(authority, "@")) {
            return Optional.of(new Refusal(0, "http2.invalid.header.field"));
        }
        // Headers that belong to a connection have no place in HTTP/2. Source: RFC 9113, 8.2.2.
        for (String name : List.of("connection", "upgrade", "keep-alive", "proxy-connection", "transfer-encoding")) {
            if (headers.first(name).isPresent()) {
                return Optional.of(new Refusal(0, "http2.invalid.header.field"));
            }
        }
        if (headers.isConnect()) {
            return Optional.empty();
        }
        if (request.path().isEmpty()) {
            return Optional.of(new Refusal(0, "http2.invalid.header.field"));
        }
        boolean star = request.path().equals("*") && request.method().equals("OPTIONS");
        if (!request.path().startsWith("/") && !star) {
            return Optional.of(new Refusal(0, "http2.violation.of.messaging.rule"));
        }
        headers.set(":scheme", request.scheme().orElse("http"));
        return Optional.empty();
    }

    /** Whether a text has visible ASCII only, and none of some characters. */
    public static boolean isVisible(String text, String none) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= 0x20 || c >= 0x7f || none.indexOf(c) >= 0) {
                return false;
            }
        }
        return true;
    }
}
