package dev.meshdx.testkit.internal;

import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Which groups, versions and kinds are served: plain, and aggregated in one document where the client takes that.
 *
 * <p>Source: Kubernetes, "Kubernetes API: Discovery API".
 */
final class Discovery {
    private static final List<String> VERBS =
            List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");
    private static final String AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=%s;as=APIGroupDiscoveryList";

    private final ClusterState state;
    private final HttpRequest request;

    Discovery(ClusterState state, HttpRequest request) {
        this.state = state;
        this.request = request;
    }

    HttpResponse core() {
        Optional<String> aggregated = aggregated();
        if (aggregated.isPresent()) {
            return aggregate(aggregated.get(), List.of(""));
        }
        return HttpResponse.json(
                200,
                Json.object(
                        "kind",
                        "APIVersions",
                        "versions",
                        List.of("v1"),
                        "serverAddressByClientCIDRs",
                        List.of(Json.object("clientCIDR", "0.0.0.0/0", "serverAddress", "127.0.0.1:443"))));
    }

    HttpResponse groups() {
        List<String> names = groupNames();
        Optional<String> aggregated = aggregated();
        if (aggregated.isPresent()) {
            return aggregate(aggregated.get(), names);
        }
        return HttpResponse.json(
                200,
                Json.object(
                        "kind",
                        "APIGroupList",
                        "apiVersion",
                        "v1",
                        "groups",
                        names.stream().map(this::describe).toList()));
    }

    Optional<HttpResponse> group(String group) {
        if (!groupNames().contains(group)) {
            return Optional.empty();
        }
        List<@Nullable Object> fields = new ArrayList<>(List.of("kind", "APIGroup", "apiVersion", "v1"));
        describe(group).forEachField((name, value) -> {
            fields.add(name);
            fields.add(value);
        });
        return Optional.of(HttpResponse.json(200, Json.object(fields.toArray())));
    }

    Optional<HttpResponse> resources(String group, String version) {
        if (!versions(group).contains(version)) {
            return Optional.empty();
        }
        List<Json> resources = new ArrayList<>();
        for (ServedKind served : kinds(group, version)) {
            ResourceKind kind = served.kind();
            resources.add(Json.object(
                    "name",
                    kind.plural(),
                    "singularName",
                    served.singular(),
                    "namespaced",
                    kind.namespaced(),
                    "kind",
                    kind.kind(),
                    "verbs",
                    VERBS,
                    "shortNames",
                    served.shortNames().isEmpty() ? null : served.shortNames(),
                    "categories",
                    served.categories().isEmpty() ? null : served.categories()));
            for (String sub : subresources(kind)) {
                resources.add(Json.object(
                        "name",
                        kind.plural() + "/" + sub,
                        "singularName",
                        "",
                        "namespaced",
                        kind.namespaced(),
                        "kind",
                        sub.equals("portforward") ? "PodPortForwardOptions" : kind.kind(),
                        "verbs",
                        verbs(sub)));
            }
        }
        return Optional.of(HttpResponse.json(
                200,
                Json.object(
                        "kind",
                        "APIResourceList",
                        "apiVersion",
                        "v1",
                        "groupVersion",
                        group.isEmpty() ? version : group + "/" + version,
                        "resources",
                        resources)));
    }

    /** The parts of objects that have an address of their own. */
    static List<String> subresources(ResourceKind kind) {
        return kind.equals(ResourceKind.POD) ? List.of("log", "portforward", "status") : List.of("status");
    }

    private static List<String> verbs(String subresource) {
        return switch (subresource) {
            case "log" -> List.of("get");
            case "portforward" -> List.of("create", "get");
            default -> List.of("get", "patch", "update");
        };
    }

    private List<String> groupNames() {
        Set<String> names = new TreeSet<>(List.of("authentication.k8s.io", "authorization.k8s.io"));
        state.kinds().forEach(served -> names.add(served.kind().group()));
        names.remove("");
        return List.copyOf(names);
    }

    private List<String> versions(String group) {
        Set<String> versions = new LinkedHashSet<>();
        for (ServedKind served : state.kinds()) {
            if (served.kind().group().equals(group)) {
                versions.addAll(served.versions());
            }
        }
        if (group.equals("authentication.k8s.io") || group.equals("authorization.k8s.io")) {
            versions.add("v1");
        }
        List<String> sorted = new ArrayList<>(versions);
        sorted.sort((a, b) -> Integer.compare(rank(a), rank(b)));
        return sorted;
    }

    private static int rank(String version) {
        return version.contains("alpha") ? 2 : version.contains("beta") ? 1 : 0;
    }

    private List<ServedKind> kinds(String group, String version) {
        List<ServedKind> kinds = new ArrayList<>(state.kinds().stream()
                .filter(served ->
                        served.kind().group().equals(group) && served.versions().contains(version))
                .toList());
        kinds.addAll(Reviews.kinds(group));
        return kinds;
    }

    private Json describe(String group) {
        List<Json> versions = versions(group).stream()
                .map(version -> Json.object("groupVersion", group + "/" + version, "version", version))
                .toList();
        return Json.object("name", group, "versions", versions, "preferredVersion", versions.get(0));
    }

    /** The version of the aggregated form that the client takes; empty for the plain form. */
    private Optional<String> aggregated() {
        for (String accepted : request.headerItems("accept")) {
            if (accepted.contains("as=APIGroupDiscoveryList")) {
                return Optional.of(accepted.contains("v=v2beta1") ? "v2beta1" : "v2");
            }
        }
        return Optional.empty();
    }

    private HttpResponse aggregate(String version, List<String> groups) {
        List<Json> items = new ArrayList<>();
        for (String group : groups) {
            List<Json> versions = new ArrayList<>();
            for (String served : versions(group)) {
                versions.add(Json.object(
                        "version",
                        served,
                        "freshness",
                        "Current",
                        "resources",
                        kinds(group, served).stream()
                                .map(kind -> aggregated(kind, served))
                                .toList()));
            }
            items.add(
                    Json.object("metadata", Json.object("name", group.isEmpty() ? null : group), "versions", versions));
        }
        Json list = Json.object(
                "kind",
                "APIGroupDiscoveryList",
                "apiVersion",
                "apidiscovery.k8s.io/" + version,
                "metadata",
                Json.object(),
                "items",
                items);
        return HttpResponse.of(200, AGGREGATED.formatted(version), ByteString.encodeUtf8(list.toString()));
    }

    private static Json aggregated(ServedKind served, String version) {
        ResourceKind kind = served.kind();
        Json responseKind = Json.object("group", kind.group(), "version", version, "kind", kind.kind());
        return Json.object(
                "resource",
                kind.plural(),
                "responseKind",
                responseKind,
                "scope",
                kind.namespaced() ? "Namespaced" : "Cluster",
                "singularResource",
                served.singular(),
                "verbs",
                VERBS,
                "shortNames",
                served.shortNames().isEmpty() ? null : served.shortNames(),
                "categories",
                served.categories().isEmpty() ? null : served.categories(),
                "subresources",
                subresources(kind).stream()
                        .map(sub -> Json.object("subresource", sub, "responseKind", responseKind, "verbs", verbs(sub)))
                        .toList());
    }
}
