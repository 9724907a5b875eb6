package dev.meshdx.source.internal.manifests;

import dev.meshdx.error.MeshConfigurationException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Json;
import dev.meshdx.model.Origin;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Yaml;
import dev.meshdx.source.BodyReader;
import dev.meshdx.source.Deadline;
import dev.meshdx.source.ListQuery;
import dev.meshdx.source.LogQuery;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.PodRequest;
import dev.meshdx.source.internal.Documents;
import dev.meshdx.source.internal.SecretRedaction;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Manifests: YAML and JSON files, read as {@code kubectl} and {@code istioctl analyze} read them. Resources only: there is
 * nothing that runs, so everything else is {@code UNSUPPORTED}.
 *
 * <p>A document that cannot be read does not cost the others: it is a problem. Of two documents for the same resource the
 * later one counts. A namespaced resource without a namespace keeps none, and counts as one of {@code default}. Files are
 * read at the first question and not again.
 */
public final class ManifestSource implements MeshSource, Documents {
    /** Larger files are not manifests that somebody wrote. */
    private static final long MAX_FILE_BYTES = 256L * 1024 * 1024;

    private static final String DEFAULT_NAMESPACE = "default";

    /** Helm's, and those of most others. */
    private static final Pattern TEMPLATE = Pattern.compile("\\{\\{.*}}");

    private final String description;
    private final List<Path> paths;
    private final @Nullable Named given;
    private final String defaultNamespace;
    private final ConcurrentHashMap<Origin, Map<String, Integer>> lines = new ConcurrentHashMap<>();
    private @Nullable Content content;

    private record Named(String name, String text) {}

    /** Everything that was read. */
    private record Content(
            Map<ResourceKind, List<Resource>> resources,
            Map<Origin, Yaml.Chunk> chunks,
            Map<String, Integer> skipped,
            List<Resource> foreign,
            List<Inconclusive> problems) {}

    private ManifestSource(String description, List<Path> paths, @Nullable Named given, String defaultNamespace) {
        this.description = description;
        this.paths = List.copyOf(paths);
        this.given = given;
        this.defaultNamespace = defaultNamespace;
    }

    /** The same manifests, applied to another namespace where they name none: {@code kubectl apply -n}. */
    public ManifestSource inNamespace(String namespace) {
        return new ManifestSource(description, paths, given, namespace);
    }

    /**
     * Files, and folders that are walked recursively for {@code *.yaml}, {@code *.yml} and {@code *.json}. They are read at
     * the first question.
     *
     * @throws MeshConfigurationException if one of the paths does not exist, or none is given
     */
    public static ManifestSource open(List<Path> paths) {
        return open(paths, null);
    }

    /**
     * As {@link #open(List)}; the path {@code -} stands for the stream, which is read now.
     *
     * @param input what {@code -} stands for; null where it stands for nothing
     */
    public static ManifestSource open(List<Path> paths, @Nullable InputStream input) {
        if (paths.isEmpty()) {
            throw new MeshConfigurationException("No manifests are given.", "Name a file or a folder.");
        }
        List<Path> files = new ArrayList<>(paths);
        Named given = null;
        if (input != null && files.removeIf(path -> path.toString().equals("-"))) {
            given = read("-", input);
        }
        for (Path path : files) {
            if (!Files.exists(path)) {
                throw new MeshConfigurationException(
                        "There are no manifests at " + path + ".", "Name a file or a folder that exists.");
            }
        }
        return new ManifestSource("manifests " + join(paths), files, given, DEFAULT_NAMESPACE);
    }

    /** One stream, read now and left open. */
    public static ManifestSource of(String name, InputStream input) {
        return new ManifestSource("manifests " + name, List.of(), read(name, input), DEFAULT_NAMESPACE);
    }

    /** One text. */
    public static ManifestSource of(String name, String text) {
        return new ManifestSource("manifests " + name, List.of(), new Named(name, text), DEFAULT_NAMESPACE);
    }

    private static String join(List<Path> paths) {
        return String.join(", ", paths.stream().map(Path::toString).toList());
    }

