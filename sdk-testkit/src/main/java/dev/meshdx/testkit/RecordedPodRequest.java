package dev.meshdx.testkit;

/**
 * A request that a port of a fake pod got through a tunnel.
 *
 * @param namespace the pod's namespace
 * @param pod the pod's name
 * @param port the port inside the pod
 * @param method HTTP method
 * @param path path and query as they were sent
 * @param status the answer's HTTP status; 0 where a fault left the request without one
 */
public record RecordedPodRequest(String namespace, String pod, int port, String method, String path, int status) {
    /** On one line: {@code GET production/web:15000/config_dump: 200}. */
    @Override
    public String toString() {
        return method + " " + namespace + "/" + pod + ":" + port + path + ": " + (status == 0 ? "no answer" : status);
    }
}
