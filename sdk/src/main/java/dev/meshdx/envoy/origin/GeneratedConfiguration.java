package dev.meshdx.envoy.origin;

import dev.meshdx.envoy.Cluster;
import dev.meshdx.envoy.Endpoint;
import dev.meshdx.envoy.FilterChain;
import dev.meshdx.envoy.Listener;
import dev.meshdx.envoy.Route;
import dev.meshdx.envoy.RouteConfiguration;
import dev.meshdx.envoy.VirtualHost;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.TextTable;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What a resource turned into on one proxy, each with its state, and where that is nothing or not all, the likely reasons.
 * Immutable.
 *
 * <p>Istio writes a resource's name into the metadata of the clusters, routes and filter chains that it makes of
 * DestinationRules and VirtualServices; where it writes none, names, ports and hosts tell, and {@link GeneratedObject#link()}
 * says so. Source: Istio, {@code pilot/pkg/networking/util/util.go}, {@code BuildConfigInfoMetadata}.
 */
public final class GeneratedConfiguration {
    private final ResourceRef resource;
    private final ResourceRef pod;
    private final List<GeneratedObject> objects;
    private final List<Obstacle> reasons;
    private final List<Inconclusive> inconclusive;

    GeneratedConfiguration(
            ResourceRef resource,
            ResourceRef pod,
            List<GeneratedObject> objects,
            List<Obstacle> reasons,
            List<Inconclusive> inconclusive) {
        this.resource = resource;
        this.pod = pod;
        this.objects = List.copyOf(objects);
        this.reasons = List.copyOf(reasons);
        this.inconclusive = List.copyOf(inconclusive);
    }

    /** The resource. */
    public ResourceRef resource() {
        return resource;
    }

    /** Whose proxy was asked. */
    public ResourceRef pod() {
        return pod;
    }

    /** Whether nothing on the proxy came from it. */
    public boolean isEmpty() {
        return objects.stream().allMatch(object -> object.link() == GeneratedObject.Link.USE);
    }

    /** Everything that came from it, and what uses that: clusters, endpoints, listeners, routes. */
    public List<GeneratedObject> objects() {
        return objects;
    }

    /** Those of one type. */
    public List<GeneratedObject> objects(GeneratedObject.Type type) {
        return objects.stream().filter(object -> object.type() == type).toList();
    }

    /** The clusters among them. */
    public List<Cluster> clusters() {
        return views(Cluster.class);
    }

    /** The hosts of those clusters, as the proxy was sent them. */
    public List<Endpoint> endpoints() {
        return views(Endpoint.class);
    }

    /** The listeners among them. */
    public List<Listener> listeners() {
        return views(Listener.class);
    }

    /** The filter chains among them. */
    public List<FilterChain> filterChains() {
        return views(FilterChain.class);
    }

    /** The route configurations among them. */
    public List<RouteConfiguration> routeConfigurations() {
        return views(RouteConfiguration.class);
    }

    /** The virtual hosts among them. */
    public List<VirtualHost> virtualHosts() {
        return views(VirtualHost.class);
    }

    /** The routes among them. */
    public List<Route> routes() {
        return views(Route.class);
    }

    private <T> List<T> views(Class<T> type) {
        return objects.stream()
                .map(GeneratedObject::view)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    /** Why there is nothing, or not all; the likeliest first. Empty where there is nothing to explain. */
    public List<Obstacle> reasons() {
        return reasons;
    }

    /** What could not be read. */
    public List<Inconclusive> inconclusive() {
        return inconclusive;
    }

    /** How many of which type, in one line. */
    public String summary() {
        Map<GeneratedObject.Type, Integer> counts = new EnumMap<>(GeneratedObject.Type.class);
        objects.stream()
                .filter(object -> object.link() != GeneratedObject.Link.USE)
                .forEach(object -> counts.merge(object.type(), 1, Integer::sum));
        List<String> parts = new ArrayList<>();
        counts.forEach((type, count) -> parts.add(count + " " + (count == 1 ? type : plural(type))));
        return resource + " on the proxy of " + pod.qualifiedName() + ": "
                + (parts.isEmpty() ? "nothing" : String.join(", ", parts));
    }

    private static String plural(GeneratedObject.Type type) {
        return type == GeneratedObject.Type.RBAC_POLICY ? "RBAC policies" : type + "s";
    }

    /** The whole answer for people: the objects as a table, then the reasons. */
    public String table() {
        StringBuilder out = new StringBuilder(summary()).append('\n');
        if (!objects.isEmpty()) {
            out.append('\n').append(rows().whole());
        }
        if (!reasons.isEmpty()) {
            out.append(isEmpty() ? "\nWhy nothing:\n" : "\nWhy not more:\n");
            reasons.forEach(reason -> out.append("  ").append(reason).append('\n'));
        }
        return out.toString();
    }

    private TextTable rows() {
        TextTable table = new TextTable("TYPE", "NAME", "IN", "STATE", "KNOWN", "WHAT");
        for (GeneratedObject object : objects) {
            table.row(
                    object.type().toString(),
                    object.name(),
                    object.in().isEmpty() ? "-" : object.in(),
                    object.state().toString(),
                    object.link().toString(),
                    object.error().map(error -> "refused: " + error).orElse(object.summary()));
        }
        return table;
    }

    /** The counts, the reasons, and as many objects as fit on a screen. */
    @Override
    public String toString() {
        List<String> lines = new ArrayList<>();
        reasons.forEach(reason -> lines.add("because: " + reason));
        objects.forEach(object -> lines.add(object.toString()));
        return TextTable.list(summary(), lines, "lines");
    }
}