    private static Named read(String name, InputStream input) {
        try {
            return new Named(name, new String(input.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new MeshConfigurationException("Reading " + name + " failed: " + e, "", e);
        }
    }

    @Override
    public Kind kind() {
        return Kind.MANIFESTS;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public Optional<Instant> recordedAt() {
        return Optional.empty();
    }

    @Override
    public String defaultNamespace() {
        return defaultNamespace;
    }

    @Override
    public List<Resource> list(ListQuery query, Deadline deadline) {
        List<Resource> found = new ArrayList<>();
        for (Resource resource : content().resources().getOrDefault(query.kind(), List.of())) {
            if ((query.namespace().isEmpty() || query.namespace().equals(namespace(resource, defaultNamespace())))
                    && resource.labels().entrySet().containsAll(query.labels().entrySet())) {
                found.add(resource);
            }
        }
        return List.copyOf(found);
    }

    /** The namespace in which a resource of a manifest lands. */
    static String namespace(Resource resource, String defaultNamespace) {
        return resource.namespace().isEmpty() && resource.kind().namespaced() ? defaultNamespace : resource.namespace();
    }

    @Override
    public Optional<Resource> find(ResourceKind kind, String namespace, String name, Deadline deadline) {
        return list(namespace.isEmpty() ? ListQuery.all(kind) : ListQuery.in(kind, namespace), deadline).stream()
                .filter(resource -> resource.name().equals(name))
                .findFirst();
    }

    @Override
    public <T> T fetch(PodRequest request, BodyReader<T> reader, Deadline deadline) {
        throw unsupported(request + ": manifests describe pods, but none runs.");
    }

    @Override
    public <T> T log(LogQuery query, BodyReader<T> reader, Deadline deadline) {
        throw unsupported("The " + query + ": manifests describe pods, but none runs.");
    }

    @Override
    public Json version(Deadline deadline) {
        throw unsupported("The API server's version: manifests have no API server.");
    }

    private static MeshUnsupportedException unsupported(String message) {
        return new MeshUnsupportedException(Reason.UNSUPPORTED, message, "Connect to a cluster, or open a recording.");
    }

    @Override
    public List<Inconclusive> problems() {
        return content().problems();
    }

    @Override
    public List<Resource> written() {
        List<Resource> written = new ArrayList<>();
        content().resources().values().forEach(written::addAll);
        written.addAll(content().foreign());
        return List.copyOf(written);
    }

    /** Kinds that meshdx does not know of, with the number of documents that were left out for it. */
    public Map<String, Integer> skipped() {
        return content().skipped();
    }

    @Override
    public Origin locate(Resource resource, String path) {
        Origin origin = resource.origin();
        Yaml.Chunk chunk = content().chunks().get(origin);
        if (chunk == null) {
            return origin;
        }
        Map<String, Integer> known = lines.computeIfAbsent(origin, key -> Yaml.lines(chunk, key.line()));
        // Of a field that is missing, where it belongs.
        for (String at = path;
                !at.isEmpty();
                at = at.substring(0, Math.max(0, Math.max(at.lastIndexOf('.'), at.lastIndexOf('['))))) {
            Integer line = known.get(at);
            if (line != null) {
                return new Origin(origin.file(), line);
            }
        }
        return origin;
    }

    @Override
    public void close() {
        // Nothing is held open.
    }

    private synchronized Content content() {
        if (content == null) {
            Loader loader = new Loader(defaultNamespace);
            for (Path path : paths) {
                loader.path(path);
            }
            if (given != null) {
                loader.text(given.name(), given.text());
            }
            content = loader.content();
        }
        return content;
    }

    private static final class Loader {
        private record Key(ResourceKind kind, String namespace, String name) {}

        private final Map<Key, Resource> resources = new LinkedHashMap<>();
        private final Map<Origin, Yaml.Chunk> chunks = new LinkedHashMap<>();
        private final Map<String, Integer> skipped = new TreeMap<>();
        private final List<Resource> foreign = new ArrayList<>();
        private final List<Inconclusive> problems = new ArrayList<>();
        private final String defaultNamespace;

        Loader(String defaultNamespace) {
            this.defaultNamespace = defaultNamespace;
        }

        void path(Path path) {
            if (!Files.isDirectory(path)) {
                file(path);
                return;
            }
            List<Path> files = new ArrayList<>();
            try {
                Files.walkFileTree(path, EnumSet.of(FileVisitOption.FOLLOW_LINKS), 64, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        if (attributes.isRegularFile() && isManifest(file)) {
                            files.add(file);
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException e) {
                        if (!(e instanceof java.nio.file.FileSystemLoopException)) {
                            problem(file.toString(), "Reading " + file + " failed: " + e + ".");
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
            } catch (IOException e) {
                problem(path.toString(), "Walking " + path + " failed: " + e + ".");
            }
            Collections.sort(files);
            files.forEach(this::file);
        }

        private static boolean isManifest(Path file) {
            String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
            return name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json");
        }

        private void file(Path file) {
            try {
                if (Files.isRegularFile(file) && Files.size(file) > MAX_FILE_BYTES) {
                    problem(file.toString(), file + " is larger than 256 MiB and was not read.");
                    return;
                }
                byte[] bytes = Files.readAllBytes(file);
                text(file.toString(), decode(bytes));
            } catch (CharacterCodingException e) {
                problem(file.toString(), file + " is not UTF-8.");
            } catch (IOException e) {
                problem(file.toString(), "Reading " + file + " failed: " + e + ".");
            }
        }

        private static String decode(byte[] bytes) throws CharacterCodingException {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        }

        void text(String name, String text) {
            String plain = text.startsWith("\uFEFF") ? text.substring(1) : text;
            for (Yaml.Chunk chunk : Yaml.split(plain.replace("\r\n", "\n"))) {
                try {
                    for (Yaml.Part part : Yaml.parts(chunk, duplicate -> problem(name, duplicate))) {
                        add(name, chunk, part);
                    }
                } catch (MeshProtocolException e) {
                    problem(
                            name,
                            TEMPLATE.matcher(chunk.text()).find()
                                    ? "The document that begins at line " + chunk.line()
                                            + " is a template ({{ … }}), which is no YAML before it is rendered, for"
                                            + " instance with: helm template CHART | meshdx analyze -f -"
                                    : String.valueOf(e.getMessage()));
                }
            }
        }

        private void add(String name, Yaml.Chunk chunk, Yaml.Part part) {
            Json value = part.value();
            String apiVersion = value.at("apiVersion").text("");
            String kind = value.at("kind").text("");
            if (!value.isObject() || apiVersion.isEmpty() || kind.isEmpty()) {
                problem(
                        name,
                        "The document that begins at line " + part.line()
                                + " names no apiVersion and kind: it is not a Kubernetes resource.");
                return;
            }
            Optional<ResourceKind> known = ResourceKind.known(apiVersion, kind);
            if (known.isEmpty()) {
                skipped.merge(apiVersion + " " + kind, 1, Integer::sum);
                Origin origin = new Origin(name, part.line());
                foreign.add(foreign(apiVersion, kind, value.at("metadata"), origin));
                chunks.put(origin, chunk);
                return;
            }
            if (value.at("metadata", "name").text("").isEmpty()) {
                problem(name, "The " + kind + " that begins at line " + part.line() + " has no metadata.name.");
                return;
            }
            Origin origin = new Origin(name, part.line());
            Resource resource = Resource.of(known.get(), SecretRedaction.redact(known.get(), value), origin);
            Key key = new Key(known.get(), namespace(resource, defaultNamespace), resource.name());
            resources.remove(key);
            resources.put(key, resource);
            chunks.put(origin, chunk);
        }

        /** Who it is and no more: of what kinds that nobody here knows may hold, some is secret, and all is of no use. */
        private static Resource foreign(String apiVersion, String kind, Json metadata, Origin origin) {
            int slash = apiVersion.indexOf('/');
            String namespace = metadata.at("namespace").text("");
            ResourceKind unknown = new ResourceKind(
                    slash < 0 ? "" : apiVersion.substring(0, slash),
                    apiVersion.substring(slash + 1),
                    kind.toLowerCase(Locale.ROOT) + "s",
                    kind,
                    !namespace.isEmpty());
            return Resource.of(
                    unknown,
                    Json.object(
                            "apiVersion",
                            apiVersion,
                            "kind",
                            kind,
                            "metadata",
                            Json.object("name", metadata.at("name").text(""), "namespace", namespace)),
                    origin);
        }

        private void problem(String file, String message) {
            problems.add(Inconclusive.of(
                    "manifest " + file,
                    null,
                    Reason.MALFORMED,
                    message.startsWith(file) || message.contains(file) ? message : file + ": " + message,
                    "Mend the file and try again."));
        }

        Content content() {
            Map<ResourceKind, List<Resource>> byKind = new LinkedHashMap<>();
            resources
                    .values()
                    .forEach(resource -> byKind.computeIfAbsent(resource.kind(), kind -> new ArrayList<>())
                            .add(resource));
            byKind.replaceAll((kind, list) -> List.copyOf(list));
            return new Content(
                    byKind,
                    chunks,
                    Collections.unmodifiableMap(skipped),
                    List.copyOf(foreign),
                    problems.stream().sorted().distinct().toList());
        }
    }
}
