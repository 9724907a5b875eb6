package dev.meshdx.testkit;

import dev.meshdx.testkit.internal.mesh.ServiceSpec;

/** A Service of a fake mesh under construction. Used by one thread. */
public final class FakeService {
    private final ServiceSpec spec;

    FakeService(ServiceSpec spec) {
        this.spec = spec;
    }

    /** A port; the pods listen on the same number. The name tells the protocol. Source: Istio, "Protocol Selection". */
    public FakeService port(String name, int port) {
        return port(name, port, port);
    }

    /** A port, and the one on which the pods listen. */
    public FakeService port(String name, int port, int targetPort) {
        spec.ports.add(new ServiceSpec.Port(name, port, targetPort));
        return this;
    }

    /** Selects pods by this label instead of {@code app=NAME}; several calls add up. */
    public FakeService selector(String label, String value) {
        spec.selector.put(label, value);
        return this;
    }

    /** Without an address of its own ({@code clusterIP: None}). */
    public FakeService headless() {
        spec.headless = true;
        return this;
    }
}
