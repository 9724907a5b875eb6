package dev.meshdx.model.internal;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.model.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * YAML as Kubernetes reads it: the booleans of YAML 1.1 ({@code on}, {@code yes}), whole numbers as Go reads them, time
 * stamps as text, merge keys, keys as text, and of a duplicate key the last value. Source: sigs.k8s.io/yaml and go-yaml v2,
 * {@code resolve.go}. It works on nodes, never on Java types, so a document cannot make it create objects.
 */
public final class Yaml {
    private static final int MAX_DEPTH = 200;

    /** Aliases repeat nodes: a few lines can stand for billions. Real documents stay far below this. */
    private static final int MAX_NODES = 2_000_000;

    private static final Pattern INTEGER = Pattern.compile("[-+]?(0|[1-9][0-9_]*)");
    private static final Pattern RADIX = Pattern.compile("[-+]?0(b[01_]+|o[0-7_]+|x[0-9a-fA-F_]+|[0-7_]+)");
    private static final Pattern DECIMAL = Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
    private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");
    private static final Set<String> TRUE =
            Set.of("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON");
    private static final Set<String> FALSE =
            Set.of("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF");

    /** Has no state once it is made, and is costly to make. */
    private static final Resolver GO = new Go();

    /** Names of fields that were read last: the same few hundred come up all the time, and are kept once each. */
    private static final AtomicReferenceArray<String> NAMES = new AtomicReferenceArray<>(2048);

    private Yaml() {}

    private static String shared(String name) {
        int slot = (name.hashCode() ^ (name.hashCode() >>> 11)) & (NAMES.length() - 1);
        String known = NAMES.getPlain(slot);
        if (name.equals(known)) {
            return known;
        }
        if (name.length() > 64) {
            return name;
        }
        String interned = name.intern();
        NAMES.setPlain(slot, interned);
        return interned;
    }

    /**
     * A piece of a file between two lines of {@code ---}.
     *
     * @param text its text
     * @param line the line of the file with which it begins, counted from 1
     */
    public record Chunk(String text, int line) {}

    /**
     * A resource in a file.
     *
     * @param value its document
     * @param line its first line in the file, counted from 1
     */
    public record Part(Json value, int line) {}

    /** The first document of a text; {@link Json#MISSING} where there is none. */
    public static Json read(String text) {
        List<Document> documents = documents(new Chunk(text, 1), duplicate -> {});
        return documents.isEmpty() ? Json.MISSING : documents.get(0).value();
    }

    /** Cuts a file into pieces that are read by themselves, so that a broken one does not cost the others. */
    public static List<Chunk> split(String text) {
        List<Chunk> chunks = new ArrayList<>();
        int start = 0;
        int startLine = 1;
        int line = 1;
        for (int at = 0; at < text.length(); line++) {
            int end = text.indexOf('\n', at);
            end = end < 0 ? text.length() : end;
            if (isSeparator(text, at, end)) {
                chunks.add(new Chunk(text.substring(start, at), startLine));
                start = Math.min(end + 1, text.length());
                startLine = line + 1;
            }
            at = end + 1;
        }
        chunks.add(new Chunk(text.substring(start), startLine));
        chunks.removeIf(chunk -> isEmpty(chunk.text()));
        return chunks;
    }

    private static boolean isSeparator(String text, int start, int end) {
        if (!text.startsWith("---", start)) {
            return false;
        }
        String rest = text.substring(start + 3, Math.max(start + 3, end));
        return rest.isBlank()
                || (Character.isWhitespace(rest.charAt(0)) && rest.strip().startsWith("#"));
    }

    private static boolean isEmpty(String text) {
        return text.lines().allMatch(line -> line.isBlank() || line.startsWith("#") || line.startsWith("%"));
    }

    /**
     * The documents of a piece, lists replaced by their items.
     *
     * @param duplicates is told of keys that are given twice
     * @throws MeshProtocolException if it is neither YAML nor JSON
     */
    public static List<Part> parts(Chunk chunk, Consumer<String> duplicates) {
        List<Part> parts = new ArrayList<>();
        for (Document document : documents(chunk, duplicates)) {
            flatten(document.value(), document.line(), document.itemLines(), parts);
        }
        return parts;
    }

    /** A document, and the lines of its {@code items} where it has some. */
    private record Document(Json value, int line, List<Integer> itemLines) {}

