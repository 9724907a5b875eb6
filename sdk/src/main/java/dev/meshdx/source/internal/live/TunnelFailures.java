package dev.meshdx.source.internal.live;

import dev.meshdx.error.MeshConnectionException;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import dev.meshdx.model.Json;
import dev.meshdx.source.PodRequest;
import dev.meshdx.source.internal.live.PodTunnel.Target;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** Why a tunnel could not be opened, or broke, in words that lead to the cause. */
final class TunnelFailures {
    private static final String WEB_PAGE = "a web page";

    private TunnelFailures() {}

    static Question question(Target target) {
        return Question.of("port-forward to " + target, "create", "", "pods/portforward", target.namespace());
    }

    /** The API server did not upgrade the connection. */
    static TunnelException handshake(Target target, Response response) {
        String body = body(response);
        Json status = ApiServer.status(body);
        Response network = response.networkResponse();
        String credential = network == null ? null : network.request().header("Authorization");
        String raw = status.exists() ? status.at("message").text("") : body;
        String text =
                PlainText.isHtml(raw) ? WEB_PAGE + PlainText.title(raw, credential) : PlainText.of(raw, credential);
        int code = response.code();
        boolean temporary = Backoff.isTemporary(code);
        return new TunnelException(handshake(target, code, text, offersSpdyOnly(response, raw)), temporary);
    }

    private static MeshException handshake(Target target, int code, String text, boolean spdyOnly) {
        String says = text.isEmpty() ? "." : ": " + text;
        if (spdyOnly) {
            return spdyOnly(target, "answered " + code + says);
        }
        String pod = target.namespace() + "/" + target.pod();
        String lower = text.toLowerCase(Locale.ROOT);
        if (code == 401) {
            return question(target).unauthorized(text);
        }
        if (code == 403) {
            return question(target).forbidden(text);
        }
        boolean redirected = code >= 300 && code < 400;
        if (redirected || (text.startsWith(WEB_PAGE) && code < 500)) {
            return new MeshProtocolException(
                    "port-forward to " + target + ": " + (redirected ? "redirected (" + code + ")" : text)
                            + " instead of answered.",
                    "Something in front of the API server answers (a login page, a proxy): check the server's address in"
                            + " the kubeconfig, and log in.",
                    null);
        }
        if (code == 404) {
            return new MeshNotFoundException(
                    "There is no pod " + pod + " (any more)" + says,
                    "List the pods again: kubectl get pods -n " + target.namespace());
        }
        if (lower.contains("not running") || lower.contains("not have a host assigned")) {
            return notRunning(target, says);
        }
        if (code == 200 || code == 426) {
            return new MeshUnsupportedException(
                    Reason.UNSUPPORTED,
                    "The API server, or a proxy in front of it, does not speak WebSocket (answered " + code
                            + "), so pods cannot be reached.",
                    "Connect to the API server itself, or let the proxy pass WebSocket upgrades.");
        }
        return new MeshConnectionException(
                "The API server refused the port-forward to " + target + " with " + code + says,
                "Try: kubectl port-forward -n " + target.namespace() + " pod/" + target.pod() + " " + target.port());
    }

    /**
     * Some access proxies in front of the API server take SPDY inside the WebSocket only, as kubectl speaks it since 1.31
     * (KEP-4006), and refuse the older protocol in various words.
     */
    private static boolean offersSpdyOnly(Response response, String body) {
        String protocol = response.header("Sec-WebSocket-Protocol", "");
        String lower = body.toLowerCase(Locale.ROOT);
        return (protocol != null && protocol.startsWith("SPDY"))
                || lower.contains("spdy/3.1")
                || lower.contains("unable to negotiate")
                || lower.contains("subprotocol")
                || lower.contains("sub-protocol");
    }

    static MeshUnsupportedException spdyOnly(Target target, String how) {
        return new MeshUnsupportedException(
                Reason.UNSUPPORTED,
                "The port-forward to " + target + " is not possible: the server does not take the WebSocket protocol "
                        + WebSocketTunnel.PROTOCOL + ", maybe only SPDY inside a WebSocket, which meshdx does not speak"
                        + " (" + how + ").",
                "Connect to the API server itself rather than through the access proxy, or run meshdx in the cluster.");
    }

    /** The kubelet's words on the error channel. */
    static MeshException inPod(Target target, String text) {
        String quoted = PlainText.of(text);
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.contains("connection refused")) {
            return new MeshConnectionException(
                    "Nothing listens on port " + target.port() + " in pod " + target.namespace() + "/" + target.pod()
                            + " (connection refused).",
                    listens(target));
        }
        if (lower.contains("sandbox")
                || lower.contains("not running")
                || lower.contains("no such container")
                || lower.contains("network namespace for sandbox")) {
            return notRunning(target, ": " + quoted);
        }
        return new MeshConnectionException(
                "The port-forward to " + target + " failed on the node: " + quoted + ".",
                "Look at the pod and its node: kubectl describe pod -n " + target.namespace() + " " + target.pod());
    }

    private static MeshConnectionException notRunning(Target target, String says) {
        return new MeshConnectionException(
                "Pod " + target.namespace() + "/" + target.pod() + " is not running" + says,
                "See why: kubectl describe pod -n " + target.namespace() + " " + target.pod());
    }

    /** Who should listen on a port. Source: Istio docs, "Application requirements", ports used by Istio. */
    private static String listens(Target target) {
        String pod = "-n " + target.namespace() + " " + target.pod();
        return switch (target.port()) {
            case PodRequest.ENVOY_ADMIN ->
                "This is Envoy's admin port. Does the pod have a container istio-proxy, and does"
                        + " it run? kubectl get pod " + pod + "; kubectl logs " + pod + " -c istio-proxy --tail=50";
            case PodRequest.ISTIOD_MONITORING ->
                "This is istiod's monitoring port. Is the pod an istiod, and up? kubectl" + " logs " + pod
                        + " --tail=50";
            case PodRequest.AGENT ->
                "This is the port of the proxy's agent. Does the pod have a container istio-proxy?"
                        + " kubectl get pod " + pod;
            default -> "See which containers run and what they listen on: kubectl describe pod " + pod;
        };
    }

    /** A WebSocket that broke after it was open. */
    static TunnelException broken(Target target, Throwable e) {
        return new TunnelException(
                new MeshConnectionException(
                        "The port-forward to " + target + " broke: " + PlainText.of(e.getMessage()) + ".",
                        "Ask again; if it goes on, look at the pod's node and at proxies in front of the API server.",
                        e),
                false);
    }

    /** Something else than v4 speaks. */
    static TunnelException protocol(Target target, String what) {
        return new TunnelException(
                new MeshProtocolException("The port-forward to " + target + " sent " + what + "."), false);
    }

    private static String body(@Nullable Response response) {
        try {
            return response == null
                    ? ""
                    : new String(response.peekBody(64 * 1024).bytes(), StandardCharsets.UTF_8);
        } catch (IOException | RuntimeException e) {
            return "";
        }
    }
}
