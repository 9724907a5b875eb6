package dev.meshdx.envoy;

import dev.meshdx.error.MeshConnectionException;
import dev.meshdx.error.MeshNotFoundException;
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
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** A mesh of one pod, {@code edge/gw-1}, whose proxy is a process here. */
public final class EnvoySource implements MeshSource {
    private static final Resource POD = Resource.of(ResourceKind.POD, Json.parse("""
                    {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "gw-1", "namespace": "edge"},
                     "spec": {"containers": [{"name": "istio-proxy", "args": ["proxy", "router"]}]},
                     "status": {"phase": "Running"}}"""));

    private final List<String> changes = new CopyOnWriteArrayList<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final String admin;

    /** The process with this address of its admin port. */
    public EnvoySource(String admin) {
        this.admin = admin;
    }

    /** The requests that changed something. */
    public List<String> changes() {
        return changes;
    }

    /** The requests that changed nothing, until they are cleared. */
    public List<String> asked() {
        return asked;
    }

    @Override
    public Kind kind() {
        return Kind.LIVE;
    }

    @Override
    public String description() {
        return "an Envoy";
    }

    @Override
    public Optional<Instant> recordedAt() {
        return Optional.empty();
    }

    @Override
    public String defaultNamespace() {
        return "edge";
    }

    @Override
    public List<Resource> list(ListQuery query, Deadline deadline) {
        return List.of(POD);
    }

    @Override
    public Optional<Resource> find(ResourceKind kind, String namespace, String name, Deadline deadline) {
        return Optional.of(POD);
    }

    @Override
    public <T> T fetch(PodRequest request, BodyReader<T> reader, Deadline deadline) {
        asked.add(request.path());
        return send(request.requireReads(), reader);
    }

    @Override
    public boolean canChange() {
        return true;
    }

    @Override
    public <T> T change(PodRequest request, BodyReader<T> reader, Deadline deadline) {
        changes.add(request.path());
        return send(request, reader);
    }

    private <T> T send(PodRequest request, BodyReader<T> reader) {
        try {
            HttpURLConnection connection = (HttpURLConnection)
                    URI.create("http://" + admin + request.path().replace("|", "%7C"))
                            .toURL()
                            .openConnection();
            connection.setRequestMethod(request.method());
            int code = connection.getResponseCode();
            if (code == 404) {
                throw new MeshNotFoundException("404", "");
            }
            if (code == 400) {
                String text = new String(connection.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
                throw new MeshUnsupportedException(Reason.UNSUPPORTED, text, "");
            }
            if (code != 200) {
                throw new MeshConnectionException("answered " + code, "");
            }
            try (InputStream in = connection.getInputStream()) {
                return reader.read(in);
            }
        } catch (IOException e) {
            throw new MeshConnectionException(String.valueOf(e.getMessage()), "", e);
        }
    }

    @Override
    public <T> T log(LogQuery query, BodyReader<T> reader, Deadline deadline) {
        throw new MeshNotFoundException("no log", "");
    }

    @Override
    public Json version(Deadline deadline) {
        return Json.MISSING;
    }

    @Override
    public void close() {}
}
