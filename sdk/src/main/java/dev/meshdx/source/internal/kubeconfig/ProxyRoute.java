package dev.meshdx.source.internal.kubeconfig;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.SocketFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import okhttp3.Credentials;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * The way to the server: direct, or through a proxy.
 *
 * <p>{@code proxy-url} of the cluster counts as it is; without it the environment does as it does for Go's programs
 * ({@code HTTPS_PROXY} or {@code HTTP_PROXY} by the server's scheme, {@code NO_PROXY}, loopback never); without that the
 * JVM's own proxy settings. Source: Kubernetes docs, "kubeconfig (v1)", {@code proxy-url}; Go docs,
 * {@code golang.org/x/net/http/httpproxy}.
 */
final class ProxyRoute {
    static final ProxyRoute DIRECT = new ProxyRoute(Proxy.NO_PROXY, false, "", null);

    private final Proxy proxy;
    private final boolean tls;
    private final String host;
    private final @Nullable String authorization;

    private ProxyRoute(Proxy proxy, boolean tls, String host, @Nullable String authorization) {
        this.proxy = proxy;
        this.tls = tls;
        this.host = host;
        this.authorization = authorization;
    }

    /** Why a proxy cannot be used, to be put after where it is named; quotes no password. */
    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1L;

        private final String why;

        Unusable(String why) {
            super(why, null, false, false);
            this.why = why;
        }

        String why() {
            return why;
        }
    }

    /** Through the proxy of a URL: {@code http}, {@code https} or {@code socks5}; {@code http} where no scheme is given. */
    static ProxyRoute through(String url) throws Unusable {
        URI uri;
        try {
            uri = new URI(url.contains("://") ? url : "http://" + url);
        } catch (URISyntaxException e) {
            throw new Unusable("is not a URL");
        }
        String host = uri.getHost();
        if (host == null || host.isEmpty()) {
            throw new Unusable("names no host");
        }
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        String user = uri.getUserInfo();
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        return switch (scheme) {
            case "http", "https" -> {
                boolean tls = scheme.equals("https");
                int port = uri.getPort() > 0 ? uri.getPort() : tls ? 443 : 80;
                yield new ProxyRoute(
                        new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(bare, port)),
                        tls,
                        bare,
                        user == null ? null : basic(user));
            }
            case "socks5", "socks5h" -> {
                if (user != null) {
                    // The JDK takes the password from a JVM-wide Authenticator only, and that is not ours to set.
                    throw new Unusable("is a SOCKS proxy with a password, which is not supported");
                }
                int port = uri.getPort() > 0 ? uri.getPort() : 1080;
                yield new ProxyRoute(
                        new Proxy(Proxy.Type.SOCKS, InetSocketAddress.createUnresolved(bare, port)), false, bare, null);
            }
            default -> throw new Unusable("has a scheme that is none of http, https, socks5");
        };
    }

    private static String basic(String userInfo) {
        int colon = userInfo.indexOf(':');
        return colon < 0
                ? Credentials.basic(userInfo, "")
                : Credentials.basic(userInfo.substring(0, colon), userInfo.substring(colon + 1));
    }

    /** The way that the environment prescribes; else the JVM's. */
    static ProxyRoute ofEnvironment(HttpUrl server, Map<String, String> environment) throws Unusable {
        String variable = server.isHttps() ? "HTTPS_PROXY" : "HTTP_PROXY";
        String named = first(environment, variable);
        if (named.isEmpty()) {
            return ofJvm(server);
        }
        if (isLoopback(server.host()) || isExempt(server, first(environment, "NO_PROXY"))) {
            return DIRECT;
        }
        try {
            return through(named);
        } catch (Unusable e) {
            throw new Unusable("The environment variable " + variable + " " + e.why());
        }
    }

    private static String first(Map<String, String> environment, String variable) {
        String upper = environment.getOrDefault(variable, "");
        return upper.isEmpty() ? environment.getOrDefault(variable.toLowerCase(Locale.ROOT), "") : upper;
    }

    private static ProxyRoute ofJvm(HttpUrl server) {
        ProxySelector selector = ProxySelector.getDefault();
        if (selector == null) {
            return DIRECT;
        }
        List<Proxy> proxies;
        try {
            proxies = selector.select(server.uri());
        } catch (IllegalArgumentException e) {
            // A host that java.net.URI does not take for one (an underscore is enough).
            return DIRECT;
        }
        if (proxies == null || proxies.isEmpty() || proxies.get(0).type() == Proxy.Type.DIRECT) {
            return DIRECT;
        }
        return new ProxyRoute(proxies.get(0), false, "", null);
    }

    static boolean isLoopback(String host) {
        return host.equals("localhost") || host.equals("::1") || (host.startsWith("127.") && ServerTls.isAddress(host));
    }

    /** Whether {@code NO_PROXY} names the server. */
    static boolean isExempt(HttpUrl server, String noProxy) {
        String host = server.host();
        for (String part : noProxy.split(",", -1)) {
            String entry = part.strip().toLowerCase(Locale.ROOT);
            if (entry.equals("*")) {
                return true;
            }
            int colon = entry.lastIndexOf(':');
            // host:port and [v6]:port; a bare IPv6 address has more than one colon.
            if (colon > 0 && (entry.indexOf(':') == colon || entry.charAt(colon - 1) == ']')) {
                if (!entry.substring(colon + 1).equals(String.valueOf(server.port()))) {
                    continue;
                }
                entry = entry.substring(0, colon);
            }
            if (entry.startsWith("[") && entry.endsWith("]")) {
                entry = entry.substring(1, entry.length() - 1);
            }
            if (!entry.isEmpty() && matches(host, entry)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(String host, String entry) {
        if (entry.contains("/")) {
            return inRange(host, entry);
        }
        if (ServerTls.isAddress(entry)) {
            byte[] wanted = address(entry);
            return wanted != null && java.util.Arrays.equals(wanted, address(host));
        }
        if (entry.startsWith("*.")) {
            return host.endsWith(entry.substring(1));
        }
        return entry.startsWith(".") ? host.endsWith(entry) : host.equals(entry) || host.endsWith("." + entry);
    }

    private static boolean inRange(String host, String range) {
        int slash = range.indexOf('/');
        byte[] network = address(range.substring(0, slash));
        byte[] candidate = address(host);
        if (network == null || candidate == null || network.length != candidate.length) {
            return false;
        }
        int bits;
        try {
            bits = Integer.parseInt(range.substring(slash + 1));
        } catch (NumberFormatException e) {
            return false;
        }
        if (bits < 0 || bits > network.length * 8) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >> (bit % 8);
            if ((network[bit / 8] & mask) != (candidate[bit / 8] & mask)) {
                return false;
            }
        }
        return true;
    }

    /** The bytes of a literal address; null for a name, which is never looked up. */
    private static byte @Nullable [] address(String literal) {
        if (!ServerTls.isAddress(literal)) {
            return null;
        }
        try {
            return InetAddress.getByName(literal).getAddress();
        } catch (java.net.UnknownHostException e) {
            return null;
        }
    }

    void apply(OkHttpClient.Builder client, ServerTls serverTls) {
        client.proxy(proxy);
        if (authorization != null) {
            client.proxyAuthenticator((route, response) -> response.request().header("Proxy-Authorization") != null
                    ? null
                    : response.request()
                            .newBuilder()
                            .header("Proxy-Authorization", authorization)
                            .build());
        }
        if (tls) {
            client.socketFactory(new TlsToProxy(host, serverTls.towardsProxy()));
        }
    }

    @Override
    public String toString() {
        return proxy.type() + (host.isEmpty() ? "" : " " + host);
    }

    /**
     * Connections to a proxy that itself speaks TLS. OkHttp knows plain proxies only; to it this is a plain socket.
     */
    private static final class TlsToProxy extends SocketFactory {
        private final String host;
        private final SSLSocketFactory factory;

        TlsToProxy(String host, SSLSocketFactory factory) {
            this.host = host;
            this.factory = factory;
        }

        @Override
        public Socket createSocket() throws IOException {
            SSLSocket socket = (SSLSocket) factory.createSocket();
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            if (!ServerTls.isAddress(host)) {
                parameters.setServerNames(List.of(new SNIHostName(host)));
            }
            socket.setSSLParameters(parameters);
            return socket;
        }

        @Override
        public Socket createSocket(String host, int port) throws IOException {
            return connected(new InetSocketAddress(host, port));
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
            return connected(new InetSocketAddress(host, port));
        }

        @Override
        public Socket createSocket(InetAddress host, int port) throws IOException {
            return connected(new InetSocketAddress(host, port));
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) throws IOException {
            return connected(new InetSocketAddress(host, port));
        }

        private Socket connected(InetSocketAddress address) throws IOException {
            Socket socket = createSocket();
            socket.connect(address);
            return socket;
        }
    }
}
