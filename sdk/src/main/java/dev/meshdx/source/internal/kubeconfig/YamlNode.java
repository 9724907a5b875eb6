package dev.meshdx.source.internal.kubeconfig;

import dev.meshdx.error.MeshConfigurationException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * A value in a kubeconfig that knows where it stands. Nothing is built from the document but what is asked for, so that
 * aliases cannot blow it up and an entry that is not used cannot be in the way.
 */
final class YamlNode {
    private static final int MAX_ALIASES = 50;
    private static final int MAX_DEPTH = 50;
    private static final int MAX_PLAIN_VALUES = 10_000;

    /** The document: what to call it, and the folder that relative paths in it start from (none for a text). */
    record Document(String name, @Nullable Path folder) {}

    private final @Nullable Node node;
    private final Document document;
    private final String entry;
    private final String path;
    private final int line;

    private YamlNode(@Nullable Node node, Document document, String entry, String path, int line) {
        this.node = node != null && Tag.NULL.equals(node.getTag()) ? null : node;
        this.document = document;
        this.entry = entry;
        this.path = path;
        this.line = node != null && node.getStartMark() != null
                ? node.getStartMark().getLine() + 1
                : line;
    }

    /**
     * Reads a document.
     *
     * @throws MeshConfigurationException if it is not YAML or JSON; the message does not quote it, for it holds secrets
     */
    static YamlNode read(String text, Document document) {
        if (text.length() > LocalFiles.MAX_KUBECONFIG) {
            throw unreadable(document, 0, "document exceeds the limit");
        }
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(LocalFiles.MAX_KUBECONFIG);
        options.setMaxAliasesForCollections(MAX_ALIASES);
        options.setNestingDepthLimit(MAX_DEPTH);
        options.setAllowDuplicateKeys(false);
        options.setAllowRecursiveKeys(false);
        // Not the Yaml class: it also loads what writes YAML and what builds objects, a tenth of the time to connect.
        Composer composer = new Composer(new ParserImpl(new StreamReader(text), options), new Resolver(), options);
        try {
            return new YamlNode(composer.getSingleNode(), document, "", "", 0);
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
            throw unreadable(document, line, e.getProblem());
        } catch (YAMLException e) {
            throw unreadable(document, 0, e.getMessage());
        } catch (StackOverflowError e) {
            throw unreadable(document, 0, "it is nested too deep");
        }
    }

    private static MeshConfigurationException unreadable(Document document, int line, @Nullable String problem) {
        // Neither the cause nor the snippet that it prints goes into the exception: the line may hold a token.
        return new MeshConfigurationException(
                document.name() + (line > 0 ? ", line " + line : "") + ": this is not YAML that can be read"
                        + reason(problem) + ".",
                "Mend the file; `kubectl config view` shows it as kubectl understands it.");
    }

    private static String reason(@Nullable String problem) {
        if (problem == null) {
            return "";
        }
        String lower = problem.toLowerCase(java.util.Locale.ROOT);
        if (lower.contains("number of aliases")) {
            return ": it has more than " + MAX_ALIASES + " aliases of collections";
        }
        if (lower.contains("alias") || lower.contains("anchor")) {
            return ": it refers to an anchor that is not defined (quote a text that starts with *)";
        }
        if (lower.contains("nesting depth") || lower.contains("nested")) {
            return ": it is nested deeper than " + MAX_DEPTH + " levels";
        }
        if (lower.contains("document exceeds the limit")) {
            return ": it is too large";
        }
        if (lower.contains("special characters")) {
            return ": it holds characters that YAML does not allow";
        }
        if (lower.contains("tag") || lower.contains("handle") || lower.contains("directive")) {
            return ": it has a tag or a directive that is not defined (quote a text that starts with ! or %)";
        }
        if (lower.contains("\\t") || lower.contains("tab")) {
            return ": it is indented with a tab";
        }
        if (lower.contains("cannot start any token")) {
            return ": a text that starts with a special character is not quoted";
        }
        // What is left names tokens of the grammar, not values ("expected <block end>, but found '-'").
        return problem.length() > 120 ? "" : ": " + problem;
    }

    boolean exists() {
        return node != null;
    }

