package dev.meshdx.source.internal.kubeconfig;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * How the server is verified, and which certificate it is shown. Belongs to one client; nothing of it is the JVM's.
 *
 * <p>A client certificate belongs to a connection, not to a request. A plug-in may replace it at any time; OkHttp keeps
 * connections apart by their socket factory, so each certificate has a factory of its own.
 */
final class ServerTls {
    private final X509TrustManager trust;
    private final List<X509Certificate> authorities;
    private final boolean insecure;
    private final @Nullable String serverName;
    private final Showing usual;
    private volatile Showing showing;

    /** A certificate, and the factory that shows it. */
    private record Showing(@Nullable ClientIdentity identity, Factory factory) {}

    private ServerTls(
            X509TrustManager trust,
            List<X509Certificate> authorities,
            boolean insecure,
            @Nullable String serverName,
            @Nullable ClientIdentity identity)
            throws GeneralSecurityException {
        this.trust = trust;
        this.authorities = authorities;
        this.insecure = insecure;
        this.serverName = serverName;
        this.usual = new Showing(identity, factory(identity));
        this.showing = usual;
    }

    private Factory factory(@Nullable ClientIdentity identity) throws GeneralSecurityException {
        KeyManager[] keys = identity == null ? new KeyManager[0] : new KeyManager[] {new ClientKeyManager(identity)};
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, new TrustManager[] {trust}, null);
        return new Factory(context.getSocketFactory(), serverName, !insecure);
    }

    /**
     * Verifies the server against these authorities.
     *
     * @param authorities empty for those that the JVM trusts
     * @param serverName the name that the server's certificate must bear; null for the host of the URL
     * @param identity the certificate that is shown as a rule
     */
    static ServerTls verifying(
            List<X509Certificate> authorities, @Nullable String serverName, @Nullable ClientIdentity identity) {
        try {
            return new ServerTls(trustManager(authorities), authorities, false, serverName, identity);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("The JVM's TLS does not work", e);
        }
    }

    /** Believes every server. */
    static ServerTls insecure(@Nullable String serverName, @Nullable ClientIdentity identity) {
        try {
            return new ServerTls(new TrustEverybody(), List.of(), true, serverName, identity);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("The JVM's TLS does not work", e);
        }
    }

    static X509TrustManager trustManager(List<X509Certificate> authorities) throws GeneralSecurityException {
        KeyStore store = null;
        if (!authorities.isEmpty()) {
            store = KeyStore.getInstance("PKCS12");
            try {
                store.load(null, null);
            } catch (IOException e) {
                throw new GeneralSecurityException(e);
            }
            for (int i = 0; i < authorities.size(); i++) {
                store.setCertificateEntry("ca-" + i, authorities.get(i));
            }
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509TrustManager found) {
                return found;
            }
        }
        throw new GeneralSecurityException("no X509TrustManager");
    }

    void apply(OkHttpClient.Builder client) {
        client.sslSocketFactory(usual.factory(), trust);
        if (insecure) {
            client.hostnameVerifier((host, session) -> true);
        } else if (serverName != null) {
            // OkHttp would compare the certificate with the URL's host. The JDK compares it with the name instead,
            // during
            // the handshake.
            client.hostnameVerifier((host, session) -> hasSubjectAlternativeNames(session));
        }
    }

    /** The same request, over a connection that was made with this certificate. */
    Interceptor.Chain showing(Interceptor.Chain chain, @Nullable ClientIdentity identity) {
        if (identity == usual.identity()) {
            return chain;
        }
        Showing now = showing;
        if (now.identity() != identity) {
            try {
                now = new Showing(identity, factory(identity));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("The JVM's TLS does not work", e);
            }
            showing = now;
        }
        return chain.withSslSocketFactory(now.factory(), trust);
    }

    /**
     * The server refuses this certificate: ends all connections that were made with it, as Go's client does. Otherwise a
     * request would be sent again over the connection that it was refused on.
     */
    void abandon(@Nullable ClientIdentity identity) {
        for (Showing one : List.of(usual, showing)) {
            if (one.identity() == identity) {
                one.factory().closeAll();
            }
        }
    }

    /** The JDK falls back to the common name where there is no alternative name; Go and OkHttp do not. */
    private static boolean hasSubjectAlternativeNames(SSLSession session) {
        try {
            Certificate[] chain = session.getPeerCertificates();
            return chain.length > 0
                    && chain[0] instanceof X509Certificate leaf
                    && leaf.getSubjectAlternativeNames() != null;
        } catch (SSLPeerUnverifiedException | CertificateParsingException e) {
            return false;
        }
    }

    /**
     * For a proxy that itself speaks TLS. As Go's client does, it is verified as the server is; the authorities that the
     * JVM trusts count too. It is shown no client certificate.
     */
    SSLSocketFactory towardsProxy() {
        try {
            List<X509Certificate> trusted = new ArrayList<>(authorities);
            trusted.addAll(List.of(trustManager(List.of()).getAcceptedIssuers()));
            SSLContext own = SSLContext.getInstance("TLS");
            own.init(null, new TrustManager[] {insecure ? trust : trustManager(trusted)}, null);
            return own.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("The JVM's TLS does not work", e);
        }
    }

    /** Sets the name in the handshake (SNI), has the JDK check the certificate against it, and knows what is open. */
    private static final class Factory extends SSLSocketFactory {
        private final SSLSocketFactory factory;
        private final @Nullable String name;
        private final boolean check;
        private final Set<Socket> open = Collections.newSetFromMap(new WeakHashMap<>());

        Factory(SSLSocketFactory factory, @Nullable String name, boolean check) {
            this.factory = factory;
            this.name = name;
            this.check = check;
        }

        private Socket named(Socket socket) {
            if (name == null || !(socket instanceof SSLSocket tls)) {
                return socket;
            }
            SSLParameters parameters = tls.getSSLParameters();
            if (!isAddress(name)) {
                parameters.setServerNames(List.of(new SNIHostName(name)));
            }
            if (check) {
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
            }
            tls.setSSLParameters(parameters);
            return socket;
        }

        void closeAll() {
            List<Socket> sockets;
            synchronized (open) {
                sockets = List.copyOf(open);
                open.clear();
            }
            for (Socket socket : sockets) {
                try {
                    socket.close();
                } catch (IOException e) {
                    // It is closed all the same.
                }
            }
        }

        @Override
        public Socket createSocket(Socket socket, String host, int port, boolean autoClose) throws IOException {
            // OkHttp calls this one only. The plain socket is kept, for closing it never waits.
            synchronized (open) {
                open.add(socket);
            }
            return named(factory.createSocket(socket, name == null ? host : name, port, autoClose));
        }

        @Override
        public Socket createSocket() throws IOException {
            return named(factory.createSocket());
        }

        @Override
        public Socket createSocket(String host, int port) throws IOException {
            return named(factory.createSocket(host, port));
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
            return named(factory.createSocket(host, port, local, localPort));
        }

        @Override
        public Socket createSocket(InetAddress host, int port) throws IOException {
            return named(factory.createSocket(host, port));
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) throws IOException {
            return named(factory.createSocket(host, port, local, localPort));
        }

        @Override
        public String[] getDefaultCipherSuites() {
            return factory.getDefaultCipherSuites();
        }

        @Override
        public String[] getSupportedCipherSuites() {
            return factory.getSupportedCipherSuites();
        }
    }

    static boolean isAddress(String host) {
        return host.contains(":") || host.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    }

    /** For {@code insecure-skip-tls-verify}. Extended, so that the JDK adds no check of its own. */
    private static final class TrustEverybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
