package dev.meshdx.source.internal.kubeconfig;

import dev.meshdx.error.MeshConfigurationException;
import dev.meshdx.model.internal.Nearest;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One or several kubeconfig files, merged as kubectl merges them: the first file that has an entry wins it whole, and the
 * first that sets {@code current-context} sets it. Source: Kubernetes docs, "Organizing Cluster Access Using kubeconfig
 * Files", rules for merging.
 */
final class Kubeconfig {
    private static final int MAX_NAMES = 20;

    private final List<String> names = new ArrayList<>();
    private final Map<String, YamlNode> clusters = new LinkedHashMap<>();
    private final Map<String, YamlNode> users = new LinkedHashMap<>();
    private final Map<String, YamlNode> contexts = new LinkedHashMap<>();
    private @Nullable YamlNode currentContext;

    /** A context with what it names. A context without a user is an anonymous one. */
    record Selection(
            String name,
            YamlNode context,
            YamlNode cluster,
            @Nullable YamlNode user) {}

    private Kubeconfig() {}

    /**
     * Finds the files and reads them.
     *
     * @return null where there is no kubeconfig at all, so that the pod's service account may be tried
     */
    static @Nullable Kubeconfig find(AccessRequest request) {
        if (request.text() != null && !request.files().isEmpty()) {
            throw new MeshConfigurationException(
                    "Both a kubeconfig text and kubeconfig files are given.", "Give one of the two.");
        }
        Kubeconfig merged = new Kubeconfig();
        if (request.text() != null) {
            merged.add(request.text(), new YamlNode.Document("The kubeconfig text", null));
            return merged;
        }
        if (!request.files().isEmpty()) {
            request.files().forEach(file -> merged.add(file, "Name a kubeconfig file that exists."));
            return merged;
        }
        String variable = request.environment().getOrDefault("KUBECONFIG", "");
        if (!variable.isEmpty()) {
            merged.addAll(variable);
            return merged;
        }
        Path usual = request.home().resolve(".kube").resolve("config");
        if (!Files.exists(usual)) {
            return null;
        }
        merged.add(usual, "Mend the file, or name another one in KUBECONFIG.");
        return merged;
    }

    private void addAll(String variable) {
        Set<Path> files = new LinkedHashSet<>();
        for (String name : variable.split(java.util.regex.Pattern.quote(File.pathSeparator), -1)) {
            try {
                if (!name.isBlank()) {
                    files.add(Path.of(name).toAbsolutePath().normalize());
                }
            } catch (InvalidPathException e) {
                throw new MeshConfigurationException(
                        "KUBECONFIG names \"" + name + "\", which is not a path.", "Correct the variable.");
            }
        }
        // As kubectl does, a file of the list that is missing is left out. If all are, a slip of the pen is more likely
        // than the wish to be somebody else: no fallback to the pod's service account then.
        List<Path> present = files.stream().filter(Files::exists).toList();
        if (present.isEmpty()) {
            throw new MeshConfigurationException(
                    "KUBECONFIG names " + join(files) + ", but there is no such file.",
                    "Correct the variable, or unset it to use ~/.kube/config or the pod's service account.");
        }
        present.forEach(file -> add(file, "Mend the file, or take it out of KUBECONFIG."));
    }

    private static String join(Set<Path> files) {
        return String.join(", ", files.stream().map(Path::toString).toList());
    }

