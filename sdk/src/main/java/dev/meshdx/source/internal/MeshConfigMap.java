package dev.meshdx.source.internal;

import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.source.Session;
import java.util.Comparator;
import java.util.Optional;

/** The ConfigMap with the mesh's settings. Source: Istio, "Global Mesh Options"; istiod keeps them under the key {@code mesh}. */
public final class MeshConfigMap {
    private MeshConfigMap() {}

    /**
     * The ConfigMap of a revision. Reads through the session: not twice.
     *
     * @param revision empty, or {@code default}, for the one without revision
     * @throws dev.meshdx.error.MeshException if it cannot be read
     */
    public static Optional<Resource> of(Session session, String revision) {
        String name = revision.isEmpty() || revision.equals("default") ? "istio" : "istio-" + revision;
        return session.resource(ResourceKind.CONFIG_MAP, session.istioNamespace(), name);
    }

    /**
     * As {@link #of}; where there is none of that name, that of the first revision by name: an installation may have
     * revisions only, and they rarely differ in what matters here.
     *
     * @throws dev.meshdx.error.MeshException if it cannot be read
     */
    public static Optional<Resource> ofAny(Session session, String revision) {
        Optional<Resource> named = of(session, revision);
        return named.isPresent()
                ? named
                : session.resources(ResourceKind.CONFIG_MAP, session.istioNamespace()).stream()
                        .filter(map -> map.name().startsWith("istio-")
                                && map.raw().at("data", "mesh").exists())
                        .min(Comparator.comparing(Resource::name));
    }

    /** The document under the key {@code mesh}; empty where there is none. */
    public static String text(Resource map) {
        return map.raw().at("data", "mesh").text("");
    }
}
