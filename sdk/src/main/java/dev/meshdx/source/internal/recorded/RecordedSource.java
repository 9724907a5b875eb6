package dev.meshdx.source.internal.recorded;

import dev.meshdx.error.MeshConfigurationException;
import dev.meshdx.error.MeshConnectionException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.error.MeshTimeoutException;
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
import dev.meshdx.source.internal.SecretRedaction;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A recording: the answers of the API server, of istiod and of the proxies' admin ports as files.
 *
 * <pre>
 * scenario.json                      name, recordedAt; of a mesh of several clusters one folder up
 * api/PLURAL.GROUP.json              a list of each kind ("core" for the empty group)
 * envoy/NAMESPACE/POD/PAGE           admin port 15000, and agent_ready.txt for port 15020
 * istiod/POD/PAGE                    port 15014
 * istiod/POD/PAGE_PROXY              the same, a page about one proxy
 * logs/NAMESPACE/POD.log             istio-proxy, or discovery for istiod
 * {envoy,istiod}/…/errors.json       pages that could not be read, and why
 * </pre>
 *
 * <p>A kind without a file is an empty list when the recording has the {@code api} folder, because empty lists are left out.
 */
public final class RecordedSource implements MeshSource {
    private static final Map<String, String> ENVOY_PAGES = Map.ofEntries(
            Map.entry("/config_dump", "config_dump.json"),
            Map.entry("/clusters", "clusters.json"),
            Map.entry("/certs", "certs.json"),
            Map.entry("/server_info", "server_info.json"),
            Map.entry("/listeners", "listeners.json"),
            Map.entry("/stats", "stats.txt"),
            Map.entry("/stats/prometheus", "stats_prometheus.txt"),
            Map.entry("/ready", "ready"),
            Map.entry("/logging", "logging"),
            Map.entry("/memory", "memory.json"),
            Map.entry("/init_dump", "init_dump.json"),
            Map.entry("/runtime", "runtime.json"));

    private final Path root;
    private final String description;
    private final @Nullable FileSystem archive;
    private final @Nullable Instant recordedAt;

    private RecordedSource(Path root, String description, @Nullable FileSystem archive) {
        this.root = root;
        this.description = description;
        this.archive = archive;
        this.recordedAt = recordedAt(root);
    }

    /**
     * Opens a recording.
     *
     * @param path a folder, or a zip file that holds one
     * @throws MeshConfigurationException if there is none
     */
    public static RecordedSource open(Path path) {
        if (Files.isDirectory(path)) {
            return new RecordedSource(folder(path, path), "recording " + path, null);
        }
        if (!Files.isRegularFile(path)) {
            throw new MeshConfigurationException(
                    "There is no recording at " + path + ".", "Name a folder or a .zip file that holds a recording.");
        }
        FileSystem archive;
        try {
            archive = FileSystems.newFileSystem(path, (ClassLoader) null);
        } catch (IOException | java.nio.file.ProviderNotFoundException e) {
            throw new MeshConfigurationException(
                    path + " is not a zip file that can be read.", "Name a folder or a .zip file.", e);
        }
        try {
            return new RecordedSource(folder(archive.getPath("/"), path), "recording " + path, archive);
        } catch (RuntimeException e) {
            closeQuietly(archive);
            throw e;
        }
    }

    private static Path folder(Path top, Path named) {
        if (isRecording(top)) {
            return top;
        }
        // An archive usually holds one folder, and that of several clusters one for each of them.
        List<Path> folders = children(top);
        List<Path> recordings =
                folders.stream().filter(RecordedSource::isRecording).toList();
        if (recordings.isEmpty() && folders.size() == 1) {
            recordings = children(folders.get(0)).stream()
                    .filter(RecordedSource::isRecording)
                    .toList();
        }
        if (recordings.size() == 1) {
            return recordings.get(0);
        }
        if (recordings.size() > 1) {
            String names = recordings.stream().map(folder -> name(top, folder)).collect(Collectors.joining(", "));
            throw new MeshConfigurationException(
                    named + " holds several recordings: " + names + ".",
                    "Name one of these folders" + (Files.isDirectory(named) ? "." : "; unpack the archive first."));
        }
        throw new MeshConfigurationException(
                named + " holds no recording: there is neither api nor envoy nor istiod in it.",
                "Name the folder that has them.");
    }

