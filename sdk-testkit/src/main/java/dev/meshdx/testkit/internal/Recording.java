package dev.meshdx.testkit.internal;

import dev.meshdx.error.MeshException;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.testkit.Fault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Makes a cluster of a recording, so that it answers as the mesh did when it was recorded: ports that were refused are
 * refused, and what hung hangs. Pages are read when they are asked for. The layout is that which {@code Mesh.snapshot} reads.
 */
public final class Recording implements AutoCloseable {
    private static final int ENVOY = 15000;
    private static final int ISTIOD = 15014;
    private static final int AGENT = 15020;
    private static final int HEALTH = 15021;

    /** Files whose names are not those of their pages. */
    private static final Map<String, List<String>> ENVOY_PAGES = Map.of(
            "clusters.json", List.of("/clusters?format=json"),
            "clusters.txt", List.of("/clusters"),
            "stats_prometheus.txt", List.of("/stats/prometheus", "/stats?format=prometheus"));

    private static final List<String> PROXY_CONTAINERS = List.of("istio-proxy", "discovery", "ztunnel");

    private final ClusterState state = new ClusterState();
    private final @Nullable FileSystem archive;
    private final Path root;

    private Recording(Path root, @Nullable FileSystem archive) {
        this.root = root;
        this.archive = archive;
    }

    /**
     * Opens a recording.
     *
     * @param path a folder, or a zip file of one; it must stay where it is until this is closed
     * @throws IllegalArgumentException if there is none
     */
    public static Recording open(Path path) {
        FileSystem archive = null;
        try {
            Path top = path;
            if (!Files.isDirectory(path)) {
                if (!Files.isRegularFile(path)) {
                    throw new IllegalArgumentException("There is no recording at " + path + ".");
                }
                archive = FileSystems.newFileSystem(path, (ClassLoader) null);
                top = archive.getPath("/");
            }
            Recording recording = new Recording(folder(top, path), archive);
            recording.load();
            return recording;
        } catch (IOException e) {
            closeQuietly(archive);
            throw new UncheckedIOException("The recording " + path + " cannot be read.", e);
        } catch (RuntimeException e) {
            closeQuietly(archive);
            throw e;
        }
    }

    private static Path folder(Path top, Path named) throws IOException {
        if (Files.isDirectory(top.resolve("api"))) {
            return top;
        }
        for (Path child : children(top)) {
            if (Files.isDirectory(child.resolve("api"))) {
                return child;
            }
        }
        throw new IllegalArgumentException(named + " holds no recording: there is no folder named api in it.");
    }

