package dev.meshdx.testkit.internal;

import dev.meshdx.model.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/** Objects from YAML or JSON, as one would give them to {@code kubectl apply}. */
public final class Documents {
    private Documents() {}

    /** YAML as Kubernetes reads it: times stay texts, and 12:30 is no number. */
    private static final class KubernetesResolver extends Resolver {
        private static final Pattern WHOLE = Pattern.compile("^[-+]?(?:0|[1-9][0-9]*|0o?[0-7]+|0x[0-9a-fA-F]+)$");

        @Override
        protected void addImplicitResolvers() {
            addImplicitResolver(Tag.BOOL, BOOL, "yYnNtTfFoO");
            addImplicitResolver(Tag.INT, WHOLE, "-+0123456789");
            addImplicitResolver(Tag.FLOAT, FLOAT, "-+0123456789.");
            addImplicitResolver(Tag.MERGE, MERGE, "<");
            addImplicitResolver(Tag.NULL, NULL, "~nN\0");
            addImplicitResolver(Tag.NULL, EMPTY, null);
        }
    }

    /**
     * The objects of a text with any number of documents; lists are taken apart.
     *
     * @throws IllegalArgumentException if it is neither YAML nor JSON, or holds something that is no object
     */
    public static List<Json> read(String text) {
        List<Json> objects = new ArrayList<>();
        load(text).forEach(document -> add(objects, Json.of(document)));
        return objects;
    }

    /**
     * The documents of a text as maps, lists and plain values; those without content are left out.
     *
     * @throws IllegalArgumentException if it is neither YAML nor JSON
     */
    public static List<Object> load(String text) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(64 * 1024 * 1024);
        DumperOptions dumping = new DumperOptions();
        Yaml yaml = new Yaml(
                new SafeConstructor(options), new Representer(dumping), dumping, options, new KubernetesResolver());
        List<Object> documents = new ArrayList<>();
        try {
            for (Object document : yaml.loadAll(text)) {
                if (document != null) {
                    documents.add(document);
                }
            }
        } catch (YAMLException e) {
            throw new IllegalArgumentException("This is not YAML: " + e.getMessage(), e);
        }
        return documents;
    }

    /**
     * The objects of files, or of the {@code .yaml}, {@code .yml} and {@code .json} files in folders.
     *
     * @throws IllegalArgumentException if there is no such file, or it holds something else
     */
    public static List<Json> read(List<Path> paths) {
        List<Json> objects = new ArrayList<>();
        for (Path path : paths) {
            for (Path file : files(path)) {
                try {
                    objects.addAll(read(Files.readString(file, StandardCharsets.UTF_8)));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
                }
            }
        }
        return objects;
    }

    private static List<Path> files(Path path) {
        if (!Files.isDirectory(path)) {
            if (!Files.isRegularFile(path)) {
                throw new IllegalArgumentException("There is no file " + path + ".");
            }
            return List.of(path);
        }
        try (Stream<Path> all = Files.walk(path)) {
            return all.filter(file -> file.toString().matches(".*\\.(yaml|yml|json)") && Files.isRegularFile(file))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void add(List<Json> objects, Json document) {
        String kind = document.at("kind").text("");
        if (kind.endsWith("List") && document.at("items").isArray()) {
            String itemKind = kind.substring(0, kind.length() - 4);
            for (Json item : document.at("items").items()) {
                add(objects, typed(item, document.at("apiVersion").text("v1"), itemKind));
            }
            return;
        }
        if (kind.isEmpty() || document.at("metadata", "name").text("").isEmpty()) {
            throw new IllegalArgumentException("A document is no Kubernetes object: it lacks "
                    + (kind.isEmpty() ? "a kind." : "a name (kind " + kind + ")."));
        }
        objects.add(document);
    }

    private static Json typed(Json item, String apiVersion, String kind) {
        return item.at("kind").exists() ? item : with(with(item, "apiVersion", apiVersion), "kind", kind);
    }

    /** The same object with a field set. */
    static Json with(Json object, String name, Object value) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        object.forEachField(fields::put);
        fields.put(name, value);
        return Json.of(fields);
    }

    /**
     * Puts objects into a cluster: definitions first, then the namespaces, those too that are only mentioned. Nobody plays the
     * kubelet, so a Pod without status runs and is ready.
     */
    public static void put(ClusterState state, List<Json> objects) {
        for (Json object : objects) {
            if (object.at("kind").text("").equals("CustomResourceDefinition")) {
                state.put(object);
            }
        }
        for (Json object : objects) {
            if (object.at("kind").text("").equals("Namespace")) {
                state.put(active(object));
            }
        }
        for (Json object : objects) {
            String kind = object.at("kind").text("");
            if (kind.equals("Namespace") || kind.equals("CustomResourceDefinition")) {
                continue;
            }
            state.put(kind.equals("Pod") ? running(object) : kind.equals("Event") ? about(state, object) : object);
            String namespace = object.at("metadata", "namespace").text("");
            if (!namespace.isEmpty()
                    && state.find(dev.meshdx.model.ResourceKind.NAMESPACE, "", namespace)
                            .isEmpty()) {
                state.put(active(Json.object(
                        "apiVersion",
                        "v1",
                        "kind",
                        "Namespace",
                        "metadata",
                        Json.object(
                                "name", namespace, "labels", Json.object("kubernetes.io/metadata.name", namespace)))));
            }
        }
    }

    private static Json active(Json namespace) {
        return namespace.at("status").exists() ? namespace : with(namespace, "status", Json.object("phase", "Active"));
    }

    /** Who asks for the events of an object asks by its uid, which nobody who writes YAML can know. */
    private static Json about(ClusterState state, Json event) {
        Json involved = event.at("involvedObject");
        if (involved.at("uid").exists()) {
            return event;
        }
        return state.kinds().stream()
                .map(ServedKind::kind)
                .filter(kind -> kind.kind().equals(involved.at("kind").text("")))
                .flatMap(kind -> state
                        .find(
                                kind,
                                kind.namespaced() ? involved.at("namespace").text("default") : "",
                                involved.at("name").text(""))
                        .stream())
                .findFirst()
                .map(object -> with(
                        event,
                        "involvedObject",
                        with(involved, "uid", object.raw().at("metadata", "uid").text(""))))
                .orElse(event);
    }

    private static Json running(Json pod) {
        if (pod.at("status").exists()) {
            return pod;
        }
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        List<Json> containers = new ArrayList<>();
        for (Json container : pod.at("spec", "containers").items()) {
            containers.add(Json.object(
                    "name",
                    container.at("name").text(""),
                    "image",
                    container.at("image").text(""),
                    "ready",
                    true,
                    "started",
                    true,
                    "restartCount",
                    0,
                    "state",
                    Json.object("running", Json.object("startedAt", now))));
        }
        Json spec = pod.at("spec");
        Json placed = spec.at("nodeName").exists() ? spec : with(spec, "nodeName", "node-1");
        return with(
                with(pod, "spec", placed),
                "status",
                Json.object(
                        "phase",
                        "Running",
                        "conditions",
                        List.of(Json.object("type", "Ready", "status", "True")),
                        "containerStatuses",
                        containers));
    }
}
