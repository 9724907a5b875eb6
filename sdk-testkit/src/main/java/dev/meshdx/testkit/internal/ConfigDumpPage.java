package dev.meshdx.testkit.internal;

import dev.meshdx.error.MeshException;
import dev.meshdx.model.Json;
import java.io.BufferedWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Envoy's {@code /config_dump} with its parameters {@code include_eds}, {@code resource}, {@code mask} and {@code name_regex},
 * over a dump that was made here or recorded. A whole dump is written as it is built, element by element.
 *
 * <p>Source: Envoy, "Administration interface"; what that leaves open was measured on Envoy 1.40, and a test repeats the
 * measurement: of several values of a parameter the first counts, an empty one counts as absent, {@code include_eds} counts by
 * its presence, a plus sign is no space, {@code name_regex} must match the whole name, and a refused listener is listed
 * whatever {@code name_regex} says.
 */
public final class ConfigDumpPage {
    private static final String ADMIN = "type.googleapis.com/envoy.admin.v3.";

    /**
     * A part of a dump.
     *
     * @param kind such as {@code Clusters}
     * @param fields its fields, made when they are asked for; values are plain Java values or {@link Json}
     */
    public record Section(String kind, Supplier<Map<String, Object>> fields) {}

    private final List<Section> sections;

    private ConfigDumpPage(List<Section> sections) {
        this.sections = sections;
    }

    /** The page of a dump that is made when it is asked for. Endpoints are among the sections. */
    public static Page of(Supplier<List<Section>> dump) {
        return new ConfigDumpPage(withoutEndpoints(dump.get())).whole().withQuery(query -> answer(dump.get(), query));
    }

    /** The page of a recorded dump. What is no config dump is served as it is, whatever is asked; so is a whole dump. */
    public static Page recorded(ByteString recorded) {
        Page asItIs = new Page(200, "application/json", recorded);
        Function<String, Page> answers = query -> query.equals("include_eds")
                ? asItIs
                : sections(recorded).map(found -> answer(found, query)).orElse(asItIs);
        if (recorded.indexOf(ByteString.encodeUtf8("EndpointsConfigDump")) < 0) {
            return asItIs.withQuery(answers);
        }
        Page withoutEndpoints = Page.streamed(
                "application/json",
                out -> out.write(sections(recorded)
                        .map(found -> new ConfigDumpPage(withoutEndpoints(found)).whole())
                        .orElse(asItIs)
                        .body()
                        .toByteArray()));
        return withoutEndpoints.withQuery(answers);
    }

    private static Optional<List<Section>> sections(ByteString recorded) {
        Json dump;
        try (ByteArrayInputStream bytes = new ByteArrayInputStream(recorded.toByteArray())) {
            dump = Json.read(bytes);
        } catch (MeshException | IOException e) {
            return Optional.empty();
        }
        if (!dump.at("configs").isArray()) {
            return Optional.empty();
        }
        List<Section> sections = new ArrayList<>();
        for (Json config : dump.at("configs").items()) {
            Map<String, Object> fields = new LinkedHashMap<>();
            config.names().stream()
                    .filter(name -> !name.equals("@type"))
                    .forEach(name -> fields.put(name, config.at(name)));
            String type = config.at("@type").text("");
            String kind = type.substring(type.lastIndexOf('.') + 1);
            sections.add(new Section(kind.replaceFirst("ConfigDump$", ""), () -> fields));
        }
        return Optional.of(sections);
    }

    private static List<Section> withoutEndpoints(List<Section> sections) {
        return sections.stream()
                .filter(section -> !section.kind().equals("Endpoints"))
                .toList();
    }