    private void add(Path file, String remedy) {
        Path absolute = file.toAbsolutePath().normalize();
        String text;
        try {
            byte[] bytes = LocalFiles.read(absolute, LocalFiles.MAX_KUBECONFIG);
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (LocalFiles.Unreadable e) {
            throw new MeshConfigurationException("The kubeconfig " + absolute + " " + e.why() + ".", remedy);
        } catch (CharacterCodingException e) {
            throw new MeshConfigurationException("The kubeconfig " + absolute + " is not UTF-8 text.", remedy);
        }
        add(text, new YamlNode.Document(absolute.toString(), absolute.getParent()));
    }

    private void add(String text, YamlNode.Document document) {
        names.add(document.name());
        YamlNode root = YamlNode.read(text.startsWith("\uFEFF") ? text.substring(1) : text, document);
        if (!root.exists()) {
            return;
        }
        if (!root.isMapping()) {
            throw root.wrong(
                    "this is not a kubeconfig: it holds " + root.kind() + ".",
                    "Name a file with clusters, users and contexts.");
        }
        String kind = root.at("kind").text();
        if (kind != null && !kind.equals("Config")) {
            throw root.at("kind")
                    .wrong(
                            "this is a manifest of kind " + kind + ", not a kubeconfig.",
                            "Name a file with clusters, users and contexts.");
        }
        collect(root.at("clusters"), "cluster", clusters);
        collect(root.at("users"), "user", users);
        collect(root.at("contexts"), "context", contexts);
        if (currentContext == null && root.at("current-context").text() != null) {
            currentContext = root.at("current-context");
        }
    }

    private static void collect(YamlNode list, String what, Map<String, YamlNode> into) {
        Set<String> here = new java.util.HashSet<>();
        for (YamlNode item : list.items()) {
            String name = item.at("name").text();
            if (name == null) {
                continue;
            }
            if (!here.add(name)) {
                throw item.wrong(
                        "there is more than one " + what + " of the name \"" + name + "\" in this file.",
                        "Rename or remove one of them.");
            }
            into.putIfAbsent(name, item.at(what).named(what + " \"" + name + "\""));
        }
    }

    /**
     * The context of a name, or the current one.
     *
     * @throws MeshConfigurationException if there is none, or it names a cluster or a user that is not there
     */
    Selection select(@Nullable String wanted) {
        if (contexts.isEmpty()) {
            throw new MeshConfigurationException(
                    String.join(", ", names) + (clusters.isEmpty() && users.isEmpty() ? " is empty" : " has no context")
                            + ".",
                    "Ask for the kubeconfig of your cluster, or write one with `kubectl config set-context`.");
        }
        String name = wanted;
        String said = "";
        if (name == null) {
            if (currentContext == null) {
                throw new MeshConfigurationException(
                        String.join(", ", names) + " sets no current-context. " + list("contexts", contexts),
                        "Name one of them, or type `kubectl config use-context NAME`.");
            }
            name = String.valueOf(currentContext.text());
            said = currentContext.place() + ": ";
        }
        YamlNode context = contexts.get(name);
        if (context == null) {
            throw new MeshConfigurationException(
                    said + "There is no context \"" + name + "\" in " + where() + "." + near(name, contexts) + " "
                            + list("contexts", contexts),
                    "Name one of the contexts that exist.");
        }
        YamlNode cluster = referred(context, "cluster", clusters);
        if (cluster == null) {
            throw context.wrong("it names no cluster.", "Add `cluster: NAME` to the context.");
        }
        return new Selection(name, context, cluster, referred(context, "user", users));
    }

    private @Nullable YamlNode referred(YamlNode context, String what, Map<String, YamlNode> entries) {
        YamlNode reference = context.at(what);
        String name = reference.text();
        if (name == null) {
            return null;
        }
        YamlNode found = entries.get(name);
        if (found == null) {
            throw reference.wrong(
                    "there is no " + what + " \"" + name + "\" in " + where() + "." + near(name, entries) + " "
                            + list(what + "s", entries),
                    "Correct the name in the context, or add the " + what + ".");
        }
        return found;
    }

    private String where() {
        return names.size() == 1 && names.get(0).startsWith("The ") ? "the kubeconfig text" : String.join(", ", names);
    }

    private static String near(String name, Map<String, YamlNode> entries) {
        List<String> near = Nearest.to(name, entries.keySet());
        return near.isEmpty() ? "" : " Did you mean \"" + String.join("\" or \"", near) + "\"?";
    }

    private static String list(String what, Map<String, YamlNode> entries) {
        if (entries.isEmpty()) {
            return "There are no " + what + ".";
        }
        List<String> sorted = List.copyOf(new TreeSet<>(entries.keySet()));
        String shown = String.join(", ", sorted.subList(0, Math.min(MAX_NAMES, sorted.size())));
        int more = sorted.size() - MAX_NAMES;
        return "The " + what + " are: " + shown + (more > 0 ? " and " + more + " more" : "") + ".";
    }
}