    boolean isMapping() {
        return node instanceof MappingNode;
    }

    /** What kind of thing this is, for messages. */
    String kind() {
        if (node == null) {
            return "empty";
        }
        if (node instanceof MappingNode) {
            return "a mapping";
        }
        return node instanceof SequenceNode ? "a list" : "a text";
    }

    Document document() {
        return document;
    }

    /** The same value, called an entry: messages about what is in it start with that name. */
    YamlNode named(String name) {
        return new YamlNode(node, document, name, "", line);
    }

    /** Where this stands: {@code /home/ana/.kube/config, line 12, user "ana", exec.command}. */
    String place() {
        StringBuilder place = new StringBuilder(document.name());
        if (line > 0) {
            place.append(", line ").append(line);
        }
        if (!entry.isEmpty()) {
            place.append(", ").append(entry);
        }
        if (!path.isEmpty()) {
            place.append(", ").append(path);
        }
        return place.toString();
    }

    MeshConfigurationException wrong(String what, String remedy) {
        return new MeshConfigurationException(place() + ": " + what, remedy);
    }

    /** The value of a key; one that does not exist where there is none. */
    YamlNode at(String key) {
        String below = path.isEmpty() ? key : path + "." + key;
        if (node == null) {
            return new YamlNode(null, document, entry, below, line);
        }
        if (!(node instanceof MappingNode mapping)) {
            throw wrong("a mapping is expected here, but this is " + kind() + ".", "Mend the entry.");
        }
        return new YamlNode(value(mapping, key, 0), document, entry, below, line);
    }

    private @Nullable Node value(MappingNode mapping, String key, int depth) {
        Node found = null;
        for (NodeTuple tuple : mapping.getValue()) {
            if (tuple.getKeyNode() instanceof ScalarNode name
                    && !Tag.MERGE.equals(name.getTag())
                    && name.getValue().equals(key)) {
                if (found != null) {
                    throw new MeshConfigurationException(
                            place() + ": the key \"" + key + "\" stands twice (lines "
                                    + (found.getStartMark().getLine() + 1) + " and "
                                    + (tuple.getValueNode().getStartMark().getLine() + 1) + ").",
                            "Remove one of the two.");
                }
                found = tuple.getValueNode();
            }
        }
        return found != null || depth > 8 ? found : merged(mapping, key, depth);
    }

    private @Nullable Node merged(MappingNode mapping, String key, int depth) {
        for (NodeTuple tuple : mapping.getValue()) {
            if (Tag.MERGE.equals(tuple.getKeyNode().getTag())) {
                List<Node> sources = tuple.getValueNode() instanceof SequenceNode several
                        ? several.getValue()
                        : List.of(tuple.getValueNode());
                for (Node source : sources) {
                    Node found = source instanceof MappingNode from ? value(from, key, depth + 1) : null;
                    if (found != null) {
                        return found;
                    }
                }
            }
        }
        return null;
    }

    /** The items of a list; none where there is nothing. */
    List<YamlNode> items() {
        if (node == null) {
            return List.of();
        }
        if (!(node instanceof SequenceNode sequence)) {
            throw wrong("a list is expected here, but this is " + kind() + ".", "Mend the entry.");
        }
        List<YamlNode> items = new ArrayList<>();
        for (int i = 0; i < sequence.getValue().size(); i++) {
            items.add(new YamlNode(sequence.getValue().get(i), document, entry, path + "[" + i + "]", line));
        }
        return items;
    }

    /** The keys of a mapping. */
    List<String> keys() {
        if (node == null) {
            return List.of();
        }
        if (!(node instanceof MappingNode mapping)) {
            throw wrong("a mapping is expected here, but this is " + kind() + ".", "Mend the entry.");
        }
        List<String> keys = new ArrayList<>();
        for (NodeTuple tuple : mapping.getValue()) {
            if (tuple.getKeyNode() instanceof ScalarNode name && !Tag.MERGE.equals(name.getTag())) {
                keys.add(name.getValue());
            }
        }
        return keys;
    }

