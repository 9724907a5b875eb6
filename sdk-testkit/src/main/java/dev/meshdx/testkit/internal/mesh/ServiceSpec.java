package dev.meshdx.testkit.internal.mesh;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A Service as the builder was told. Mutable; used by one thread. */
public final class ServiceSpec {
    /**
     * A service port.
     *
     * @param name name, which tells the protocol
     * @param number the service's port
     * @param target the pods' port
     */
    public record Port(String name, int number, int target) {}

    public final String name;
    public final Map<String, String> selector = new LinkedHashMap<>();
    public final List<Port> ports = new ArrayList<>();
    public boolean headless;

    /** Without ports, for the pods that are labelled {@code app=NAME}. */
    public ServiceSpec(String name) {
        this.name = name;
    }
}
