package dev.meshdx.traffic.internal.checks;

import dev.meshdx.model.ResourceRef;
import dev.meshdx.traffic.HttpRequest;
import java.util.List;

/**
 * A request that a proxy's access log shows as failed. Texts are empty where the log has none (Envoy writes {@code -}).
 *
 * @param pod the pod whose proxy logged it
 * @param method the method; empty for a connection that carried no HTTP
 * @param authority the host
 * @param path path and query as the client sent them
 * @param protocol {@code HTTP/1.1}, {@code HTTP/2}…
 * @param code the response code; 0 for none
 * @param flags the response flags: {@code NR}, {@code UH}, {@code URX}…
 * @param details the response code details: {@code route_not_found}…
 * @param cluster the upstream cluster
 * @param destination the address that the client asked, {@code ip:port} ({@code %DOWNSTREAM_LOCAL_ADDRESS%})
 * @param source the client's address, {@code ip:port} ({@code %DOWNSTREAM_REMOTE_ADDRESS%})
 * @param serverName the TLS server name that the client asked for; empty for none
 * @param line the line itself, for evidence
 */
public record FailedRequest(
        ResourceRef pod,
        String method,
        String authority,
        String path,
        String protocol,
        int code,
        List<String> flags,
        String details,
        String cluster,
        String destination,
        String source,
        String serverName,
        String line) {
    /** Copies the flags. */
    public FailedRequest {
        flags = List.copyOf(flags);
    }

    /** Whether the log shows this flag. */
    public boolean hasFlag(String flag) {
        return flags.contains(flag);
    }

    /** The request, to be traced. What the log leaves out (headers, ALPN) is taken as usual for the protocol. */
    public HttpRequest toRequest() {
        HttpRequest.Protocol spoken = protocol.startsWith("HTTP/2")
                ? HttpRequest.Protocol.HTTP_2
                : protocol.equals("HTTP/1.0") ? HttpRequest.Protocol.HTTP_1_0 : HttpRequest.Protocol.HTTP_1_1;
        HttpRequest request = HttpRequest.of(method.isEmpty() ? "GET" : method, "http://host/")
                .authority(authority.isEmpty() ? null : authority)
                .path(path.isEmpty() ? "/" : path)
                .protocol(method.isEmpty() ? HttpRequest.Protocol.TCP : spoken);
        if (!destination.isEmpty()) {
            request = request.to(destination);
        }
        if (!source.isEmpty()) {
            request = request.from(source);
        }
        if (!serverName.isEmpty()) {
            boolean two = spoken == HttpRequest.Protocol.HTTP_2;
            // Istio's proxies use the cluster's name as server name, and protocols of their own.
            List<String> protocols = serverName.startsWith("outbound_.")
                    ? two ? List.of("istio-h2", "istio", "h2") : List.of("istio-http/1.1", "istio", "http/1.1")
                    : two ? List.of("h2") : List.of("http/1.1");
            request = request.tls(new HttpRequest.Tls(serverName, protocols, "(shown)"));
        }
        return request;
    }

    /** One line. */
    @Override
    public String toString() {
        return (method.isEmpty() ? "a connection" : method + " " + authority + path) + " " + code + " "
                + String.join(",", flags) + (details.isEmpty() ? "" : " " + details);
    }
}