    private static List<Path> children(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(folder)) {
            return children.sorted().toList();
        }
    }

    /** The cluster. */
    public ClusterState state() {
        return state;
    }

    private void load() throws IOException {
        recordedAt().ifPresent(state::freeze);
        Path api = root.resolve("api");
        // Definitions say which kinds there are; a recording without them has the usual ones.
        Path definitions = api.resolve("customresourcedefinitions.apiextensions.k8s.io.json");
        if (!Files.isRegularFile(definitions)) {
            ResourceKind.known().stream()
                    .filter(kind -> kind.group().equals("gateway.networking.k8s.io"))
                    .forEach(kind -> state.install(kind));
        } else {
            loadKind(definitions);
        }
        for (Path file : children(api)) {
            if (file.toString().endsWith(".json") && !file.equals(definitions)) {
                loadKind(file);
            }
        }
        Path version = api.resolve("discovery").resolve("version.json");
        if (Files.isRegularFile(version)) {
            state.version(json(version));
        }
        openProxyPorts();
        loadProxies("envoy", Recording::envoyPages);
        loadProxies("ztunnel", Recording::ztunnelPages);
        for (Path istiod : children(root.resolve("istiod"))) {
            loadIstiod(istiod);
        }
        for (Path namespace : children(root.resolve("logs"))) {
            for (Path log : children(namespace)) {
                loadLog(name(namespace), log);
            }
        }
    }

    private Optional<Instant> recordedAt() throws IOException {
        Path scenario = root.resolve("scenario.json");
        try {
            return Files.isRegularFile(scenario)
                    ? json(scenario).at("recordedAt").text().map(Instant::parse)
                    : Optional.empty();
        } catch (DateTimeParseException | MeshException e) {
            return Optional.empty();
        }
    }

    private void loadKind(Path file) throws IOException {
        String name = name(file).substring(0, name(file).length() - ".json".length());
        int dot = name.indexOf('.');
        if (dot < 1) {
            return;
        }
        String plural = name.substring(0, dot);
        String group = name.substring(dot + 1).equals("core") ? "" : name.substring(dot + 1);
        Json list = json(file);
        List<Json> items = list.at("items").items();
        ResourceKind kind = state.kind(group, plural)
                .map(ServedKind::kind)
                .or(() -> ResourceKind.known().stream()
                        .filter(known ->
                                known.group().equals(group) && known.plural().equals(plural))
                        .findFirst())
                .orElseGet(() -> seen(group, plural, list));
        if (state.kind(group, plural).isEmpty()) {
            state.install(kind);
        }
        items.forEach(item -> state.put(Resource.of(kind, item)));
    }

    /** A kind of which nothing is known but its list. */
    private static ResourceKind seen(String group, String plural, Json list) {
        String apiVersion = list.at("apiVersion").text("v1");
        String kind = list.at("kind").text("List");
        return new ResourceKind(
                group,
                apiVersion.substring(apiVersion.indexOf('/') + 1),
                plural,
                kind.substring(0, kind.length() - 4),
                list.at("items").items().stream()
                        .anyMatch(item -> item.at("metadata", "namespace").exists()));
    }

    /** Proxies of which nothing was recorded listen all the same; their pages are not there. */
    private void openProxyPorts() {
        for (Resource pod : state.list(ResourceKind.POD, "")) {
            for (String list : List.of("containers", "initContainers")) {
                for (Json container : pod.spec().at(list).items()) {
                    String name = container.at("name").text("");
                    if (name.equals("istio-proxy") || name.equals("ztunnel")) {
                        state.listen(pod.namespace(), pod.name(), ENVOY);
                        state.listen(pod.namespace(), pod.name(), AGENT);
                        state.listen(pod.namespace(), pod.name(), HEALTH);
                    }
                }
            }
        }
    }

    /** Which pages of which port a file holds. */
    private record Place(int port, List<String> paths) {}

    private interface Placing {
        Optional<Place> of(String file);
    }

    private void loadProxies(String folder, Placing placing) throws IOException {
        for (Path namespace : children(root.resolve(folder))) {
            for (Path pod : children(namespace)) {
                for (Path file : children(pod)) {
                    if (name(file).equals("errors.json")) {
                        loadErrors(name(namespace), name(pod), ENVOY, json(file));
                    } else if (name(file).equals("agent_ready.txt")) {
                        state.page(name(namespace), name(pod), AGENT, "/healthz/ready", () -> withStatus(file));
                    } else if (folder.equals("ztunnel") && name(file).equals("ready")) {
                        state.page(name(namespace), name(pod), HEALTH, "/healthz/ready", () -> withStatus(file));
                    } else {
                        placing.of(name(file)).ifPresent(place -> pages(name(namespace), name(pod), place, file));
                    }
                }
                if (!Files.exists(pod.resolve("clusters.txt")) && Files.exists(pod.resolve("clusters.json"))) {
                    Path clusters = pod.resolve("clusters.json");
                    pages(name(namespace), name(pod), new Place(ENVOY, List.of("/clusters")), clusters);
                }
            }
        }
    }

    private void pages(String namespace, String pod, Place place, Path file) {
        boolean dump = place.port() == ENVOY && name(file).equals("config_dump.json");
        // Made once, when it is asked for first: it remembers the levels that it is given.
        AtomicReference<@Nullable LoggingPage> logging = new AtomicReference<>();
        place.paths()
                .forEach(path -> state.page(
                        namespace,
                        pod,
                        place.port(),
                        path,
                        () -> dump
                                ? ConfigDumpPage.recorded(ByteString.of(bytes(file)))
                                : path.equals("/logging") ? levels(logging, file) : page(file)));
    }

    private static Optional<Place> envoyPages(String file) {
        if (file.equals("config_dump_without_eds.json")) {
            return Optional.empty();
        }
        if (file.startsWith("agent_")) {
            return Optional.of(
                    new Place(AGENT, List.of("/" + bare(file.substring(6)).replace('_', '/'))));
        }
        return Optional.of(new Place(ENVOY, ENVOY_PAGES.getOrDefault(file, List.of("/" + bare(file)))));
    }

    private static Optional<Place> ztunnelPages(String file) {
        if (file.endsWith("_missing.txt")) {
            return Optional.empty();
        }
        return Optional.of(
                switch (file) {
                    case "metrics.txt" -> new Place(AGENT, List.of("/metrics"));
                    case "stats_prometheus.txt" -> new Place(AGENT, List.of("/stats/prometheus"));
                    case "dashboard.html" -> new Place(ENVOY, List.of("/"));
                    default -> new Place(ENVOY, List.of("/" + bare(file)));
                });
    }

    private void loadIstiod(Path istiod) throws IOException {
        String pod = name(istiod);
        String namespace = state.list(ResourceKind.POD, "").stream()
                .filter(object -> object.name().equals(pod))
                .map(Resource::namespace)
                .findFirst()
                .orElse("istio-system");
        for (Path file : children(istiod)) {
            switch (name(file)) {
                case "errors.json" -> loadErrors(namespace, pod, ISTIOD, json(file));
                case "version" -> pages(namespace, pod, new Place(ISTIOD, List.of("/version")), file);
                case "metrics.txt" -> pages(namespace, pod, new Place(ISTIOD, List.of("/metrics")), file);
                // Answers to wrong questions, or to questions about one proxy whose name is not in the file's.
                case "unknown_proxy.txt", "no_proxy.txt", "unknown_page.txt" -> {}
                default -> {
                    if (!name(file).startsWith("config_dump_")) {
                        pages(namespace, pod, new Place(ISTIOD, List.of("/debug/" + bare(name(file)))), file);
                    }
                }
            }
        }
    }

    /** What could not be read then cannot be read now: a port that refused everything is closed, a page that hung hangs. */
    private void loadErrors(String namespace, String pod, int port, Json errors) {
        boolean allRefused = !errors.names().isEmpty()
                && errors.names().stream()
                        .allMatch(name -> isRefused(errors.at(name).at("error").text("")));
        if (allRefused) {
            state.closePort(namespace, pod, port);
            return;
        }
        for (String name : errors.names()) {
            Json error = errors.at(name);
            String recorded = error.at("path").text("/" + bare(name));
            int query = recorded.indexOf('?');
            String path = query < 0 ? recorded : recorded.substring(0, query);
            int status = (int) error.at("code").number(0);
            String why = error.at("error").text(error.text(""));
            if (status > 0) {
                String body = error.at("body").text("");
                state.page(namespace, pod, port, path, new Page(status, "text/plain", ByteString.encodeUtf8(body)));
            } else {
                boolean hung = why.contains("timed out") || why.contains("timeout");
                state.fault(namespace, pod, port, path, hung ? Fault.hang() : Fault.disconnect());
            }
        }
    }

    private static boolean isRefused(String error) {
        return error.contains("connect to server") || error.contains("refused");
    }

    private void loadLog(String namespace, Path file) {
        if (!name(file).endsWith(".log")) {
            return;
        }
        String pod = name(file).substring(0, name(file).length() - ".log".length());
        List<String> containers = Stream.of("containers", "initContainers")
                .flatMap(list -> state.find(ResourceKind.POD, namespace, pod).stream()
                        .flatMap(object -> object.spec().at(list).items().stream()))
                .map(container -> container.at("name").text(""))
                .toList();
        String container = PROXY_CONTAINERS.stream()
                .filter(containers::contains)
                .findFirst()
                .orElse(pod.startsWith("istiod") ? "discovery" : "istio-proxy");
        Supplier<String> text = () -> new String(bytes(file), StandardCharsets.UTF_8);
        state.log(namespace, pod, container, false, text);
    }

    private static String bare(String file) {
        int dot = file.lastIndexOf('.');
        return dot < 0 ? file : file.substring(0, dot);
    }

    private static String name(Path path) {
        Path name = path.getFileName();
        String text = name == null ? "" : name.toString();
        // Zip file systems show folders with a slash at the end.
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }

    private Page page(Path file) {
        String type = file.toString().endsWith(".json")
                ? "application/json"
                : file.toString().endsWith(".html") ? "text/html; charset=UTF-8" : "text/plain; charset=UTF-8";
        return new Page(200, type, ByteString.of(bytes(file)));
    }

    private static Page levels(AtomicReference<@Nullable LoggingPage> known, Path file) {
        LoggingPage page = known.updateAndGet(
                first -> first != null ? first : new LoggingPage(new String(bytes(file), StandardCharsets.UTF_8)));
        return Objects.requireNonNull(page).page();
    }

    /** A file whose first line is the status. */
    private Page withStatus(Path file) {
        String text = new String(bytes(file), StandardCharsets.UTF_8);
        int end = text.indexOf('\n');
        String status = (end < 0 ? text : text.substring(0, end)).trim();
        String body = end < 0 ? "" : text.substring(end + 1);
        int number;
        try {
            number = Integer.parseInt(status);
        } catch (NumberFormatException e) {
            return Page.text(text);
        }
        return new Page(number, "text/plain", ByteString.encodeUtf8(body));
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Json json(Path file) throws IOException {
        return Json.parse(Files.readString(file, StandardCharsets.UTF_8));
    }

    /** Lets go of the archive. */
    @Override
    public void close() {
        closeQuietly(archive);
    }

    private static void closeQuietly(@Nullable FileSystem archive) {
        if (archive != null) {
            try {
                archive.close();
            } catch (IOException e) {
                // It was only read.
            }
        }
    }
}
