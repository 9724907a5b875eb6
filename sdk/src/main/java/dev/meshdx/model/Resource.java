package dev.meshdx.model;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One Kubernetes or Istio resource as the API server (or a file) holds it. Immutable; safe for use by several threads.
 *
 * <p>What a document lacks is empty, never null, and unknown fields stay reachable through {@link #raw()}.
 */
public final class Resource {
    private final ResourceKind kind;
    private final String namespace;
    private final String name;
    private final Map<String, String> labels;
    private final Map<String, String> annotations;
    private final Json raw;

    /** Asked for more than all the rest together. */
    private final Json spec;

    private final Origin origin;

    private Resource(ResourceKind kind, Json raw, Origin origin) {
        Json metadata = raw.at("metadata");
        this.kind = kind;
        this.namespace = kind.namespaced() ? metadata.at("namespace").text("") : "";
        this.name = metadata.at("name").text("");
        this.labels = metadata.at("labels").textMap();
        this.annotations = metadata.at("annotations").textMap();
        this.raw = raw;
        this.spec = raw.at("spec");
        this.origin = origin;
    }

    /** A resource from its document. Items of a list carry no kind of their own, so it is given. */
    public static Resource of(ResourceKind kind, Json raw, Origin origin) {
        return new Resource(kind, raw, origin);
    }

    /** A resource from its document, not from a file. */
    public static Resource of(ResourceKind kind, Json raw) {
        return new Resource(kind, raw, Origin.NONE);
    }

    /** Its kind. */
    public ResourceKind kind() {
        return kind;
    }

    /** Its namespace; empty for cluster-wide kinds and where a manifest names none. */
    public String namespace() {
        return namespace;
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** Its labels. */
    public Map<String, String> labels() {
        return labels;
    }

    /** Its annotations. */
    public Map<String, String> annotations() {
        return annotations;
    }

    /** A label's value. */
    public Optional<String> label(String name) {
        return Optional.ofNullable(labels.get(name));
    }

    /** An annotation's value. */
    public Optional<String> annotation(String name) {
        return Optional.ofNullable(annotations.get(name));
    }

    /** Its {@code spec}. */
    public Json spec() {
        return spec;
    }

    /** Its {@code status}. */
    public Json status() {
        return raw.at("status");
    }

    /** The whole document. Of {@code managedFields} only the last change was kept while reading. */
    public Json raw() {
        return raw;
    }

    /** The file it came from, where it came from one. */
    public Origin origin() {
        return origin;
    }

    /** When it was created, where the document says so. */
    public Optional<Instant> createdAt() {
        return time(raw.at("metadata", "creationTimestamp"));
    }

    /**
     * When it was last changed, other than in its status: by the API server's record of who manages which fields; where that is not
     * there, when it was created. Source: Kubernetes, "Server-Side Apply", managers.
     */
    public Optional<Instant> changedAt() {
        Optional<Instant> changed =
                time(raw.at("metadata", "managedFields").at(0).at("time"));
        Optional<Instant> created = createdAt();
        return changed.isPresent() && (created.isEmpty() || changed.get().isAfter(created.get())) ? changed : created;
    }

    private static Optional<Instant> time(Json text) {
        try {
            return text.text().map(Instant::parse);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** Its name with kind and namespace. */
    public ResourceRef ref() {
        return ResourceRef.of(kind.kind(), namespace, name);
    }

    /** As {@link ResourceRef#toString()}: the content may hold secrets and is not shown. */
    @Override
    public String toString() {
        return ref().toString();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Resource resource && kind.equals(resource.kind) && raw.equals(resource.raw);
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, namespace, name);
    }
}
