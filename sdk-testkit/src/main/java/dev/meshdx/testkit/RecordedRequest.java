package dev.meshdx.testkit;

/**
 * A request that the fake API server got.
 *
 * @param method HTTP method
 * @param path path and query as they were sent
 * @param user whose credentials came with it; empty where they were refused
 * @param verb as in RBAC rules: {@code get}, {@code list}, {@code create} …; for what is no resource the method in lower case
 * @param group API group; empty for the core group
 * @param resource as in RBAC rules: {@code pods}, {@code pods/log}; empty for what is no resource
 * @param namespace empty for cluster-wide requests
 * @param name empty for lists
 * @param status the answer's HTTP status; 0 where a fault left the request without one
 */
public record RecordedRequest(
        String method,
        String path,
        String user,
        String verb,
        String group,
        String resource,
        String namespace,
        String name,
        int status) {
    /** On one line: {@code GET /api/v1/pods (list pods by admin): 200}. */
    @Override
    public String toString() {
        return method + " " + path
                + (resource.isEmpty() ? "" : " (" + verb + " " + resource + ")")
                + (user.isEmpty() ? "" : " by " + user)
                + ": " + (status == 0 ? "no answer" : status);
    }
}