    private static void flatten(Json value, int line, List<Integer> itemLines, List<Part> parts) {
        String kind = value.at("kind").text("");
        Json items = value.at("items");
        if (!kind.endsWith("List") || !items.isArray()) {
            parts.add(new Part(value, line));
            return;
        }
        String itemKind = kind.substring(0, kind.length() - "List".length());
        int index = 0;
        for (Json item : items.items()) {
            int itemLine = index < itemLines.size() ? itemLines.get(index) : line;
            index++;
            if (!item.isObject()) {
                continue;
            }
            // The items of a PodList carry no kind of their own.
            if (!itemKind.isEmpty() && !item.at("kind").exists()) {
                Map<String, @Nullable Object> named = new LinkedHashMap<>();
                named.put("apiVersion", value.at("apiVersion"));
                named.put("kind", itemKind);
                item.forEachField(named::put);
                item = Json.of(named);
            }
            flatten(item, itemLine, List.of(), parts);
        }
    }

    private static List<Document> documents(Chunk chunk, Consumer<String> duplicates) {
        String text = chunk.text().stripLeading();
        if (text.startsWith("{") || text.startsWith("[")) {
            try {
                return json(chunk);
            } catch (MeshProtocolException e) {
                // Perhaps it is YAML in flow style: the YAML reader decides.
            }
        }
        List<Document> documents = new ArrayList<>();
        for (Node node : compose(chunk)) {
            Object value = new Converter(chunk.line(), duplicates).convert(node, 0);
            if (value != null) {
                int line = chunk.line() + node.getStartMark().getLine();
                documents.add(new Document(Json.of(value), line, itemLines(node, chunk.line())));
            }
        }
        return documents;
    }

    /** JSON documents one after another, read by the faster reader. */
    private static List<Document> json(Chunk chunk) {
        List<Document> documents = new ArrayList<>();
        try (JsonParser parser =
                JsonReader.parser(new ByteArrayInputStream(chunk.text().getBytes(StandardCharsets.UTF_8)))) {
            while (parser.nextToken() != null) {
                int line = line(parser, chunk);
                if (parser.currentToken() != JsonToken.START_OBJECT) {
                    documents.add(new Document(Json.of(JsonReader.value(parser)), line, List.of()));
                    continue;
                }
                Map<String, @Nullable Object> fields = new LinkedHashMap<>();
                List<Integer> itemLines = new ArrayList<>();
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    String name = parser.currentName();
                    if (parser.nextToken() == JsonToken.START_ARRAY && name.equals("items")) {
                        List<@Nullable Object> items = new ArrayList<>();
                        while (parser.nextToken() != JsonToken.END_ARRAY) {
                            itemLines.add(line(parser, chunk));
                            items.add(JsonReader.value(parser));
                        }
                        fields.put(name, items);
                    } else {
                        fields.put(name, JsonReader.value(parser));
                    }
                }
                documents.add(new Document(Json.of(fields), line, itemLines));
            }
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw JsonReader.malformed(e);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return documents;
    }

    private static int line(JsonParser parser, Chunk chunk) {
        return chunk.line() + parser.currentTokenLocation().getLineNr() - 1;
    }

    private static List<Integer> itemLines(Node document, int firstLine) {
        if (document instanceof MappingNode mapping) {
            for (NodeTuple tuple : mapping.getValue()) {
                if (tuple.getKeyNode() instanceof ScalarNode key
                        && key.getValue().equals("items")
                        && tuple.getValueNode() instanceof SequenceNode items) {
                    return items.getValue().stream()
                            .map(item -> firstLine + item.getStartMark().getLine())
                            .toList();
                }
            }
        }
        return List.of();
    }

    /**
     * The lines of the fields in the part that starts at a line: {@code spec.http[0].route[0].destination.host} to 17. Of a map
     * or a list it is the line of its name, of an item that with which it begins.
     * Reads the piece again, so that the lines cost memory only where they are asked for.
     */
    public static Map<String, Integer> lines(Chunk chunk, int line) {
        Map<String, Integer> lines = new HashMap<>();
        try {
            for (Node node : compose(chunk)) {
                findPart(node, chunk.line(), line, lines);
            }
        } catch (MeshProtocolException e) {
            // Read by the JSON reader: its lines are not known.
        }
        return lines;
    }