    private static List<Path> children(Path folder) {
        try (Stream<Path> children = Files.list(folder)) {
            return children.filter(Files::isDirectory).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A folder's name below another, without the slash that folders of a zip file end in. */
    private static String name(Path top, Path folder) {
        String name = top.relativize(folder).toString();
        return name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
    }

    private static boolean isRecording(Path folder) {
        return Stream.of("api", "envoy", "istiod").anyMatch(name -> Files.isDirectory(folder.resolve(name)));
    }

    private static @Nullable Instant recordedAt(Path root) {
        Path file = root.resolve("scenario.json");
        if (!Files.isRegularFile(file)) {
            // The recording of one of several clusters.
            Path above = root.toAbsolutePath().normalize().getParent();
            if (above == null || !Files.isRegularFile(above.resolve("scenario.json"))) {
                return null;
            }
            file = above.resolve("scenario.json");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return Json.read(in).at("recordedAt").text().map(Instant::parse).orElse(null);
        } catch (IOException | MeshProtocolException | DateTimeParseException e) {
            return null;
        }
    }

    @Override
    public Kind kind() {
        return Kind.RECORDING;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public Optional<Instant> recordedAt() {
        return Optional.ofNullable(recordedAt);
    }

    @Override
    public String defaultNamespace() {
        return "default";
    }

    @Override
    public List<Resource> list(ListQuery query, Deadline deadline) {
        Path api = root.resolve("api");
        if (!Files.isDirectory(api)) {
            throw notRecorded(query + " (there is no api folder)");
        }
        ResourceKind kind = query.kind();
        Path file = api.resolve(kind.plural() + "." + (kind.group().isEmpty() ? "core" : kind.group()) + ".json");
        if (!Files.isRegularFile(file)) {
            return List.of();
        }
        Json list = read(file, Json::read);
        List<Resource> found = new ArrayList<>();
        for (Json item : list.at("items").items()) {
            Resource resource = Resource.of(kind, SecretRedaction.redact(kind, item));
            if ((query.namespace().isEmpty() || query.namespace().equals(resource.namespace()))
                    && resource.labels().entrySet().containsAll(query.labels().entrySet())) {
                found.add(resource);
            }
        }
        return List.copyOf(found);
    }

    @Override
    public Optional<Resource> find(ResourceKind kind, String namespace, String name, Deadline deadline) {
        ListQuery query = namespace.isEmpty() ? ListQuery.all(kind) : ListQuery.in(kind, namespace);
        return list(query, deadline).stream()
                .filter(resource -> resource.name().equals(name))
                .findFirst();
    }

    @Override
    public <T> T fetch(PodRequest request, BodyReader<T> reader, Deadline deadline) {
        Path folder = request.port() == PodRequest.ISTIOD_MONITORING
                ? root.resolve("istiod").resolve(safe(request.pod()))
                : root.resolve("envoy").resolve(safe(request.namespace())).resolve(safe(request.pod()));
        if (!Files.isDirectory(folder)) {
            throw notRecorded(request.toString());
        }
        String page = page(request);
        if (request.port() == PodRequest.ISTIOD_MONITORING && request.path().contains("proxyID=")) {
            page = pageOfProxy(folder, page, request);
        }
        Path file = folder.resolve(page);
        if (!Files.isRegularFile(file)) {
            throw recordedError(folder, page, request);
        }
        if (page.equals("agent_ready.txt")) {
            return read(file, in -> reader.read(afterStatusLine(in, request)));
        }
        return read(file, reader);
    }

    /** The file of a page; whatever the query asks for, the recording holds the whole page. */
    private static String page(PodRequest request) {
        String path = request.path();
        int query = path.indexOf('?');
        String plain = query < 0 ? path : path.substring(0, query);
        if (request.port() == PodRequest.ENVOY_ADMIN) {
            return ENVOY_PAGES.getOrDefault(plain, safe(plain.substring(1).replace('/', '_')));
        }
        if (request.port() == PodRequest.AGENT) {
            return plain.equals("/healthz/ready") ? "agent_ready.txt" : "agent" + safe(plain.replace('/', '_'));
        }
        return switch (plain) {
            case "/version" -> "version";
            case "/metrics" -> "metrics.txt";
            default -> safe(plain.replaceFirst("^/debug/", "").replace('/', '_')) + ".json";
        };
    }

    /**
     * The file of a page of istiod about one proxy: {@code PAGE_PROXY.json}, where PROXY is what istiod was asked for: the proxy's
     * id {@code POD.NAMESPACE}, or a part of it that fits no other proxy that this istiod knows. Source: Istio, {@code
     * pilot/pkg/xds/debug.go}, getProxyConnection: an id is looked for as a part of the connections' ids.
     */
    private String pageOfProxy(Path folder, String page, PodRequest request) {
        String proxy = request.path().replaceFirst(".*[?&]proxyID=", "").replaceFirst("&.*", "");
        String stem = page.replaceFirst("[.]json$", "_");
        String exact = stem + safe(proxy) + ".json";
        if (Files.isRegularFile(folder.resolve(exact)) || !Files.isRegularFile(folder.resolve("syncz.json"))) {
            return exact;
        }
        List<String> known = read(folder.resolve("syncz.json"), Json::read).items().stream()
                .map(entry -> entry.at("proxy").text(""))
                .toList();
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.startsWith(stem) && name.endsWith(".json"))
                    .filter(name -> {
                        String asked = name.substring(stem.length(), name.length() - ".json".length());
                        return known.contains(proxy)
                                && proxy.contains(asked)
                                && known.stream().allMatch(id -> id.equals(proxy) || !id.contains(asked));
                    })
                    .max(Comparator.comparing(String::length))
                    .orElse(exact);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String safe(String name) {
        if (name.contains("/") || name.contains("\\") || name.equals("..") || name.equals(".")) {
            throw new MeshNotFoundException("\"" + name + "\" is not a name.", "");
        }
        return name;
    }

    private static InputStream afterStatusLine(InputStream in, PodRequest request) throws IOException {
        byte[] bytes = in.readAllBytes();
        int end = 0;
        while (end < bytes.length && bytes[end] != '\n') {
            end++;
        }
        String status = new String(bytes, 0, end, StandardCharsets.US_ASCII).trim();
        if (!status.equals("200")) {
            throw new MeshConnectionException(request + " answered " + status + ".", "");
        }
        int start = Math.min(end + 1, bytes.length);
        return new ByteArrayInputStream(bytes, start, bytes.length - start);
    }

    /** The failure as it was recorded, so that a replay fails as the mesh did. */
    private RuntimeException recordedError(Path folder, String page, PodRequest request) {
        Path errors = folder.resolve("errors.json");
        if (Files.isRegularFile(errors)) {
            Json recorded = read(errors, Json::read).at(page);
            if (recorded.exists()) {
                String why = recorded.at("error").text(recorded.text(""));
                long code = recorded.at("code").number(0);
                if (code != 0) {
                    return new MeshConnectionException(request + " answered " + code + ".", "");
                }
                return why.contains("timed out") || why.contains("timeout")
                        ? new MeshTimeoutException(
                                request + " gave no answer when this was recorded.", "Look at why the process hangs.")
                        : new MeshConnectionException(
                                request + " could not be reached when this was recorded: "
                                        + (why.contains("connect") ? "the connection was refused." : why),
                                "Look at why nothing listens on port " + request.port() + " of the pod.");
            }
        }
        return notRecorded(request.toString());
    }

    @Override
    public <T> T log(LogQuery query, BodyReader<T> reader, Deadline deadline) {
        Path file = root.resolve("logs").resolve(safe(query.namespace())).resolve(safe(query.pod()) + ".log");
        boolean recorded = query.container().equals("istio-proxy")
                || query.container().equals("discovery")
                || query.container().equals("ztunnel");
        if (!recorded || query.previous() || !Files.isRegularFile(file)) {
            throw notRecorded(query.toString());
        }
        return read(file, in -> reader.read(query.tailLines() > 0 ? tail(in, query.tailLines()) : in));
    }

    private static InputStream tail(InputStream in, int lines) throws IOException {
        byte[] bytes = in.readAllBytes();
        int start = bytes.length;
        int seen = 0;
        while (start > 0) {
            if (bytes[start - 1] == '\n' && start < bytes.length && ++seen == lines) {
                break;
            }
            start--;
        }
        return new ByteArrayInputStream(bytes, start, bytes.length - start);
    }

    @Override
    public Json version(Deadline deadline) {
        Path file = root.resolve("api").resolve("discovery").resolve("version.json");
        if (!Files.isRegularFile(file)) {
            throw notRecorded("the API server's version");
        }
        return read(file, Json::read);
    }

    private static MeshUnsupportedException notRecorded(String what) {
        return new MeshUnsupportedException(
                Reason.NOT_RECORDED,
                "The recording does not hold " + what + ".",
                "Ask the live mesh, or record again.");
    }

    private <T> T read(Path file, BodyReader<T> reader) {
        // Zip file systems share one channel: the bytes are taken in one go.
        try (InputStream in = archive == null ? Files.newInputStream(file) : copy(file)) {
            return reader.read(in);
        } catch (MeshProtocolException e) {
            throw new MeshProtocolException(root.relativize(file) + ": " + e.getMessage(), e.remedy(), e);
        } catch (IOException e) {
            throw new MeshConnectionException("Reading " + file + " failed: " + e, "", e);
        }
    }

    private static InputStream copy(Path file) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Files.copy(file, bytes);
        return new ByteArrayInputStream(bytes.toByteArray());
    }

    @Override
    public void close() {
        if (archive != null) {
            closeQuietly(archive);
        }
    }

    private static void closeQuietly(FileSystem archive) {
        try {
            archive.close();
        } catch (IOException e) {
            // Read only: nothing is lost.
        }
    }
}
