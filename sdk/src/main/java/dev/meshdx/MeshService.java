package dev.meshdx;

import dev.meshdx.annotation.CheckReturnValue;

/** A service of the mesh. Navigating does no I/O. Safe for use by several threads. */
@CheckReturnValue
public final class MeshService {
    @SuppressWarnings("unused")
    private final MeshContext context;

    private final String namespace;
    private final String name;

    MeshService(MeshContext context, String namespace, String name) {
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
        return "service " + namespace + "/" + name;
    }
}
