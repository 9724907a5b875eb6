package dev.meshdx.source.internal.manifests;

import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Json;
import dev.meshdx.model.Origin;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.source.BodyReader;
import dev.meshdx.source.Deadline;
import dev.meshdx.source.ListQuery;
import dev.meshdx.source.LogQuery;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.PodRequest;
import dev.meshdx.source.internal.Documents;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What if: manifests laid over a mesh. A resource of the manifests hides the mesh's resource of the same kind, namespace and
 * name; what names no namespace lands in the manifests' default one. Everything that runs is the mesh's.
 */
public final class LayeredSource implements MeshSource, Documents {
    private final MeshSource base;
    private final ManifestSource over;

    /** Lays manifests over a mesh; closing this leaves the mesh open. */
    public LayeredSource(MeshSource base, ManifestSource over) {
        this.base = base;
        this.over = over;
    }

    @Override
    public Kind kind() {
        return base.kind();
    }

    @Override
    public String description() {
        return over.description() + " over " + base.description();
    }

    @Override
    public Optional<Instant> recordedAt() {
        return base.recordedAt();
    }

    @Override
    public String defaultNamespace() {
        return over.defaultNamespace();
    }

    @Override
    public List<Resource> list(ListQuery query, Deadline deadline) {
        Set<String> hidden = new HashSet<>();
        List<Resource> found = new ArrayList<>();
        for (Resource resource : over.list(ListQuery.all(query.kind()), deadline)) {
            String namespace = ManifestSource.namespace(resource, defaultNamespace());
            // Hidden even where its labels no longer match the query: the mesh's own would be out of date.
            hidden.add(namespace + "/" + resource.name());
            if ((query.namespace().isEmpty() || query.namespace().equals(namespace))
                    && resource.labels().entrySet().containsAll(query.labels().entrySet())) {
                found.add(resource);
            }
        }
        for (Resource resource : below(query, deadline, found)) {
            if (!hidden.contains(ManifestSource.namespace(resource, defaultNamespace()) + "/" + resource.name())) {
                found.add(resource);
            }
        }
        return List.copyOf(found);
    }

    /** What the mesh has; a kind that it does not know yet may come with the manifests. */
    private List<Resource> below(ListQuery query, Deadline deadline, List<Resource> found) {
        try {
            return base.list(query, deadline);
        } catch (MeshUnsupportedException e) {
            if (e.reason() == Reason.NOT_INSTALLED && !found.isEmpty()) {
                return List.of();
            }
            throw e;
        }
    }

    @Override
    public Optional<Resource> find(ResourceKind kind, String namespace, String name, Deadline deadline) {
        Optional<Resource> laid = over.list(ListQuery.all(kind), deadline).stream()
                .filter(resource -> resource.name().equals(name)
                        && (namespace.isEmpty()
                                || namespace.equals(ManifestSource.namespace(resource, defaultNamespace()))))
                .findFirst();
        return laid.isPresent() ? laid : base.find(kind, namespace, name, deadline);
    }

    @Override
    public <T> T fetch(PodRequest request, BodyReader<T> reader, Deadline deadline) {
        return base.fetch(request, reader, deadline);
    }

    @Override
    public <T> T log(LogQuery query, BodyReader<T> reader, Deadline deadline) {
        return base.log(query, reader, deadline);
    }

    @Override
    public Json version(Deadline deadline) {
        return base.version(deadline);
    }

    @Override
    public List<Inconclusive> problems() {
        if (!(base instanceof Documents documents)) {
            return over.problems();
        }
        List<Inconclusive> problems = new ArrayList<>(documents.problems());
        problems.addAll(over.problems());
        return List.copyOf(problems);
    }

    @Override
    public List<Resource> written() {
        if (!(base instanceof Documents documents)) {
            return over.written();
        }
        List<Resource> written = new ArrayList<>(documents.written());
        written.addAll(over.written());
        return List.copyOf(written);
    }

    @Override
    public Origin locate(Resource resource, String path) {
        Origin found = over.locate(resource, path);
        return found.equals(resource.origin()) && base instanceof Documents documents
                ? documents.locate(resource, path)
                : found;
    }

    @Override
    public void close() {
        over.close();
    }
}
