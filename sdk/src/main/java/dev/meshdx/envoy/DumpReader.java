package dev.meshdx.envoy;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.meshdx.envoy.internal.AdminPage;
import dev.meshdx.envoy.internal.Names;
import dev.meshdx.envoy.internal.SecretFields;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Json;
import dev.meshdx.model.internal.FieldMap;
import dev.meshdx.model.internal.ItemList;
import dev.meshdx.model.internal.JsonReader;
import dev.meshdx.model.internal.Projection;
import dev.meshdx.model.internal.Texts;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Goes through a {@code /config_dump} or a {@code /clusters?format=json} once, token by token: hands out one resource at a time,
 * as much of it as is wanted, and skips the rest without making anything of it. Used once, by one thread.
 */
final class DumpReader {
    /** The largest meshes have some ten thousand clusters; more than this is made to exhaust the memory. */
    private static final int MAX_RESOURCES = 1_000_000;

    private static final int HOSTS_OF_A_PART = 500;

    private final Map<Section, Projection> wanted;
    private final NameFilter names;
    private final BiConsumer<Section, Entry> entries;
    private final Set<Section> sections = EnumSet.noneOf(Section.class);
    private final Texts texts = new Texts();
    private final Set<String> refusedListeners = new HashSet<>();
    private @Nullable Inconclusive problem;
    private boolean recognised;
    private boolean ztunnel;
    private int resources;

    private DumpReader(Map<Section, Projection> wanted, NameFilter names, BiConsumer<Section, Entry> entries) {
        this.wanted = wanted;
        this.names = names;
        this.entries = entries;
    }

    /**
     * Reads a document, which may be compressed with gzip. The stream stays open.
     *
     * @param wanted the sections, and what of their resources
     * @param names whose rest is skipped where it excludes a name
     * @throws MeshProtocolException if it is no config dump at all
     * @throws IOException if the stream cannot be read
     */
    static Dump.Outcome read(
            InputStream in, Map<Section, Projection> wanted, NameFilter names, BiConsumer<Section, Entry> entries)
            throws IOException {
        DumpReader reader = new DumpReader(wanted, names, entries);
        reader.read(in);
        return new Dump.Outcome(reader.sections, reader.problem);
    }

    private void read(InputStream body) throws IOException {
        BufferedInputStream in = AdminPage.buffered(body);
        if (AdminPage.form(in) == AdminPage.Form.HTML) {
            throw new MeshProtocolException(
                    "Expected an Envoy config dump, but the document is a web page (HTML).",
                    "See what listens on the port: it may not be Envoy's admin interface.",
                    null);
        }
        try (JsonParser parser = JsonReader.parser(in)) {
            document(parser);
        } catch (JsonProcessingException e) {
            MeshProtocolException malformed = JsonReader.malformed(e);
            if (!recognised) {
                throw malformed;
            }
            problem = incomplete(String.valueOf(malformed.getMessage()));
        } catch (MeshProtocolException e) {
            // The connection ended in the middle of the document.
            if (sections.isEmpty()) {
                throw e;
            }
            problem = incomplete(String.valueOf(e.getMessage()));
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            if (sections.isEmpty()) {
                throw e;
            }
            problem = incomplete("The answer ended early: " + e.getMessage());
        }
        if (!recognised) {
            throw new MeshProtocolException(
                    ztunnel
                            ? "Expected an Envoy config dump, but this is a ztunnel's: it runs no Envoy."
                            : "Expected an Envoy config dump with \"configs\", but the document has none.");
        }
    }

    private static Inconclusive incomplete(String message) {
        return Inconclusive.of(
                "part of the proxy's configuration",
                null,
                Reason.MALFORMED,
                message + " What was read until there is used.",
                "Read it again.");
    }

