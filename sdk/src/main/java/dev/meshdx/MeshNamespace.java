package dev.meshdx;

import dev.meshdx.annotation.CheckReturnValue;

/** A namespace of the mesh. Navigating does no I/O. Safe for use by several threads. */
@CheckReturnValue
public final class MeshNamespace {
    private final MeshContext context;
    private final String name;

    MeshNamespace(MeshContext context, String name) {
        this.context = context;
        this.name = name;
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** A pod. No I/O. */
    public MeshPod pod(String pod) {
        return new MeshPod(context, name, pod);
    }

    /** A service. No I/O. */
    public MeshService service(String service) {
        return new MeshService(context, name, service);
    }

    @Override
    public String toString() {
        return "namespace " + name;
    }
}