    private static void findPart(Node node, int firstLine, int wanted, Map<String, Integer> lines) {
        List<Integer> itemLines = itemLines(node, firstLine);
        if (node instanceof MappingNode mapping && itemLines.contains(wanted)) {
            for (NodeTuple tuple : mapping.getValue()) {
                if (tuple.getValueNode() instanceof SequenceNode items) {
                    items.getValue().stream()
                            .filter(item -> firstLine + item.getStartMark().getLine() == wanted)
                            .forEach(item -> collect(item, "", firstLine, lines, 0));
                }
            }
        } else if (firstLine + node.getStartMark().getLine() == wanted) {
            collect(node, "", firstLine, lines, 0);
        }
    }

    private static void collect(Node node, String path, int firstLine, Map<String, Integer> lines, int depth) {
        if (depth > MAX_DEPTH || lines.size() > MAX_NODES / 10) {
            return;
        }
        if (node instanceof MappingNode mapping) {
            for (NodeTuple tuple : mapping.getValue()) {
                if (tuple.getKeyNode() instanceof ScalarNode key) {
                    String name = path.isEmpty() ? key.getValue() : path + "." + key.getValue();
                    lines.put(name, firstLine + key.getStartMark().getLine());
                    collect(tuple.getValueNode(), name, firstLine, lines, depth + 1);
                }
            }
        } else if (node instanceof SequenceNode sequence) {
            int index = 0;
            for (Node item : sequence.getValue()) {
                String name = path + "[" + index++ + "]";
                lines.put(name, firstLine + item.getStartMark().getLine());
                collect(item, name, firstLine, lines, depth + 1);
            }
        } else {
            lines.put(path, firstLine + node.getStartMark().getLine());
        }
    }

