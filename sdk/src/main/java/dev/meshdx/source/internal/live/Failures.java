package dev.meshdx.source.internal.live;

import dev.meshdx.error.MeshConnectionException;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.source.Deadline;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Locale;
import java.util.Set;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/** Says of a failed exchange with the API server which part failed, and what to do about it. */
final class Failures {
    private Failures() {}

    /** A failure before the answer began. */
    static MeshException beforeAnswer(String what, HttpUrl server, IOException e, Deadline deadline) {
        MeshException known = known(e);
        if (known != null) {
            return known;
        }
        if (deadline.expired()) {
            return deadline.timeout(what);
        }
        String at = server.scheme() + "://" + server.host() + ":" + server.port();
        if (find(e, UnknownHostException.class) != null) {
            return new MeshConnectionException(
                    "The name " + server.host() + " of the API server cannot be resolved (DNS).",
                    "Check the server's name in the kubeconfig, and whether this machine needs a VPN to resolve it.",
                    e);
        }
        if (find(e, SSLException.class) != null) {
            return tls(at, e);
        }
        if (find(e, NoRouteToHostException.class) != null) {
            return new MeshConnectionException(
                    "There is no route to the API server at " + at + ".",
                    "Check the network or the VPN between here and the cluster.",
                    e);
        }
        SocketTimeoutException timeout = find(e, SocketTimeoutException.class);
        if (timeout != null
                && String.valueOf(timeout.getMessage()).toLowerCase(Locale.ROOT).contains("connect")) {
            return new MeshConnectionException(
                    "The API server at " + at + " does not accept connections: " + PlainText.of(timeout.getMessage())
                            + ".",
                    "Check the address, and firewalls or the VPN between here and the cluster.",
                    e);
        }
        if (find(e, ConnectException.class) != null) {
            return new MeshConnectionException(
                    "The API server at " + at + " cannot be reached: " + PlainText.of(deepest(e)) + ".",
                    "Check that the cluster is running and that the kubeconfig's server address and port are right.",
                    e);
        }
        return new MeshConnectionException(
                "The API server at " + at + " broke off before it answered (" + what + "): "
                        + PlainText.of(e.getMessage()) + ".",
                "Ask again; if it goes on, look at the API server and at proxies in front of it.",
                e);
    }

    private static MeshConnectionException tls(String at, IOException e) {
        SSLPeerUnverifiedException name = find(e, SSLPeerUnverifiedException.class);
        if (name != null) {
            return new MeshConnectionException(
                    "The certificate of the API server at " + at + " is for another name: "
                            + PlainText.of(firstLine(name)) + ".",
                    "Use a name that the certificate holds, or set tls-server-name in the kubeconfig's cluster.",
                    e);
        }
        if (find(e, CertificateExpiredException.class) != null
                || find(e, CertificateNotYetValidException.class) != null) {
            return new MeshConnectionException(
                    "The certificate of the API server at " + at + " is not valid now: " + PlainText.of(deepest(e))
                            + ".",
                    "Renew the API server's certificate, and check this machine's clock.",
                    e);
        }
        String text = deepest(e);
        if (text.contains("alert") && text.contains("certificate")) {
            return new MeshConnectionException(
                    "The API server at " + at + " refused the client certificate: " + PlainText.of(text) + ".",
                    "Renew the kubeconfig's client certificate (client-certificate-data), or log in again.",
                    e);
        }
        if (find(e, SSLHandshakeException.class) != null && text.contains("certification path")) {
            return new MeshConnectionException(
                    "The certificate of the API server at " + at + " is signed by an authority that is not trusted.",
                    "Check certificate-authority-data in the kubeconfig's cluster: a cluster that was made anew has a"
                            + " new one; a TLS-inspecting proxy has another.",
                    e);
        }
        return new MeshConnectionException(
                "TLS with the API server at " + at + " failed: " + PlainText.of(text) + ".",
                "Check that this port speaks TLS, and what stands between here and the API server.",
                e);
    }

    /** A failure while the answer's body was read. */
    static MeshException inBody(String what, long bytes, IOException e, Deadline deadline) {
        MeshException known = known(e);
        if (known != null) {
            return known;
        }
        if (deadline.expired()) {
            return deadline.timeout(what);
        }
        String why = e instanceof EOFException || e instanceof ProtocolException
                ? "the connection ended early"
                : PlainText.of(e.getMessage());
        return new MeshProtocolException(
                what + ": the answer was cut off after " + bytes + " bytes (" + why + ").",
                "Ask again; if it goes on, look at the process that answers and at proxies in between.",
                e);
    }

    /** What one of our own classes threw through OkHttp, which may wrap it. */
    static @Nullable MeshException known(Throwable e) {
        TunnelException tunnel = find(e, TunnelException.class);
        return tunnel != null ? tunnel.reason() : find(e, MeshException.class);
    }

    /** The first of a type among a throwable, its causes and what they suppress. */
    static <T extends Throwable> @Nullable T find(Throwable e, Class<T> type) {
        return find(e, type, Collections.newSetFromMap(new IdentityHashMap<>()));
    }

    private static <T extends Throwable> @Nullable T find(
            @Nullable Throwable e, Class<T> type, Set<Throwable> visited) {
        if (e == null || !visited.add(e)) {
            return null;
        }
        if (type.isInstance(e)) {
            return type.cast(e);
        }
        T found = find(e.getCause(), type, visited);
        for (Throwable suppressed : e.getSuppressed()) {
            found = found != null ? found : find(suppressed, type, visited);
        }
        return found;
    }

    private static String deepest(Throwable e) {
        Throwable at = e;
        for (int i = 0; i < 20 && at.getCause() != null; i++) {
            at = at.getCause();
        }
        return String.valueOf(at.getMessage());
    }

    private static String firstLine(Throwable e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
}
