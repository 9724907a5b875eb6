package dev.meshdx;

import dev.meshdx.annotation.CheckReturnValue;

/** A pod of the mesh. Navigating does no I/O. Safe for use by several threads. */
@CheckReturnValue
public final class MeshPod {
    @SuppressWarnings("unused")
    private final MeshContext context;

    private final String namespace;
    private final String name;

    MeshPod(MeshContext context, String namespace, String name) {
        this.context = context;
        this.namespace = namespace;
        this.name = name;
    }

    /** Its namespace. */
    public String namespace() {
        return namespace;
    }

    /** Its name. */
    public String name() {
        return name;
    }

    @Override
    public String toString() {
        return "pod " + namespace + "/" + name;
    }
}
