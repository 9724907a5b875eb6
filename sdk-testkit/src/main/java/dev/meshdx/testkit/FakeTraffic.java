package dev.meshdx.testkit;

import dev.meshdx.testkit.internal.mesh.MeshSpec;
import dev.meshdx.testkit.internal.mesh.RequestSpec;

/**
 * Requests that a workload of a fake mesh sent during the last five minutes. What became of them is decided on the proxies'
 * configuration; it stands in the access logs of both sides and in the proxies' counters. Used by one thread.
 */
public final class FakeTraffic {
    private final MeshSpec mesh;
    private final String from;

    FakeTraffic(MeshSpec mesh, String from) {
        this.mesh = mesh;
        this.from = from;
    }

    /** A GET request, such as {@code http://reviews:9080/reviews/1}. */
    public FakeRequest get(String url) {
        return request("GET", url);
    }

    /** A POST request. */
    public FakeRequest post(String url) {
        return request("POST", url);
    }

    /** A request. */
    public FakeRequest request(String method, String url) {
        RequestSpec request = new RequestSpec(from, method, url);
        mesh.requests.add(request);
        return new FakeRequest(request);
    }
}
