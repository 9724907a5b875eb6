package dev.meshdx.model;

/**
 * What a question is about: the whole mesh, a namespace, or one pod.
 *
 * @param namespace empty for the whole mesh
 * @param pod empty for a whole namespace
 */
public record Scope(String namespace, String pod) {
    /** The whole mesh. */
    public static final Scope MESH = new Scope("", "");

    /** One namespace. */
    public static Scope namespace(String namespace) {
        return new Scope(namespace, "");
    }

    /** One pod. */
    public static Scope pod(String namespace, String pod) {
        return new Scope(namespace, pod);
    }

    /** Whether it is about one pod. */
    public boolean isPod() {
        return !pod.isEmpty();
    }

    /** Whether something in this namespace belongs to it. */
    public boolean includesNamespace(String other) {
        return namespace.isEmpty() || namespace.equals(other);
    }

    @Override
    public String toString() {
        return namespace.isEmpty()
                ? "the mesh"
                : pod.isEmpty() ? "namespace " + namespace : "pod " + namespace + "/" + pod;
    }
}
