package dev.meshdx.envoy;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.meshdx.annotation.Internal;
import dev.meshdx.envoy.internal.Names;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Json;
import dev.meshdx.model.internal.JsonReader;
import dev.meshdx.model.internal.Texts;
import dev.meshdx.source.PodRequest;
import dev.meshdx.source.Session;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything that one proxy received, from Envoy's {@code /config_dump?include_eds} (or, for endpoints alone, from
 * {@code /clusters?format=json}).
 *
 * <p>The document is read one resource at a time. One that is cut off gives what was read until then, and
 * {@link #problem()}. Field names may stand in Envoy's form or in lowerCamelCase, as istiod writes them. Source: Envoy,
 * {@code admin/v3/config_dump.proto}. Immutable; safe for use by several threads.
 */
public final class ConfigDump {
    /** A part of the document. */
    private enum Section {
        BOOTSTRAP("bootstrap"),
        CLUSTERS("clusters"),
        ENDPOINTS("endpoints"),
        LISTENERS("listeners"),
        ROUTES("routes"),
        SECRETS("secrets"),
        EXTENSIONS("extensions");

        private final String text;

        Section(String text) {
            this.text = text;
        }
    }

    /** The largest meshes have some ten thousand clusters; more than this is made to exhaust the memory. */
    private static final int MAX_RESOURCES = 1_000_000;

    private static final String REDACTED = "[redacted]";

    private final Json bootstrap;
    private final List<Cluster> clusters;
    private final List<Listener> listeners;
    private final List<RouteConfiguration> routes;
    private final List<Endpoint> endpoints;
    private final List<ProxySecret> secrets;
    private final List<ProxyExtension> extensions;
    private final Set<Section> sections;
    private final @Nullable Inconclusive problem;

    private ConfigDump(Reader reader) {
        this.bootstrap = reader.bootstrap;
        this.clusters = List.copyOf(reader.clusters);
        this.listeners = List.copyOf(reader.listeners);
        this.routes = List.copyOf(reader.routes);
        this.endpoints = List.copyOf(reader.endpoints);
        // Those that the proxy waits for come first, as in istioctl's table.
        List<ProxySecret> ordered = new ArrayList<>();
        reader.secrets.stream()
                .filter(secret -> secret.state() == ResourceState.WARMING)
                .forEach(ordered::add);
        reader.secrets.stream()
                .filter(secret -> secret.state() != ResourceState.WARMING)
                .forEach(ordered::add);
        this.secrets = List.copyOf(ordered);
        this.extensions = List.copyOf(reader.extensions);
        this.sections = Set.copyOf(reader.sections);
        this.problem = reader.problem;
    }

    /**
     * Reads a document, for example a file that somebody sent. The stream stays open.
     *
     * @throws MeshProtocolException if it is no config dump at all
     * @throws IOException if the stream cannot be read
     */
    public static ConfigDump parse(InputStream in) throws IOException {
        Reader reader = new Reader();
        reader.read(in);
        return new ConfigDump(reader);
    }

    /**
     * Asks a proxy, once a session. A document that ended early is a gap in the session, and the rest stands.
     *
     * @throws MeshException if the proxy cannot be asked
     */
    @Internal
    public static ConfigDump read(Session session, String namespace, String pod) {
        PodRequest request = request(namespace, pod);
        ConfigDump dump = session.fetch(request, ConfigDump::parse);
        dump.problem()
                .ifPresent(problem -> session.gap(Inconclusive.of(
                        problem.what(), request.podRef(), problem.reason(), problem.message(), problem.remedy())));
        return dump;
    }

    private static PodRequest request(String namespace, String pod) {
        return PodRequest.envoy(namespace, pod, "/config_dump?include_eds");
    }

    /** Lets go of what a session read from a proxy: the dumps of a whole mesh do not fit into the memory. */
    @Internal
    public static void release(Session session, String namespace, String pod) {
        session.forget(request(namespace, pod));
        session.forget(EnvoyProxy.statusRequest(namespace, pod));
    }

    /** Why the document is not complete, where it is not. */
    public Optional<Inconclusive> problem() {
        return Optional.ofNullable(problem);
    }

    /**
     * Whether all that decides about the way of a request was read. Envoy writes the secrets last: where they begin, the rest
     * is whole. Source: Envoy, {@code admin/v3/config_dump.proto}, order of {@code configs}.
     */
    @Internal
    public boolean isWholeForRouting() {
        return sections.contains(Section.LISTENERS) && (problem == null || sections.contains(Section.SECRETS));
    }

    /** What the proxy was started with. */
    public Bootstrap bootstrap() {
        return new Bootstrap(bootstrap, gaps(Section.BOOTSTRAP));
    }

    /** Its clusters. */
    public Clusters clusters() {
        return new Clusters(clusters, trail(Section.CLUSTERS));
    }

    /** Its listeners. */
    public Listeners listeners() {
        return new Listeners(listeners, trail(Section.LISTENERS));
    }

    /** Its route configurations. */
    public Routes routes() {
        return new Routes(routes, trail(Section.ROUTES));
    }

    /** The hosts that it was sent (EDS), or that {@code /clusters} listed if that was read. */
    public Endpoints endpoints() {
        return new Endpoints(endpoints, trail(Section.ENDPOINTS));
    }

    /**
     * Its secrets.
     *
     * @param at the time at which validity is judged
     */
    public Secrets secrets(Instant at) {
        return new Secrets(secrets, trail(Section.SECRETS), at);
    }

    /** The filters that are delivered by themselves. */
    public Extensions extensions() {
        return new Extensions(extensions, trail(Section.EXTENSIONS));
    }

    private EnvoyResources.Trail trail(Section section) {
        return EnvoyResources.Trail.of(gaps(section));
    }

    private List<Inconclusive> gaps(Section section) {
        List<Inconclusive> gaps = new ArrayList<>();
        if (problem != null) {
            gaps.add(problem);
        }
        if (!sections.contains(section)) {
            gaps.add(Inconclusive.of(
                    section.text,
                    null,
                    Reason.NOT_RECORDED,
                    "The document has no section with " + section.text + ".",
                    "Ask the proxy for the whole /config_dump?include_eds."));
        }
        return gaps;
    }

    /** One line. */
    @Override
    public String toString() {
        return "ConfigDump[" + clusters.size() + " clusters, " + listeners.size() + " listeners, " + routes.size()
                + " route configurations, " + endpoints.size() + " endpoints, " + secrets.size() + " secrets"
                + (problem == null ? "" : ", incomplete: " + problem.message()) + "]";
    }

    /** Goes through the document once. */
    private static final class Reader {
        private Json bootstrap = Json.MISSING;
        private final List<Cluster> clusters = new ArrayList<>();
        private final List<Listener> listeners = new ArrayList<>();
        private final List<RouteConfiguration> routes = new ArrayList<>();
        private final List<Endpoint> endpoints = new ArrayList<>();
        private final List<ProxySecret> secrets = new ArrayList<>();
        private final List<ProxyExtension> extensions = new ArrayList<>();
        private final Set<Section> sections = EnumSet.noneOf(Section.class);
        private final Texts texts = new Texts();
        private @Nullable Inconclusive problem;
        private boolean recognised;
        private int resources;

        void read(InputStream in) throws IOException {
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
                        "Expected an Envoy config dump with \"configs\", but the document has none.");
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
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = Names.snake(parser.currentName());
                boolean camel = !name.equals(parser.currentName());
                JsonToken token = parser.nextToken();
                if (name.equals("configs") && token == JsonToken.START_ARRAY) {
                    recognised = true;
                    items(parser, () -> dump(parser));
                } else if (name.equals("cluster_statuses") && token == JsonToken.START_ARRAY) {
                    recognised = true;
                    sections.add(Section.ENDPOINTS);
                    items(parser, () -> status(resource(parser, camel)));
                } else {
                    parser.skipChildren();
                }
            }
        }

        @FunctionalInterface
        private interface Item {
            void read() throws IOException;
        }

        /** The objects of an array; what else stands there is nothing that Envoy writes, and is told. */
        private void items(JsonParser parser, Item item) throws IOException {
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

        private Json resource(JsonParser parser, boolean camel) throws IOException {
            Json resource = Json.of(JsonReader.value(parser, texts));
            return camel ? Names.snake(resource) : resource;
        }

        /** One element of {@code configs}; the names of its fields tell what it is, wherever its type stands. */
        private void dump(JsonParser parser) throws IOException {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = Names.snake(parser.currentName());
                boolean camel = !name.equals(parser.currentName());
                JsonToken token = parser.nextToken();
                if (name.equals("@type")) {
                    section(parser.getText());
                } else if (name.equals("bootstrap")) {
                    sections.add(Section.BOOTSTRAP);
                    bootstrap = withoutKeys(resource(parser, true));
                } else if (token == JsonToken.START_ARRAY) {
                    while (parser.nextToken() != JsonToken.END_ARRAY) {
                        if (parser.currentToken() == JsonToken.START_OBJECT && isKnown(name)) {
                            count();
                            item(name, resource(parser, camel));
                        } else {
                            parser.skipChildren();
                        }
                    }
                } else {
                    parser.skipChildren();
                }
            }
        }

        private void section(String type) {
            switch (type.substring(type.lastIndexOf('.') + 1)) {
                case "BootstrapConfigDump" -> sections.add(Section.BOOTSTRAP);
                case "ClustersConfigDump" -> sections.add(Section.CLUSTERS);
                case "EndpointsConfigDump" -> sections.add(Section.ENDPOINTS);
                case "ListenersConfigDump" -> sections.add(Section.LISTENERS);
                case "RoutesConfigDump" -> sections.add(Section.ROUTES);
                case "SecretsConfigDump" -> sections.add(Section.SECRETS);
                case "EcdsConfigDump" -> sections.add(Section.EXTENSIONS);
                default -> {}
            }
        }

        private static boolean isKnown(String name) {
            return switch (name) {
                case "static_clusters",
                        "dynamic_active_clusters",
                        "dynamic_warming_clusters",
                        "static_listeners",
                        "dynamic_listeners",
                        "static_route_configs",
                        "dynamic_route_configs",
                        "static_endpoint_configs",
                        "dynamic_endpoint_configs",
                        "static_secrets",
                        "dynamic_active_secrets",
                        "dynamic_warming_secrets",
                        "ecds_filters" -> true;
                default -> false;
            };
        }

        private void item(String list, Json item) {
            switch (list) {
                case "static_clusters" -> cluster(item, ResourceState.STATIC);
                case "dynamic_active_clusters" -> cluster(item, ResourceState.ACTIVE);
                case "dynamic_warming_clusters" -> cluster(item, ResourceState.WARMING);
                case "static_listeners" -> {
                    sections.add(Section.LISTENERS);
                    listeners.add(new Listener(entry("", item.at("listener"), ResourceState.STATIC, item)));
                }
                case "dynamic_listeners" -> listener(item);
                case "static_route_configs" -> route(item, ResourceState.STATIC);
                case "dynamic_route_configs" -> route(item, ResourceState.ACTIVE);
                case "static_endpoint_configs", "dynamic_endpoint_configs" -> assignment(item.at("endpoint_config"));
                case "static_secrets" -> secret(item, ResourceState.STATIC);
                case "dynamic_active_secrets" -> secret(item, ResourceState.ACTIVE);
                case "dynamic_warming_secrets" -> secret(item, ResourceState.WARMING);
                case "ecds_filters" -> {
                    sections.add(Section.EXTENSIONS);
                    extensions.add(new ProxyExtension(entry("", item.at("ecds_filter"), ResourceState.ACTIVE, item)));
                }
                default -> {}
            }
        }

        /** A resource that only exists as a refused version is that version; else the one in use, with the error beside it. */
        private static Entry entry(String name, Json resource, ResourceState state, Json about) {
            Json failed = about.at("error_state", "failed_configuration");
            if (!resource.exists()) {
                return new Entry(
                        name, failed.exists() ? failed : Json.object("name", name), ResourceState.REJECTED, about);
            }
            return new Entry(name, resource, state, about);
        }

        private void cluster(Json item, ResourceState state) {
            sections.add(Section.CLUSTERS);
            clusters.add(new Cluster(entry("", item.at("cluster"), state, item)));
        }

        private void listener(Json item) {
            sections.add(Section.LISTENERS);
            String name = item.at("name").text("");
            boolean any = false;
            for (ResourceState state : List.of(ResourceState.ACTIVE, ResourceState.WARMING, ResourceState.DRAINING)) {
                Json held = item.at(state.name().toLowerCase(java.util.Locale.ROOT) + "_state");
                if (held.at("listener").exists()) {
                    any = true;
                    listeners.add(new Listener(new Entry(name, held.at("listener"), state, held)));
                }
            }
            Json error = item.at("error_state");
            if (error.exists()) {
                Json failed = error.at("failed_configuration");
                listeners.add(new Listener(new Entry(
                        name, failed.exists() ? failed : Json.object("name", name), ResourceState.REJECTED, item)));
            } else if (!any) {
                listeners.add(new Listener(new Entry(name, Json.object("name", name), ResourceState.WARMING, item)));
            }
        }

        private void route(Json item, ResourceState state) {
            sections.add(Section.ROUTES);
            routes.add(new RouteConfiguration(entry("", item.at("route_config"), state, item)));
        }

        private void assignment(Json assignment) {
            sections.add(Section.ENDPOINTS);
            String cluster = assignment.at("cluster_name").text("");
            for (Json group : assignment.at("endpoints").items()) {
                for (Json endpoint : group.at("lb_endpoints").items()) {
                    endpoints.add(Endpoint.ofAssignment(cluster, endpoint, group));
                }
            }
        }

        private void status(Json cluster) {
            for (Json host : cluster.at("host_statuses").items()) {
                endpoints.add(Endpoint.ofStatus(cluster.at("name").text(""), host));
            }
        }

        private void secret(Json item, ResourceState state) {
            sections.add(Section.SECRETS);
            Json secret = withoutKeys(item.at("secret"));
            Json about = withoutKeys(item);
            secrets.addAll(ProxySecret.of(entry(item.at("name").text(""), secret, state, about)));
        }

        /** Drops what could be a key or a password, redacted or not. */
        private static Json withoutKeys(Json value) {
            if (value.isObject()) {
                Map<String, @Nullable Object> kept = new LinkedHashMap<>();
                value.forEachField((name, item) -> {
                    boolean secret = name.equals("private_key")
                            || name.equals("private_key_provider")
                            || name.equals("password")
                            || name.equals("generic_secret")
                            || name.equals("session_ticket_keys")
                            || name.equals("pkcs12");
                    if (!secret) {
                        kept.put(name, withoutKeys(item));
                    }
                });
                return Json.object(pairs(kept));
            }
            if (value.isArray()) {
                return Json.array(
                        value.items().stream().map(Reader::withoutKeys).toList());
            }
            return value.text("").equals(REDACTED) ? Json.NULL : value;
        }

        private static @Nullable Object[] pairs(Map<String, @Nullable Object> map) {
            List<@Nullable Object> pairs = new ArrayList<>();
            map.forEach((name, item) -> {
                pairs.add(name);
                pairs.add(item);
            });
            return pairs.toArray();
        }
    }
}
