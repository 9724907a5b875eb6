package dev.meshdx.testkit;

import dev.meshdx.testkit.internal.mesh.RequestSpec;
import java.util.Locale;

/** A scripted request of a fake mesh. Used by one thread. */
public final class FakeRequest {
    private final RequestSpec spec;

    FakeRequest(RequestSpec spec) {
        this.spec = spec;
    }

    /** A header. {@code host} replaces the URL's. */
    public FakeRequest header(String name, String value) {
        spec.headers.put(name.toLowerCase(Locale.ROOT), value);
        return this;
    }

    /** How often it is sent; once unless told. */
    public FakeRequest times(int times) {
        spec.times = times;
        return this;
    }

    /** What the application answers if the request reaches it; 200 unless told. */
    public FakeRequest answered(int status) {
        spec.answer = status;
        return this;
    }
}