    /** The text without blanks around it; null where there is none or it is empty. Numbers are read as they are written. */
    @Nullable
    String text() {
        if (node == null) {
            return null;
        }
        if (!(node instanceof ScalarNode scalar)) {
            throw wrong("a text is expected here, but this is " + kind() + ".", "Mend the entry.");
        }
        String text = scalar.getValue().strip();
        return text.isEmpty() ? null : text;
    }

    /** The texts of a list. */
    List<String> texts() {
        List<String> texts = new ArrayList<>();
        for (YamlNode item : items()) {
            String text = item.text();
            texts.add(text == null ? "" : text);
        }
        return texts;
    }

    /** True or false; anything else is refused, for a misread switch could turn off the check of the server. */
    boolean bool() {
        String text = text();
        if (text == null) {
            return false;
        }
        return switch (text) {
            case "true", "True", "TRUE" -> true;
            case "false", "False", "FALSE" -> false;
            default -> throw wrong("this is neither true nor false.", "Write true or false.");
        };
    }

    /** The bytes of a base64 text; null where there is none. */
    byte @Nullable [] base64() {
        String text = text();
        if (text == null) {
            return null;
        }
        if (text.startsWith("-----BEGIN")) {
            throw wrong(
                    "this is PEM, but base64 of PEM is expected here.",
                    "Encode it (`base64 -w0 FILE`), or name the file under the key without \"-data\".");
        }
        try {
            return Base64.getDecoder().decode(text.replaceAll("\\s", ""));
        } catch (IllegalArgumentException e) {
            throw wrong("this is not base64.", "Encode the PEM file again: `base64 -w0 FILE`.");
        }
    }

    /** The file that a text names, resolved against the folder of the document; null where there is none. */
    @Nullable
    Path file() {
        String text = text();
        if (text == null) {
            return null;
        }
        Path file;
        try {
            file = Path.of(text);
        } catch (InvalidPathException e) {
            throw wrong("this is not a path.", "Name a file.");
        }
        if (file.isAbsolute()) {
            return file;
        }
        if (document.folder() == null) {
            throw wrong(
                    "the path " + text + " is relative, but a kubeconfig given as text has no folder to start from.",
                    "Write an absolute path, or put the data itself in (`kubectl config view --flatten --raw`).");
        }
        return document.folder().resolve(file).normalize();
    }

    /** The bytes of the file that a text names; null where there is none. */
    byte @Nullable [] fileBytes() {
        Path file = file();
        if (file == null) {
            return null;
        }
        try {
            return LocalFiles.read(file, LocalFiles.MAX_CREDENTIAL);
        } catch (LocalFiles.Unreadable e) {
            throw wrong("the file " + file + " " + e.why() + ".", hint(file));
        }
    }

    private static String hint(Path file) {
        return file.toString().contains("~")
                ? "Write the path out: ~ is not expanded in a kubeconfig."
                : "Put the file there, or correct the path.";
    }

    /** Maps, lists, texts, numbers, booleans and null. */
    @Nullable
    Object plain() {
        return plain(node, new int[] {0}, 0);
    }

    private @Nullable Object plain(@Nullable Node value, int[] count, int depth) {
        if (++count[0] > MAX_PLAIN_VALUES || depth > MAX_DEPTH) {
            throw wrong("this is too large.", "Make it smaller.");
        }
        if (value instanceof MappingNode mapping) {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            for (NodeTuple tuple : mapping.getValue()) {
                if (tuple.getKeyNode() instanceof ScalarNode name) {
                    map.put(name.getValue(), plain(tuple.getValueNode(), count, depth + 1));
                }
            }
            return map;
        }
        if (value instanceof SequenceNode sequence) {
            List<@Nullable Object> list = new ArrayList<>();
            for (Node item : sequence.getValue()) {
                list.add(plain(item, count, depth + 1));
            }
            return list;
        }
        if (!(value instanceof ScalarNode scalar) || Tag.NULL.equals(scalar.getTag())) {
            return null;
        }
        String text = scalar.getValue();
        if (Tag.BOOL.equals(scalar.getTag())) {
            return List.of("true", "yes", "on").contains(text.toLowerCase(java.util.Locale.ROOT));
        }
        if (Tag.INT.equals(scalar.getTag())) {
            try {
                return Long.valueOf(text);
            } catch (NumberFormatException e) {
                return text;
            }
        }
        return text;
    }
}
