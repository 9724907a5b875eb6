package dev.meshdx.testkit.internal.mesh;

import java.util.LinkedHashMap;
import java.util.Map;

/** A scripted request. Mutable; used by one thread. */
public final class RequestSpec {
    public final String from;
    public final String method;
    public final String url;
    public final Map<String, String> headers = new LinkedHashMap<>();
    public int times = 1;
    public int answer = 200;

    /** One request, answered with 200 by the application that it reaches. */
    public RequestSpec(String from, String method, String url) {
        this.from = from;
        this.method = method;
        this.url = url;
    }
}