    private Page whole() {
        return Page.streamed("application/json", out -> {
            Writer text = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), 1 << 15);
            text.append("{\"configs\":[");
            for (int i = 0; i < sections.size(); i++) {
                text.append(i == 0 ? "" : ",\n");
                JsonText.write(
                        typed(
                                sections.get(i).kind() + "ConfigDump",
                                sections.get(i).fields().get()),
                        text);
            }
            text.append("]}\n");
            text.flush();
        });
    }

    private static Map<String, Object> typed(String kind, Map<String, Object> fields) {
        Map<String, Object> typed = new LinkedHashMap<>();
        typed.put("@type", ADMIN + kind);
        typed.putAll(fields);
        return typed;
    }

    // Parameters

    private static Page answer(List<Section> all, String query) {
        Map<String, String> parameters = parameters(query);
        String resource = parameters.getOrDefault("resource", "");
        List<String> mask = List.of(parameters.getOrDefault("mask", "").split(",")).stream()
                .filter(path -> !path.isEmpty())
                .toList();
        String regex = parameters.getOrDefault("name_regex", "");
        Pattern name;
        try {
            name = pattern(regex);
        } catch (PatternSyntaxException e) {
            return refused(
                    400,
                    "INVALID_ARGUMENT: Error while parsing name_regex from " + regex + ": " + e.getDescription() + ": "
                            + regex);
        }
        List<Section> sections = parameters.containsKey("include_eds") ? all : withoutEndpoints(all);
        if (!resource.isEmpty()) {
            return elements(sections, resource, mask, name);
        }
        List<Section> kept = new ArrayList<>();
        for (Section section : sections) {
            if (mask.stream().allMatch(path -> ConfigDumpSchema.valid(section.kind() + "ConfigDump", path))) {
                kept.add(new Section(
                        section.kind(), () -> masked(named(section.fields().get(), name), mask)));
            }
        }
        return kept.isEmpty()
                ? refused(
                        400,
                        "FieldMask " + String.join(",", mask) + " could not be successfully applied to any configs.")
                : new ConfigDumpPage(kept).whole();
    }

    private static Page elements(List<Section> sections, String resource, List<String> mask, Pattern name) {
        for (Section section : sections) {
            if (!ConfigDumpSchema.has(section.kind() + "ConfigDump", resource)) {
                continue;
            }
            Optional<String> kind = ConfigDumpSchema.element(section.kind() + "ConfigDump", resource);
            if (kind.isEmpty()) {
                return refused(
                        400, resource + " is not a repeated field. Use ?mask=" + resource + " to get only this field");
            }
            List<Object> found = named(resource, section.fields().get().get(resource), name);
            if (!found.isEmpty() && !mask.stream().allMatch(path -> ConfigDumpSchema.valid(kind.get(), path))) {
                StringBuilder paths = new StringBuilder();
                mask.forEach(path -> paths.append("paths: \"").append(path).append("\"\n"));
                return refused(400, "FieldMask " + paths + " could not be successfully used.");
            }
            return found.isEmpty() ? Page.json("{}\n") : flat(kind.get(), found, mask);
        }
        return refused(404, resource + " not found in config dump");
    }

    private static Page flat(String kind, List<Object> elements, List<String> mask) {
        return Page.streamed("application/json", out -> {
            Writer text = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), 1 << 15);
            text.append("{\"configs\":[");
            for (int i = 0; i < elements.size(); i++) {
                text.append(i == 0 ? "" : ",\n");
                JsonText.write(typed(kind, masked(fields(elements.get(i)), mask)), text);
            }
            text.append("]}\n");
            text.flush();
        });
    }

    private static Page refused(int status, String why) {
        return new Page(status, "text/plain", ByteString.encodeUtf8(why));
    }

    /** The parameters of a query, decoded: of several values the first counts. */
    public static Map<String, String> parameters(String query) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String part : query.split("&")) {
            int equals = part.indexOf('=');
            parameters.putIfAbsent(
                    equals < 0 ? part : part.substring(0, equals),
                    equals < 0 ? "" : decoded(part.substring(equals + 1)));
        }
        return parameters;
    }

    private static String decoded(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream decoded = new ByteArrayOutputStream(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            int high = i + 2 < bytes.length && bytes[i] == '%' ? Character.digit(bytes[i + 1], 16) : -1;
            int low = high < 0 ? -1 : Character.digit(bytes[i + 2], 16);
            if (low < 0) {
                decoded.write(bytes[i]);
            } else {
                decoded.write(high << 4 | low);
                i += 2;
            }
        }
        return decoded.toString(StandardCharsets.UTF_8);
    }

    /** What RE2 knows of Java's expressions. */
    private static Pattern pattern(String regex) {
        if (regex.isEmpty()) {
            return Pattern.compile(".*", Pattern.DOTALL);
        }
        if (Pattern.compile("\\(\\?(=|!|<=|<!|>)").matcher(regex).find()) {
            throw new PatternSyntaxException("invalid perl operator", regex, 0);
        }
        if (Pattern.compile("(?<!\\\\)(\\\\\\\\)*\\\\[1-9kGZ]").matcher(regex).find()) {
            throw new PatternSyntaxException("invalid escape sequence", regex, 0);
        }
        return Pattern.compile(regex.replace("(?P<", "(?<"));
    }

    // Names

    private static Map<String, Object> named(Map<String, Object> section, Pattern name) {
        Map<String, Object> filtered = new LinkedHashMap<>();
        section.forEach((field, value) -> {
            if (!ConfigDumpSchema.list(field)) {
                filtered.put(field, value);
                return;
            }
            List<Object> found = named(field, value, name);
            if (!found.isEmpty()) {
                filtered.put(field, found);
            }
        });
        return filtered;
    }

    /** The elements whose names match. What Envoy refused it adds to the listeners whatever the names are. */
    private static List<Object> named(String field, @Nullable Object elements, Pattern pattern) {
        List<Object> found = new ArrayList<>();
        List<Object> refused = new ArrayList<>();
        for (Object element : items(elements)) {
            String name = name(element);
            Object error = field.equals("dynamic_listeners") ? at(element, "error_state") : null;
            if ((error == null || !name.isEmpty()) && pattern.matcher(name).matches()) {
                found.add(element);
            } else if (error != null) {
                Map<String, Object> entry = new LinkedHashMap<>();
                if (!name.isEmpty()) {
                    entry.put("name", name);
                }
                entry.put("error_state", error);
                refused.add(entry);
            }
        }
        found.addAll(refused);
        return found;
    }

    private static String name(Object element) {
        for (String inner : List.of("cluster", "listener", "route_config", "ecds_filter")) {
            Object name = at(element, inner, "name");
            if (name != null) {
                return text(name);
            }
        }
        Object name = at(element, "name");
        return text(name == null ? at(element, "endpoint_config", "cluster_name") : name);
    }

    // Masks

    private static Map<String, Object> masked(Map<String, Object> value, List<String> mask) {
        if (mask.isEmpty()) {
            return value;
        }
        Map<String, List<String>> below = new LinkedHashMap<>();
        for (String path : mask) {
            int dot = path.indexOf('.');
            below.computeIfAbsent(dot < 0 ? path : path.substring(0, dot), key -> new ArrayList<>())
                    .add(dot < 0 ? "" : path.substring(dot + 1));
        }
        Map<String, Object> result = new LinkedHashMap<>();
        value.forEach((field, found) -> {
            List<String> rest = below.get(field);
            if (field.equals("@type")) {
                result.put(field, found);
            } else if (rest != null) {
                result.put(field, rest.contains("") ? found : masked(fields(found), rest));
            }
        });
        return result;
    }

    // Plain values and Json alike

    private static Map<String, Object> fields(Object value) {
        Map<String, Object> fields = new LinkedHashMap<>();
        if (value instanceof Json json) {
            json.names().forEach(name -> fields.put(name, json.at(name)));
        } else if (value instanceof Map<?, ?> map) {
            map.forEach((name, field) -> fields.put(String.valueOf(name), field));
        }
        return fields;
    }

    private static @Nullable Object at(Object value, String... names) {
        Object at = value;
        for (String name : names) {
            if (at instanceof Map<?, ?> map) {
                at = map.get(name);
            } else if (at instanceof Json json && json.at(name).exists()) {
                at = json.at(name);
            } else {
                return null;
            }
        }
        return at;
    }

    private static Iterable<?> items(@Nullable Object value) {
        return value instanceof Iterable<?> items ? items : value instanceof Json json ? json.items() : List.of();
    }

    private static String text(@Nullable Object value) {
        return value instanceof Json json ? json.text("") : value == null ? "" : String.valueOf(value);
    }
}