    private static List<Node> compose(Chunk chunk) {
        LoaderOptions options = new LoaderOptions();
        options.setNestingDepthLimit(MAX_DEPTH);
        options.setMaxAliasesForCollections(1000);
        options.setCodePointLimit(256 * 1024 * 1024);
        options.setAllowRecursiveKeys(false);
        List<Node> nodes = new ArrayList<>();
        try {
            Composer composer = new Composer(new ParserImpl(new StreamReader(chunk.text()), options), GO, options);
            while (composer.checkNode()) {
                nodes.add(composer.getNode());
            }
        } catch (MarkedYAMLException e) {
            String problem = e.getProblem() == null ? "" : ": " + e.getProblem();
            String where = e.getProblemMark() == null
                    ? ""
                    : " at line " + (chunk.line() + e.getProblemMark().getLine());
            throw new MeshProtocolException("The document is not valid YAML" + where + problem + ".", "", e);
        } catch (YAMLException e) {
            throw new MeshProtocolException(
                    "The document that begins at line " + chunk.line() + " is not valid YAML: " + firstLine(e) + ".",
                    "",
                    e);
        }
        return nodes;
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    /** Resolves plain scalars as go-yaml v2 does. */
    private static final class Go extends Resolver {
        @Override
        public Tag resolve(NodeId kind, @Nullable String value, boolean implicit) {
            if (kind != NodeId.scalar || !implicit || value == null) {
                return kind == NodeId.scalar ? Tag.STR : kind == NodeId.sequence ? Tag.SEQ : Tag.MAP;
            }
            if (NULLS.contains(value)) {
                return Tag.NULL;
            }
            if (TRUE.contains(value) || FALSE.contains(value)) {
                return Tag.BOOL;
            }
            if (value.equals("<<")) {
                return Tag.MERGE;
            }
            char first = value.charAt(0);
            if (!(first >= '0' && first <= '9') && first != '-' && first != '+' && first != '.') {
                return Tag.STR;
            }
            if (INTEGER.matcher(value).matches() || RADIX.matcher(value).matches()) {
                return Tag.INT;
            }
            return DECIMAL.matcher(value).matches() ? Tag.FLOAT : Tag.STR;
        }
    }

    /** Nodes to plain Java values. */
    private static final class Converter {
        private final int firstLine;
        private final Consumer<String> duplicates;
        private int nodes;

        Converter(int firstLine, Consumer<String> duplicates) {
            this.firstLine = firstLine;
            this.duplicates = duplicates;
        }

        @Nullable
        Object convert(Node node, int depth) {
            if (depth > MAX_DEPTH || ++nodes > MAX_NODES) {
                throw new MeshProtocolException("The document that begins at line " + firstLine
                        + (depth > MAX_DEPTH
                                ? " is nested too deeply."
                                : " is too large once its aliases are written out."));
            }
            if (node instanceof MappingNode mapping) {
                return map(mapping, depth);
            }
            if (node instanceof SequenceNode sequence) {
                ItemList.Builder list = new ItemList.Builder();
                for (Node item : sequence.getValue()) {
                    String address = unquotedAddress(item);
                    list.add(address == null ? convert(item, depth + 1) : address);
                }
                return list.build();
            }
            return scalar((ScalarNode) node);
        }

        /** {@code [fd00::]}: Go reads an address, snakeyaml a map with the key {@code fd00:} and no value. */
        private static @Nullable String unquotedAddress(Node item) {
            if (item instanceof MappingNode mapping
                    && mapping.getValue().size() == 1
                    && mapping.getValue().get(0).getKeyNode() instanceof ScalarNode key
                    && mapping.getValue().get(0).getValueNode() instanceof ScalarNode value
                    && key.getValue().contains(":")
                    && value.getValue().isEmpty()
                    && mapping.getStartMark().getIndex() == key.getStartMark().getIndex()) {
                return key.getValue() + ":";
            }
            return null;
        }

        private FieldMap map(MappingNode mapping, int depth) {
            FieldMap.Builder own = new FieldMap.Builder();
            FieldMap.Builder merged = null;
            for (NodeTuple tuple : mapping.getValue()) {
                Node key = tuple.getKeyNode();
                if (Tag.MERGE.equals(key.getTag())) {
                    merged = merged == null ? new FieldMap.Builder() : merged;
                    merge(tuple.getValueNode(), merged, depth);
                    continue;
                }
                if (!(key instanceof ScalarNode scalar)) {
                    throw new MeshProtocolException(
                            "A key at line " + (firstLine + key.getStartMark().getLine())
                                    + " is a map or a list; Kubernetes knows only texts.");
                }
                String name = shared(String.valueOf(scalar(scalar)));
                if (name.equals("managedFields")) {
                    continue;
                }
                if (own.contains(name)) {
                    duplicates.accept("The key " + name + " at line "
                            + (firstLine + key.getStartMark().getLine())
                            + " was given before; the last one counts.");
                }
                own.put(name, convert(tuple.getValueNode(), depth + 1));
            }
            if (merged == null) {
                return own.build();
            }
            own.build().forEach(merged::put);
            return merged.build();
        }

        /** Of several maps the first one that has a key counts. Source: YAML, "Merge Key Language-Independent Type". */
        private void merge(Node node, FieldMap.Builder into, int depth) {
            List<Node> maps = node instanceof SequenceNode sequence ? sequence.getValue() : List.of(node);
            for (Node map : maps) {
                if (convert(map, depth + 1) instanceof FieldMap values) {
                    values.forEach((name, value) -> {
                        if (!into.contains(name)) {
                            into.put(name, value);
                        }
                    });
                }
            }
        }

        private static @Nullable Object scalar(ScalarNode node) {
            Tag tag = node.getTag();
            String text = node.getValue();
            if (Tag.NULL.equals(tag)) {
                return null;
            }
            if (Tag.BOOL.equals(tag)) {
                return TRUE.contains(text) ? (Object) true : FALSE.contains(text) ? (Object) false : text;
            }
            if (Tag.INT.equals(tag)) {
                return integer(text);
            }
            if (Tag.FLOAT.equals(tag) && DECIMAL.matcher(text).matches()) {
                return Double.valueOf(text);
            }
            return text;
        }

        private static Object integer(String text) {
            String plain = text.replace("_", "");
            boolean negative = plain.startsWith("-");
            String digits = plain.startsWith("-") || plain.startsWith("+") ? plain.substring(1) : plain;
            int radix = 10;
            if (digits.length() > 1 && digits.charAt(0) == '0') {
                char mark = digits.charAt(1);
                radix = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
                digits = Character.isDigit(mark) ? digits.substring(1) : digits.substring(2);
            }
            try {
                BigInteger value = new BigInteger(negative ? "-" + digits : digits, radix);
                return value.bitLength() < 64 ? (Object) value.longValue() : value;
            } catch (NumberFormatException e) {
                return text;
            }
        }
    }
}
