package dev.meshdx.testkit.internal;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import okhttp3.tls.HeldCertificate;
import org.jspecify.annotations.Nullable;

/** The cluster's certificate authority, new for each cluster. Elliptic curves: making their keys takes a millisecond. */
final class Authority {
    private final HeldCertificate root;
    private final HeldCertificate server;

    Authority() {
        root = new HeldCertificate.Builder()
                .certificateAuthority(0)
                .commonName("fake-mesh-ca")
                .duration(3650, TimeUnit.DAYS)
                .build();
        server = new HeldCertificate.Builder()
                .signedBy(root)
                .commonName("kube-apiserver")
                .addSubjectAlternativeName("127.0.0.1")
                .addSubjectAlternativeName("localhost")
                .addSubjectAlternativeName("kubernetes.default.svc")
                .duration(365, TimeUnit.DAYS)
                .build();
    }

    String pem() {
        return root.certificatePem();
    }

    X509Certificate certificate() {
        return root.certificate();
    }

    /** A client certificate, whose common name is the user. Times are in milliseconds since 1970. */
    HeldCertificate client(String user, long notBefore, long notAfter) {
        return new HeldCertificate.Builder()
                .signedBy(root)
                .commonName(user)
                .validityInterval(notBefore, notAfter)
                .build();
    }

    /** Whether a certificate comes from here and is valid now. */
    boolean vouchesFor(X509Certificate certificate) {
        try {
            certificate.verify(root.certificate().getPublicKey());
            certificate.checkValidity();
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    SSLSocketFactory sockets() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    new KeyManager[] {new Key(server, root.certificate())},
                    new TrustManager[] {new Lenient(root.certificate())},
                    new SecureRandom());
            return context.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This JDK has no TLS.", e);
        }
    }

    /** The server's key, without the detour over a key store. */
    private static final class Key extends X509ExtendedKeyManager {
        private final HeldCertificate held;
        private final X509Certificate root;

        Key(HeldCertificate held, X509Certificate root) {
            this.held = held;
            this.root = root;
        }

        private static @Nullable String alias(String type) {
            return type.startsWith("EC") ? "server" : null;
        }

        @Override
        public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseClientAlias(
                String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return null;
        }

        @Override
        public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
            String alias = alias(type);
            return alias == null ? null : new String[] {alias};
        }

        @Override
        public @Nullable String chooseServerAlias(
                String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return alias(type);
        }

        @Override
        public @Nullable String chooseEngineServerAlias(
                String type, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return alias(type);
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return new X509Certificate[] {held.certificate(), root};
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return held.keyPair().getPrivate();
        }
    }

    /**
     * Lets every client certificate through the handshake: a real API server too judges it afterwards, and says 401.
     */
    private static final class Lenient extends X509ExtendedTrustManager {
        private final X509Certificate root;

        Lenient(X509Certificate root) {
            this.root = root;
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("This is a server.");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            throw new CertificateException("This is a server.");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("This is a server.");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[] {root};
        }
    }
}
