package dev.meshdx.health.internal;

import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * What the agent says in the last lines of the proxy's log about its own start. Only lines that the agent or Envoy wrote count;
 * the text of requests in the access log does not.
 *
 * <p>Sources: Istio, {@code pilot/cmd/pilot-agent/status/ready/probe.go}, {@code pkg/istio-agent/xds_proxy.go}, {@code
 * security/pkg/nodeagent/cache/secretcache.go}, {@code security/pkg/nodeagent/sds}.
 */
final class AgentLog {
    private static final Pattern PREFIX =
            Pattern.compile("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z\\t(?:debug|info|warn|warning|error|fatal|critical)\\t(.*)");
    private static final int LONGEST = 300;

    /** What the log says, and the line that says it. */
    record Word(boolean good, String reason, String line) {}

    private final List<String> messages = new ArrayList<>();

    AgentLog(List<String> lines) {
        for (String line : lines) {
            message(line).ifPresent(messages::add);
        }
    }

    private static Optional<String> message(String line) {
        if (line.startsWith("{") && line.contains("\"level\"")) {
            try {
                Json json = Json.parse(line);
                return json.at("level").text().isEmpty()
                        ? Optional.empty()
                        : json.at("msg").text().or(() -> json.at("message").text());
            } catch (MeshProtocolException e) {
                return Optional.empty();
            }
        }
        var matcher = PREFIX.matcher(line);
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** Printable, and not too long. */
    static String clip(String text) {
        String plain = text.replaceAll("\\p{Cntrl}+", " ").strip();
        return plain.length() > LONGEST ? plain.substring(0, LONGEST - 1) + "…" : plain;
    }

    private Optional<String> last(Predicate<String> wanted) {
        for (int i = messages.size() - 1; i >= 0; i--) {
            if (wanted.test(messages.get(i))) {
                return Optional.of(messages.get(i));
            }
        }
        return Optional.empty();
    }

    /** Why the agent says that Envoy is not ready, unless it said later that it is. */
    Optional<Word> readiness() {
        return last(message ->
                        message.contains("Envoy proxy is NOT ready:") || message.contains("Envoy proxy is ready"))
                .map(message -> new Word(
                        !message.contains("NOT ready"),
                        message.contains("NOT ready") ? notReady(message) : "the agent says that Envoy is ready",
                        clip(message)));
    }

    private static String notReady(String message) {
        String why = message.substring(message.indexOf("NOT ready:") + "NOT ready:".length())
                .strip();
        if (why.startsWith("config not received")) {
            return "no configuration was received from istiod";
        }
        if (why.startsWith("config received") && why.contains("rejected")) {
            return "the configuration from istiod was refused";
        }
        if (why.startsWith("config not fully received")) {
            return "the configuration was received in part only";
        }
        if (why.startsWith("workers have not yet started")) {
            return "the workers have not started: a listener still waits for something, often a certificate";
        }
        if (why.startsWith("server is not live")) {
            return "Envoy is not live (" + clip(why.substring(why.lastIndexOf(':') + 1)) + ")";
        }
        return "the agent's words: " + clip(why);
    }

    /** Whether the agent's last word about its connection to istiod is that it stands. */
    Optional<Word> connection() {
        return last(message -> isConnected(message) || isDisconnected(message))
                .map(message -> isConnected(message)
                        ? new Word(true, "the agent says that it is connected", clip(message))
                        : new Word(false, connectionTrouble(message), clip(message)));
    }

    private static boolean isConnected(String message) {
        return message.contains("connected to upstream XDS server")
                || message.contains("connected to delta upstream XDS server");
    }

    private static boolean isDisconnected(String message) {
        return message.contains("failed to connect to upstream")
                || message.contains("config stream to xds-grpc closed")
                || (message.contains("upstream") && message.contains("terminated with unexpected error"));
    }

    private static String connectionTrouble(String message) {
        if (message.contains("certificate signed by unknown authority")) {
            return "istiod's certificate is signed by another authority than the one in ConfigMap istio-ca-root-cert";
        }
        if (message.contains("Unauthenticated") || message.contains("authentication failure")) {
            return "istiod refuses the pod's token (Unauthenticated): expired, of another audience, or istiod cannot check it";
        }
        if (message.contains("no such host") || message.contains("lookup ")) {
            return "the name of istiod cannot be resolved";
        }
        if (message.contains("connection refused") || message.contains("no route to host")) {
            return "nothing answers at istiod's address";
        }
        if (message.contains("i/o timeout") || message.contains("deadline exceeded")) {
            return "istiod's address gives no answer: a NetworkPolicy or firewall, or istiod hangs";
        }
        if (message.contains("connection reset") || message.contains("broken pipe")) {
            return "it was cut on its way";
        }
        return "the connection to istiod fails";
    }

    /** Whether the agent's last word about the workload certificate is that it has one. */
    Optional<Word> certificate() {
        return last(message -> isSigned(message) || isRefused(message))
                .map(message -> isSigned(message)
                        ? new Word(true, "the agent got a certificate", clip(message))
                        : new Word(false, certificateTrouble(message), clip(message)));
    }

    private static boolean isSigned(String message) {
        return message.contains("generated new workload certificate")
                || message.contains("returned workload certificate from cache");
    }

    private static boolean isRefused(String message) {
        return message.contains("failed to warm certificate")
                || message.contains("failed to warm root certificate")
                || message.contains("failed to generate workload certificate")
                || message.contains("failed to sign")
                || message.contains("Failed to connect to endpoint");
    }

    private static String certificateTrouble(String message) {
        if (message.contains("certificate signed by unknown authority")) {
            return "the CA's certificate is signed by another authority than the one in ConfigMap istio-ca-root-cert";
        }
        if (message.contains("Unauthenticated") || message.contains("authentication failure")) {
            return "the CA refuses the pod's token (Unauthenticated)";
        }
        if (message.contains("connection refused")
                || message.contains("no route to host")
                || message.contains("Unavailable")) {
            return "the CA cannot be reached";
        }
        if (message.contains("PermissionDenied") || message.contains("not authorized")) {
            return "the CA refuses the request (PermissionDenied)";
        }
        return "the CA gives no certificate";
    }
}