    private void document(JsonParser parser) throws IOException {
        JsonToken first = parser.nextToken();
        if (first == null) {
            throw new MeshProtocolException("Expected an Envoy config dump, but the document is empty.");
        }
        if (first != JsonToken.START_OBJECT) {
            return;
        }
        boolean empty = true;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            empty = false;
            String name = Names.snake(parser.currentName());
            boolean camel = !name.equals(parser.currentName());
            JsonToken token = parser.nextToken();
            if (name.equals("configs") && token == JsonToken.START_ARRAY) {
                recognised = true;
                objects(parser, () -> dump(parser));
            } else if (name.equals("cluster_statuses") && token == JsonToken.START_ARRAY) {
                recognised = true;
                sections.add(Section.ENDPOINTS);
                Projection fields = wanted.get(Section.ENDPOINTS);
                objects(parser, () -> {
                    if (fields == null) {
                        parser.skipChildren();
                    } else {
                        FieldMap named = camel ? null : named(parser, fields, "name");
                        if (camel || named != null) {
                            Json status = camel ? resource(parser, true, fields) : Json.of(named);
                            give(Section.ENDPOINTS, new Entry("", status, ResourceState.ACTIVE, Json.MISSING));
                        }
                    }
                });
            } else {
                // Source: ztunnel, src/admin.rs, its own /config_dump.
                ztunnel |= name.equals("workloads") && token == JsonToken.START_ARRAY;
                parser.skipChildren();
            }
        }
        // What Envoy answers where a filter leaves nothing.
        recognised |= empty && parser.currentToken() == JsonToken.END_OBJECT;
    }

    @FunctionalInterface
    private interface Item {
        void read() throws IOException;
    }

    @FunctionalInterface
    private interface Resource {
        /** Null where its name is not wanted. */
        @Nullable
        FieldMap read() throws IOException;
    }

    /** The objects of an array; what else stands there is nothing that Envoy writes, and is told. */
    private void objects(JsonParser parser, Item item) throws IOException {
        for (JsonToken token = parser.nextToken();
                token != null && token != JsonToken.END_ARRAY;
                token = parser.nextToken()) {
            if (token == JsonToken.START_OBJECT) {
                count();
                item.read();
            } else {
                parser.skipChildren();
                problem = incomplete("The document holds something that is no part of a config dump.");
            }
        }
    }

    private void count() {
        if (++resources > MAX_RESOURCES) {
            throw new MeshProtocolException("The config dump holds more than " + MAX_RESOURCES + " resources.");
        }
    }

    private void give(Section section, Entry entry) {
        entries.accept(section, entry);
    }

    private Json resource(JsonParser parser, boolean camel, Projection fields) throws IOException {
        // Names in another form than the projection's: few and small documents, read whole.
        Json resource = Json.of(JsonReader.value(parser, texts, camel ? Projection.WHOLE : fields));
        return camel ? Names.snake(resource) : resource;
    }

    /** One element of {@code configs}; the names of its fields tell what it is, wherever its type stands. */
    private void dump(JsonParser parser) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = Names.snake(parser.currentName());
            boolean camel = !name.equals(parser.currentName());
            JsonToken token = parser.nextToken();
            if (name.equals("@type")) {
                String type = parser.getValueAsString("");
                Section section = Section.ofType(type);
                if (section != null) {
                    sections.add(section);
                }
                String list = Section.listOfElement(type);
                if (list != null) {
                    flat(parser, list);
                    return;
                }
            } else if (name.equals("bootstrap")) {
                sections.add(Section.BOOTSTRAP);
                Projection fields = wanted.get(Section.BOOTSTRAP);
                if (fields == null || token != JsonToken.START_OBJECT) {
                    parser.skipChildren();
                } else {
                    Json bootstrap = SecretFields.drop(resource(parser, true, fields));
                    give(Section.BOOTSTRAP, new Entry("", bootstrap, ResourceState.STATIC, Json.MISSING));
                }
            } else {
                Section section = token == JsonToken.START_ARRAY ? Section.ofList(name) : null;
                if (section == null) {
                    parser.skipChildren();
                } else {
                    list(parser, section, name, camel);
                }
            }
        }
    }

    private void list(JsonParser parser, Section section, String name, boolean camel) throws IOException {
        sections.add(section);
        Projection fields = wanted.get(section);
        if (fields == null) {
            parser.skipChildren();
            return;
        }
        Projection item = item(section, name, fields);
        String resource = switch (section) {
            case CLUSTERS -> "cluster";
            case ROUTES -> "route_config";
            case ENDPOINTS -> "endpoint_config";
            default -> "";
        };
        boolean inParts = section == Section.ROUTES && !fields.isWhole();
        if (camel || resource.isEmpty() || (names.test() == null && !inParts)) {
            objects(parser, () -> item(section, name, resource(parser, camel, item)));
            return;
        }
        String nameField = section == Section.ENDPOINTS ? "cluster_name" : "name";
        Resource reader = inParts ? () -> lastPart(parser, name, fields) : () -> named(parser, fields, nameField);
        objects(parser, () -> {
            FieldMap found = element(parser, item, resource, reader);
            if (found != null) {
                item(section, name, Json.of(found));
            }
        });
    }

    /**
     * A route configuration of which not everything is wanted: it comes in parts of some virtual hosts, for one may hold those
     * of the whole mesh. Only the last part, which is returned, knows what the dump says after them (an error).
     */
    private @Nullable FieldMap lastPart(JsonParser parser, String list, Projection fields) throws IOException {
        FieldMap.Builder resource = new FieldMap.Builder();
        String name = null;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            JsonToken token = parser.nextToken();
            Projection wantedOfField = fields.field(field);
            if (token == JsonToken.VALUE_STRING && field.equals("name")) {
                name = parser.getText();
                if (names.excludes(name)) {
                    skipRest(parser);
                    return null;
                }
                put(resource, parser, field, wantedOfField);
            } else if (token == JsonToken.START_ARRAY
                    && field.equals("virtual_hosts")
                    && name != null
                    && wantedOfField != null) {
                resource.put(field, virtualHosts(parser, list, name, wantedOfField));
            } else {
                put(resource, parser, field, wantedOfField);
            }
        }
        return resource.build();
    }

    /** Hands out all parts but the last. */
    private ItemList virtualHosts(JsonParser parser, String list, String name, Projection host) throws IOException {
        ItemList.Builder part = new ItemList.Builder();
        int size = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (size == HOSTS_OF_A_PART) {
                Json config = Json.object("name", name, "virtual_hosts", Json.of(part.build()));
                item(Section.ROUTES, list, Json.object("route_config", config));
                part = new ItemList.Builder();
                size = 0;
            }
            part.add(JsonReader.value(parser, texts, host));
            size++;
        }
        return part.build();
    }

    /** An element, unless its resource has a name that is not wanted. */
    private @Nullable FieldMap element(JsonParser parser, Projection item, String resource, Resource reader)
            throws IOException {
        FieldMap.Builder element = new FieldMap.Builder();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            JsonToken token = parser.nextToken();
            if (field.equals(resource) && token == JsonToken.START_OBJECT) {
                FieldMap read = reader.read();
                if (read == null) {
                    skipRest(parser);
                    return null;
                }
                element.put(field, read);
            } else {
                put(element, parser, field, item.field(field));
            }
        }
        return element.build();
    }

    /** A resource, unless it has a name that is not wanted: names stand near the front. */
    private @Nullable FieldMap named(JsonParser parser, Projection fields, String nameField) throws IOException {
        FieldMap.Builder resource = new FieldMap.Builder();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            JsonToken token = parser.nextToken();
            if (token == JsonToken.VALUE_STRING && field.equals(nameField) && names.excludes(parser.getText())) {
                skipRest(parser);
                return null;
            }
            put(resource, parser, field, fields.field(field));
        }
        return resource.build();
    }

    private void put(FieldMap.Builder into, JsonParser parser, String field, @Nullable Projection wanted)
            throws IOException {
        if (wanted == null) {
            parser.skipChildren();
        } else {
            into.put(field, JsonReader.value(parser, texts, wanted));
        }
    }

    private static void skipRest(JsonParser parser) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            parser.nextToken();
            parser.skipChildren();
        }
    }

    /** The rest of an element that stands in the document by itself ({@code ?resource=}). */
    private void flat(JsonParser parser, String list) throws IOException {
        Section section = Section.ofList(list);
        if (section == null) {
            return;
        }
        sections.add(section);
        Projection fields = wanted.get(section);
        if (fields == null) {
            skipRest(parser);
            return;
        }
        Projection item = item(section, list, fields);
        FieldMap.Builder rest = new FieldMap.Builder();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            parser.nextToken();
            put(rest, parser, field, item.field(field));
        }
        item(section, list, Json.of(rest.build()));
    }

    /** What is wanted of an element whose resource is wanted so far: that, and what the dump says about it. */
    private static Projection item(Section section, String list, Projection fields) {
        if (fields.isWhole()) {
            return fields;
        }
        Projection about =
                Projection.of("name", "version_info", "last_updated", "error_state", "client_status", "details");
        return switch (section) {
            case CLUSTERS -> about.and(Projection.of(fields, "cluster"));
            case ENDPOINTS -> about.and(Projection.of(fields, "endpoint_config"));
            case ROUTES -> about.and(Projection.of(fields, "route_config"));
            case SECRETS -> about.and(Projection.of(fields, "secret"));
            case EXTENSIONS -> about.and(Projection.of(fields, "ecds_filter"));
            case LISTENERS -> {
                Projection own = about.and(Projection.of(fields, "listener"));
                yield list.equals("dynamic_listeners")
                        ? about.and(Projection.of(own, "active_state", "warming_state", "draining_state"))
                        : own;
            }
            case BOOTSTRAP -> fields;
        };
    }

    private void item(Section section, String list, Json item) {
        ResourceState state = list.startsWith("static_")
                ? ResourceState.STATIC
                : list.contains("_warming_")
                        ? ResourceState.WARMING
                        : list.contains("_draining_") ? ResourceState.DRAINING : ResourceState.ACTIVE;
        switch (section) {
            case CLUSTERS -> give(section, entry("", item.at("cluster"), state, item));
            case ROUTES -> give(section, entry("", item.at("route_config"), state, item));
            case EXTENSIONS -> give(section, entry("", item.at("ecds_filter"), state, item));
            case ENDPOINTS -> give(section, new Entry("", item.at("endpoint_config"), state, item));
            case SECRETS -> {
                Json about = SecretFields.drop(item);
                give(section, entry(item.at("name").text(""), about.at("secret"), state, about));
            }
            case LISTENERS -> {
                if (list.equals("dynamic_listeners")) {
                    listener(item);
                } else {
                    give(section, entry("", item.at("listener"), state, item));
                }
            }
            case BOOTSTRAP -> {}
        }
    }

    /** A resource that only exists as a refused version is that version; else the one in use, with the error beside it. */
    private static Entry entry(String name, Json resource, ResourceState state, Json about) {
        if (!resource.exists()) {
            return new Entry(name, refused(name, about), ResourceState.REJECTED, about);
        }
        return new Entry(name, resource, state, about);
    }

    private static Json refused(String name, Json about) {
        Json failed = about.at("error_state", "failed_configuration");
        return failed.exists() ? failed : Json.object("name", name);
    }

    private void listener(Json item) {
        String name = item.at("name").text("");
        boolean any = false;
        for (ResourceState state : List.of(ResourceState.ACTIVE, ResourceState.WARMING, ResourceState.DRAINING)) {
            Json held = item.at(state.name().toLowerCase(Locale.ROOT) + "_state");
            if (held.at("listener").exists()) {
                any = true;
                give(Section.LISTENERS, new Entry(name, held.at("listener"), state, held));
            }
        }
        if (item.at("error_state").exists()) {
            // Envoy lists a refused listener twice, the second time with its name in the refused version only.
            String refused =
                    item.at("error_state", "failed_configuration", "name").text(name);
            if (!refusedListeners.add(refused)) {
                return;
            }
            give(Section.LISTENERS, new Entry(name, refused(name, item), ResourceState.REJECTED, item));
        } else if (!any) {
            give(Section.LISTENERS, new Entry(name, Json.object("name", name), ResourceState.WARMING, item));
        }
    }
}
