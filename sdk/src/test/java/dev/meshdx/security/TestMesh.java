package dev.meshdx.security;

import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.source.BodyReader;
import dev.meshdx.source.Deadline;
import dev.meshdx.source.ListQuery;
import dev.meshdx.source.LogQuery;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.PodRequest;
import dev.meshdx.source.Session;
import dev.meshdx.testing.Shared;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A mesh in memory: resources, admin pages of pods, and failures. */
public final class TestMesh implements MeshSource {
    private final List<Resource> resources = new ArrayList<>();
    private final Map<String, String> pages = new HashMap<>();
    private final Map<Object, MeshException> failures = new HashMap<>();

    /** Adds a resource. */
    public TestMesh with(Resource resource) {
        resources.add(resource);
        return this;
    }

    /** Adds a page of Envoy's admin port, without its query. */
    public TestMesh page(String namespace, String pod, String path, String body) {
        pages.put(namespace + "/" + pod + path, body);
        return this;
    }

    /** Adds the log of a container. */
    public TestMesh log(String namespace, String pod, String container, String text) {
        pages.put(namespace + "/" + pod + " log of " + container, text);
        return this;
    }

    /** Lets reads of a kind (or one list, or a page, by {@code NAMESPACE/POD/PATH}) fail. */
    public TestMesh failing(Object what, MeshException failure) {
        failures.put(what, failure);
        return this;
    }

    /** A session over it. */
    public Session session() {
        return Shared.session(this);
    }

    /** A resource of a kind from its spec. */
    public static Resource resource(ResourceKind kind, String namespace, String name, String spec) {
        return created(kind, namespace, name, "2026-01-01T00:00:00Z", spec);
    }

    /** A resource that was created at a time. */
    public static Resource created(ResourceKind kind, String namespace, String name, String at, String spec) {
        return Resource.of(
                kind,
                Json.object(
                        "metadata",
                        Json.object("namespace", namespace, "name", name, "creationTimestamp", at),
                        "spec",
                        Json.parse(spec)));
    }

    /** A service with one port, {@code http} 80 to 8080, that selects {@code app=NAME}. */
    public static Resource service(String namespace, String name) {
        return resource(
                ResourceKind.SERVICE,
                namespace,
                name,
                "{\"selector\":{\"app\":\"" + name
                        + "\"},\"ports\":[{\"name\":\"http\",\"port\":80,\"targetPort\":8080}]}");
    }

    /** A running pod {@code NAME-1} with label {@code app=NAME} and a sidecar. */
    public static Resource pod(String namespace, String name) {
        return pod(namespace, name, "{\"app\":\"" + name + "\",\"security.istio.io/tlsMode\":\"istio\"}", "{}", true);
    }

    /** A running pod {@code NAME-1}. */
    public static Resource pod(String namespace, String name, String labels, String annotations, boolean sidecar) {
        String proxy = sidecar ? ",{\"name\":\"istio-proxy\",\"args\":[\"proxy\",\"sidecar\"]}" : "";
        return Resource.of(
                ResourceKind.POD,
                Json.parse("{\"metadata\":{\"namespace\":\"" + namespace + "\",\"name\":\"" + name
                        + "-1\",\"labels\":" + labels + ",\"annotations\":" + annotations
                        + "},\"spec\":{\"serviceAccountName\":\"" + name
                        + "\",\"containers\":[{\"name\":\"app\"}" + proxy
                        + "]},\"status\":{\"phase\":\"Running\",\"podIP\":\"10.0.0.1\"}}"));
    }

    /** A ConfigMap with one key. */
    public static Resource configMap(String namespace, String name, String key, String value) {
        return Resource.of(
                ResourceKind.CONFIG_MAP,
                Json.object(
                        "metadata",
                        Json.object("namespace", namespace, "name", name),
                        "data",
                        Json.object(key, value)));
    }

    @Override
    public Kind kind() {
        return Kind.RECORDING;
    }

    @Override
    public String description() {
        return "a mesh in memory";
    }

    @Override
    public Optional<Instant> recordedAt() {
        return Optional.of(TestCertificates.NOW);
    }

    @Override
    public String defaultNamespace() {
        return "default";
    }

    @Override
    public List<Resource> list(ListQuery query, Deadline deadline) {
        fail(query.kind());
        fail(query);
        return resources.stream()
                .filter(resource -> resource.kind().equals(query.kind())
                        && (query.namespace().isEmpty() || query.namespace().equals(resource.namespace())))
                .toList();
    }

    private void fail(Object what) {
        MeshException failure = failures.get(what);
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public Optional<Resource> find(ResourceKind kind, String namespace, String name, Deadline deadline) {
        return list(ListQuery.in(kind, namespace), deadline).stream()
                .filter(resource -> resource.name().equals(name))
                .findFirst();
    }

    @Override
    public <T> T fetch(PodRequest request, BodyReader<T> reader, Deadline deadline) {
        String path = request.path().replaceFirst("\\?.*", "");
        String key = request.namespace() + "/" + request.pod() + path;
        fail(key);
        String body = pages.get(key);
        if (body == null) {
            throw new MeshUnsupportedException(Reason.NOT_RECORDED, "There is no page " + key + ".", "");
        }
        try {
            return reader.read(new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public <T> T log(LogQuery query, BodyReader<T> reader, Deadline deadline) {
        String key = query.namespace() + "/" + query.pod() + " log of " + query.container()
                + (query.previous() ? " previous" : "");
        MeshException failure = failures.get(key);
        String text = pages.get(key);
        if (text == null) {
            throw failure != null
                    ? failure
                    : new MeshUnsupportedException(Reason.NOT_RECORDED, "There is no " + query + ".", "");
        }
        try {
            // A failure beside a text comes after it: the connection breaks.
            return reader.read(new SequenceInputStream(
                    new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), new InputStream() {
                        @Override
                        public int read() {
                            if (failure != null) {
                                throw failure;
                            }
                            return -1;
                        }
                    }));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Json version(Deadline deadline) {
        return Json.MISSING;
    }

    @Override
    public void close() {}
}
