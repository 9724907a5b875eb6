package dev.meshdx.traffic;

import dev.meshdx.annotation.Internal;
import dev.meshdx.model.ResourceRef;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Something that would have taken the request, but for one thing. Immutable. */
public final class NearMiss {
    /** What the one thing is. */
    public enum Reason {
        /** Upper and lower case of the path. */
        PATH_CASE,
        /** The slash at the end of the path. */
        TRAILING_SLASH,
        /** The path goes on where the match, or what a regular expression covers, ends: an exact path where a prefix was meant. */
        PATH_TOO_LONG,
        /** The path goes on within the last segment of a prefix of which only whole segments count. */
        PATH_SEGMENT,
        /** The path would match in another spelling: encoded or doubled slashes, dots, escapes, parameters. */
        PATH_SPELLING,
        /** The path is almost the one that is wanted. */
        PATH_TYPO,
        /** The path is another one. */
        PATH,
        /** The method. */
        METHOD,
        /** The scheme. */
        SCHEME,
        /** A header that is wanted is absent. */
        HEADER_MISSING,
        /** A header has another value than the wanted one, or is not wanted. */
        HEADER_VALUE,
        /** A query parameter. */
        QUERY_PARAMETER,
        /** A cookie. */
        COOKIE,
        /** The content type: only gRPC is taken. */
        CONTENT_TYPE,
        /** The client's certificate. */
        CLIENT_CERTIFICATE,
        /** What a filter finds out, such as a claim of a token. */
        METADATA,
        /** Chance: the route takes none, or a share, of such requests. */
        RUNTIME_FRACTION,
        /** The port that the host carries, or lacks. */
        HOST_PORT,
        /** The host's suffix: a short name that only its own namespace knows, or the dot at the end. */
        HOST_SUFFIX,
        /** The wildcard does not cover the host. */
        HOST_WILDCARD,
        /** The host is almost the one that is wanted. */
        HOST_TYPO,
        /** The header by which the virtual host is chosen. */
        HOST_HEADER,
        /** The port that was asked. */
        PORT,
        /** The address that was asked. */
        ADDRESS,
        /** The server name (SNI). */
        SERVER_NAME,
        /** TLS where plain text is wanted, or the reverse. */
        TRANSPORT_PROTOCOL,
        /** The application protocol (ALPN, or what was detected). */
        APPLICATION_PROTOCOL,
        /** Where the connection comes from. */
        SOURCE,
        /** A route before it takes the request. */
        SHADOWED,
        /** It stands in another virtual host, which does not serve this host. */
        OTHER_VIRTUAL_HOST,
        /** It stands in another route configuration: another port or listener. */
        OTHER_PORT,
        /** It is on other proxies only, such as gateways. */
        OTHER_PROXY,
        /** The service has no such subset. */
        SUBSET,
        /** The service has no such port. */
        CLUSTER_PORT,
        /** A VirtualService or route is not bound to this proxy: its gateways do not name {@code mesh}, or its parent is another. */
        NOT_BOUND,
        /** It, or what it is for, is not exported to the client's namespace. */
        NOT_EXPORTED,
        /** The client's Sidecar resource does not import it. */
        NOT_IMPORTED,
        /** It reaches the proxy not for another reason, which is told. */
        NOT_DELIVERED
    }

    private final Reason reason;
    private final String what;
    private final String where;
    private final String because;
    private final @Nullable ResourceRef resource;

    private NearMiss(Reason reason, String what, String where, String because, @Nullable ResourceRef resource) {
        this.reason = Objects.requireNonNull(reason, "reason");
        this.what = Objects.requireNonNull(what, "what");
        this.where = Objects.requireNonNull(where, "where");
        this.because = Objects.requireNonNull(because, "because");
        this.resource = resource;
    }

    /** Makes one. */
    @Internal
    public static NearMiss of(
            Reason reason, String what, String where, String because, @Nullable ResourceRef resource) {
        return new NearMiss(reason, what, where, because, resource);
    }

    /** The one thing. */
    public Reason reason() {
        return reason;
    }

    /** The candidate: a route, a virtual host, a filter chain. */
    public String what() {
        return what;
    }

    /** Where it stands: virtual host and route configuration, or the listener. */
    public String where() {
        return where;
    }

    /** Why it did not take the request, in a sentence; values of headers with secrets are not shown. */
    public String because() {
        return because;
    }

    /** The Istio resource that it comes from, where that is known. */
    public Optional<ResourceRef> resource() {
        return Optional.ofNullable(resource);
    }

    /** One line. */
    @Override
    public String toString() {
        return what + (where.isEmpty() ? "" : " (" + where + ")") + ": " + because;
    }
}
