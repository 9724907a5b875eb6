package dev.meshdx.traffic;

import dev.meshdx.annotation.Internal;
import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request whose way through a proxy is wanted: what the client sends, and where to. Immutable; every method that changes
 * something returns a new request.
 *
 * <pre>{@code
 * HttpRequest.get("http://reviews:9080/api/v1/users").header("x-user", "jason")
 * }</pre>
 *
 * <p>Without {@link #to(String)} the destination is found from the host, as the client's name resolution would. Paths, hosts
 * and headers are taken exactly as given, so that a malformed one can be traced too.
 */
public final class HttpRequest {
    /** What the client speaks. */
    public enum Protocol {
        /** HTTP/1.0. */
        HTTP_1_0("HTTP/1.0"),
        /** HTTP/1.1. */
        HTTP_1_1("HTTP/1.1"),
        /** HTTP/2 with prior knowledge or by ALPN. */
        HTTP_2("HTTP/2"),
        /** Bytes that are no HTTP. */
        TCP("TCP");

        private final String text;

        Protocol(String text) {
            this.text = text;
        }

        private static Protocol of(String text) {
            for (Protocol protocol : values()) {
                if (protocol.text.equals(text)) {
                    return protocol;
                }
            }
            return HTTP_1_1;
        }

        /** As in a request line. */
        @Override
        public String toString() {
            return text;
        }
    }

    /**
     * How the client speaks TLS.
     *
     * @param serverName the server name (SNI); empty for none
     * @param applicationProtocols the protocols that it offers (ALPN), in its order
     * @param clientCertificate the identity in its certificate; empty for no certificate
     */
    public record Tls(String serverName, List<String> applicationProtocols, String clientCertificate) {
        /** Copies the list. */
        public Tls {
            applicationProtocols = List.copyOf(applicationProtocols);
        }
    }

    private static final class Fields {
        String method = "GET";

        @Nullable
        String authority;

        String path = "/";

        @Nullable
        String scheme;

        Protocol protocol = Protocol.HTTP_1_1;
        List<Map.Entry<String, String>> headers = List.of();

        @Nullable
        Tls tls;

        @Nullable
        String destination;

        @Nullable
        String source;

        @Nullable
        String directSource;

        @Nullable
        String tunnel;

        Fields copy() {
            Fields copy = new Fields();
            copy.method = method;
            copy.authority = authority;
            copy.path = path;
            copy.scheme = scheme;
            copy.protocol = protocol;
            copy.headers = headers;
            copy.tls = tls;
            copy.destination = destination;
            copy.source = source;
            copy.directSource = directSource;
            copy.tunnel = tunnel;
            return copy;
        }
    }

    private final Fields fields;

    private HttpRequest(Fields fields) {
        this.fields = fields;
    }

    /**
     * A GET.
     *
     * @param url {@code http://host[:port]/path?query}; with {@code https} the client itself speaks TLS
     * @throws IllegalArgumentException if it is not such a URL
     */
    public static HttpRequest get(String url) {
        return of("GET", url);
    }

    /**
     * A request with any method.
     *
     * @param url {@code http://host[:port]/path?query}; with {@code https} the client itself speaks TLS
     * @throws IllegalArgumentException if it is not such a URL
     */
    public static HttpRequest of(String method, String url) {
        int end = url.indexOf("://");
        String scheme = end < 0 ? "" : url.substring(0, end).toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new IllegalArgumentException("Expected http://host/path or https://host/path, not \"" + url + "\"");
        }
        String rest = url.substring(end + 3);
        int slash = firstOf(rest, "/?#");
        String authority = slash < 0 ? rest : rest.substring(0, slash);
        String path = slash < 0 ? "/" : rest.substring(slash);
        if (authority.isEmpty()) {
            throw new IllegalArgumentException("There is no host in \"" + url + "\"");
        }
        Fields fields = new Fields();
        fields.method = method;
        fields.authority = authority;
        fields.path = path.startsWith("/") ? path : "/" + path;
        if (scheme.equals("https")) {
            fields.tls = new Tls(host(authority), List.of("h2", "http/1.1"), "");
        }
        return new HttpRequest(fields);
    }

    /**
     * A gRPC call: a POST over HTTP/2 with gRPC's content type.
     *
     * @param url {@code http://host[:port]/package.Service/Method}
     * @throws IllegalArgumentException if it is not such a URL
     */
    public static HttpRequest grpc(String url) {
        return of("POST", url)
                .protocol(Protocol.HTTP_2)
                .header("content-type", "application/grpc")
                .header("te", "trailers");
    }

    /**
     * A connection whose bytes are no HTTP. With {@link #tls(Tls)} it begins with a TLS handshake.
     *
     * @param address {@code ip:port}, or {@code host:port}, which is resolved as the client would
     */
    public static HttpRequest tcp(String address) {
        HttpRequest request = of("GET", "http://" + address + "/").protocol(Protocol.TCP);
        boolean literal = address.startsWith("[") || address.matches("[0-9.]+:[0-9]+");
        return literal ? request.to(address) : request;
    }

    private static int firstOf(String text, String chars) {
        for (int i = 0; i < text.length(); i++) {
            if (chars.indexOf(text.charAt(i)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    private static String host(String authority) {
        int colon = authority.lastIndexOf(':');
        return colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority;
    }

    /**
     * A request from its JSON form: {@code destination}, {@code source}, {@code directSource}, {@code protocol}, {@code tls},
     * {@code method}, {@code authority}, {@code path}, {@code scheme}, {@code headers} (a list of names and values). Or
     * {@code url} instead of authority and path.
     */
    public static HttpRequest of(Json json) {
        Optional<String> url = json.at("url").text();
        Fields fields = url.isPresent()
                ? of(json.at("method").text("GET"), url.get()).fields.copy()
                : new Fields();
        if (url.isEmpty()) {
            fields.method = json.at("method").text("GET");
            fields.authority = json.at("authority").text().orElse(null);
            fields.path = json.at("path").text("/");
        }
        json.at("scheme").text().ifPresent(scheme -> fields.scheme = scheme);
        fields.protocol = Protocol.of(json.at("protocol").text("HTTP/1.1"));
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        for (Json header : json.at("headers").items()) {
            headers.add(Map.entry(header.at(0).text(""), header.at(1).text("")));
        }
        json.at("headers").textMap().forEach((name, value) -> headers.add(Map.entry(name, value)));
        fields.headers = List.copyOf(headers);
        if (json.at("tls").exists()) {
            Json tls = json.at("tls");
            fields.tls = new Tls(
                    tls.at("sni").text(""),
                    tls.at("alpn").texts(),
                    tls.at("clientCertificate").text(""));
        }
        fields.destination = json.at("destination").text().orElse(null);
        fields.source = json.at("source").text().orElse(null);
        fields.directSource = json.at("directSource").text().orElse(null);
        return new HttpRequest(fields);
    }

    /** With one more header; a name may repeat. */
    public HttpRequest header(String name, String value) {
        Fields copy = fields.copy();
        List<Map.Entry<String, String>> headers = new ArrayList<>(fields.headers);
        headers.add(Map.entry(name, value));
        copy.headers = List.copyOf(headers);
        return new HttpRequest(copy);
    }

    /** With another method. */
    public HttpRequest method(String method) {
        Fields copy = fields.copy();
        copy.method = Objects.requireNonNull(method, "method");
        return new HttpRequest(copy);
    }

    /** With another path, exactly as sent, with its query. */
    public HttpRequest path(String path) {
        Fields copy = fields.copy();
        copy.path = Objects.requireNonNull(path, "path");
        return new HttpRequest(copy);
    }

    /** With another host, as in the {@code Host} header; null for none. */
    public HttpRequest authority(@Nullable String authority) {
        Fields copy = fields.copy();
        copy.authority = authority;
        return new HttpRequest(copy);
    }

    /** With another protocol. */
    public HttpRequest protocol(Protocol protocol) {
        Fields copy = fields.copy();
        copy.protocol = Objects.requireNonNull(protocol, "protocol");
        return new HttpRequest(copy);
    }

    /** From a client that speaks TLS to the proxy. */
    public HttpRequest tls(Tls tls) {
        Fields copy = fields.copy();
        copy.tls = Objects.requireNonNull(tls, "tls");
        return new HttpRequest(copy);
    }

    /**
     * From a workload of the mesh, as its sidecar sends it: mutual TLS with the protocols that Istio's sidecars offer.
     *
     * @param identity such as {@code spiffe://cluster.local/ns/shop/sa/cart}
     */
    public HttpRequest mtls(String identity) {
        return tls(new Tls("", meshProtocols(fields.protocol), identity));
    }

    /** What Istio's sidecars offer (ALPN) for what the client speaks. Source: Istio, {@code src/envoy/http/alpn}. */
    @Internal
    public static List<String> meshProtocols(Protocol protocol) {
        return switch (protocol) {
            case HTTP_2 -> List.of("istio-h2", "istio", "h2");
            case HTTP_1_0 -> List.of("istio-http/1.0", "istio", "http/1.0");
            case HTTP_1_1 -> List.of("istio-http/1.1", "istio", "http/1.1");
            case TCP -> List.of("istio-peer-exchange", "istio");
        };
    }

    /** To an address, {@code ip:port} ({@code [ip]:port} for IPv6), instead of what the host resolves to. */
    public HttpRequest to(String destination) {
        Fields copy = fields.copy();
        copy.destination = Objects.requireNonNull(destination, "destination");
        return new HttpRequest(copy);
    }

    /** With these headers instead of those that it has. */
    HttpRequest withHeaders(List<Map.Entry<String, String>> headers) {
        Fields copy = fields.copy();
        copy.headers = List.copyOf(headers);
        return new HttpRequest(copy);
    }

    /** With what the client speaks inside the connection, and no tunnel around it. */
    HttpRequest withTls(@Nullable Tls tls) {
        Fields copy = fields.copy();
        copy.tls = tls;
        copy.tunnel = null;
        copy.directSource = null;
        return new HttpRequest(copy);
    }

    /** From an address, {@code ip:port}. */
    public HttpRequest from(String source) {
        Fields copy = fields.copy();
        copy.source = Objects.requireNonNull(source, "source");
        return new HttpRequest(copy);
    }

    /**
     * Through an HBONE tunnel, as workloads in ambient mode and waypoints send: it comes out at the proxy's port 15008 and goes
     * on inside it to the destination.
     *
     * @param identity the client's, as the tunnel's certificate shows it: {@code spiffe://cluster.local/ns/shop/sa/cart}
     */
    public HttpRequest throughTunnel(String identity) {
        Fields copy = fields.copy();
        copy.tunnel = Objects.requireNonNull(identity, "identity");
        return new HttpRequest(copy);
    }

    /** The method. */
    public String method() {
        return fields.method;
    }

    /** The host, as in the {@code Host} header; empty where the request has none. */
    public Optional<String> authority() {
        return Optional.ofNullable(fields.authority);
    }

    /** The path with its query, exactly as sent. */
    public String path() {
        return fields.path;
    }

    /** The scheme that an HTTP/2 client names. */
    public Optional<String> scheme() {
        return Optional.ofNullable(fields.scheme);
    }

    /** What the client speaks. */
    public Protocol protocol() {
        return fields.protocol;
    }

    /** The headers, in order; names may repeat. */
    public List<Map.Entry<String, String>> headers() {
        return fields.headers;
    }

    /** How the client speaks TLS, where it does. */
    public Optional<Tls> tls() {
        return Optional.ofNullable(fields.tls);
    }

    /** The address that the client asks, where it was given. */
    public Optional<String> destination() {
        return Optional.ofNullable(fields.destination);
    }

    /** The client's address, where it was given. */
    public Optional<String> source() {
        return Optional.ofNullable(fields.source);
    }

    /** The address of the direct peer, where it is another than the client's. */
    public Optional<String> directSource() {
        return Optional.ofNullable(fields.directSource);
    }

    /** The client's identity in the HBONE tunnel through which it comes, where it does. */
    public Optional<String> tunnel() {
        return Optional.ofNullable(fields.tunnel);
    }

    /** Method, host and path, and the destination where it was given. Headers may hold tokens and are not shown. */
    @Override
    public String toString() {
        return fields.method + " " + (fields.tls == null ? "http" : "https") + "://"
                + (fields.authority == null ? "(no host)" : fields.authority) + fields.path
                + (fields.destination == null ? "" : " to " + fields.destination);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof HttpRequest that && key().equals(that.key());
    }

    @Override
    public int hashCode() {
        return key().hashCode();
    }

    private List<Object> key() {
        return List.of(
                fields.method,
                authority(),
                fields.path,
                scheme(),
                fields.protocol,
                fields.headers,
                tls(),
                destination(),
                source(),
                directSource(),
                tunnel());
    }
}
