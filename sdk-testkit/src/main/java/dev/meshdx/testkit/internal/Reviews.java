package dev.meshdx.testkit.internal;

import dev.meshdx.error.MeshException;
import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import okio.ByteString;

/** "May I?" and "who am I?". Source: Kubernetes, "Authorization: checking API access". */
final class Reviews {
    private static final List<String> VERBS =
            List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");

    private final ClusterState state;
    private final Access access;

    Reviews(ClusterState state, Access access) {
        this.state = state;
        this.access = access;
    }

    /** The kinds that can be asked, for discovery. */
    static List<ServedKind> kinds(String group) {
        return switch (group) {
            case "authorization.k8s.io" ->
                Stream.of("SelfSubjectAccessReview", "SelfSubjectRulesReview")
                        .map(kind -> kind(group, kind))
                        .toList();
            case "authentication.k8s.io" -> List.of(kind(group, "SelfSubjectReview"));
            default -> List.of();
        };
    }

    private static ServedKind kind(String group, String kind) {
        return ServedKind.known(
                new ResourceKind(group, "v1", kind.toLowerCase(java.util.Locale.ROOT) + "s", kind, false));
    }

    /** The answer; empty where the question is not known. */
    Optional<HttpResponse> answer(Access.User user, String group, String version, String plural, HttpRequest request) {
        Json spec;
        try {
            spec = Protobuf.isEnvelope(request.body())
                    ? protobufSpec(plural, Protobuf.content(request.body()))
                    : Json.parse(request.body().utf8()).at("spec");
        } catch (MeshException | IllegalArgumentException e) {
            return Optional.of(Statuses.of(400, "the body is neither JSON nor protobuf", null));
        }
        return switch (plural) {
            case "selfsubjectaccessreviews" ->
                Optional.of(created(group, version, "SelfSubjectAccessReview", spec, access(user, spec)));
            case "selfsubjectrulesreviews" ->
                Optional.of(created(
                        group,
                        version,
                        "SelfSubjectRulesReview",
                        spec,
                        rules(user, spec.at("namespace").text("default"))));
            case "selfsubjectreviews" ->
                Optional.of(created(
                        group,
                        version,
                        "SelfSubjectReview",
                        Json.MISSING,
                        Json.object("userInfo", Json.object("username", user.name(), "groups", user.groups()))));
            default -> Optional.empty();
        };
    }

    /** kubectl asks these questions in protobuf. Source: Kubernetes, {@code authorization/v1/generated.proto}. */
    private static Json protobufSpec(String plural, ByteString message) {
        ByteString spec = Protobuf.field(message, 2);
        if (!plural.equals("selfsubjectaccessreviews")) {
            return Json.object("namespace", Protobuf.field(spec, 1).utf8());
        }
        ByteString resource = Protobuf.field(spec, 1);
        if (resource.size() == 0) {
            ByteString path = Protobuf.field(spec, 2);
            return Json.object(
                    "nonResourceAttributes",
                    Json.object(
                            "path", Protobuf.field(path, 1).utf8(),
                            "verb", Protobuf.field(path, 2).utf8()));
        }
        return Json.object(
                "resourceAttributes",
                Json.object(
                        "namespace", Protobuf.field(resource, 1).utf8(),
                        "verb", Protobuf.field(resource, 2).utf8(),
                        "group", Protobuf.field(resource, 3).utf8(),
                        "version", Protobuf.field(resource, 4).utf8(),
                        "resource", Protobuf.field(resource, 5).utf8(),
                        "subresource", Protobuf.field(resource, 6).utf8(),
                        "name", Protobuf.field(resource, 7).utf8()));
    }

    private static HttpResponse created(String group, String version, String kind, Json spec, Json status) {
        return HttpResponse.json(
                201,
                Json.object(
                        "kind",
                        kind,
                        "apiVersion",
                        group + "/" + version,
                        "metadata",
                        Json.object("creationTimestamp", Json.NULL),
                        "spec",
                        spec.exists() ? spec : null,
                        "status",
                        status));
    }

    private Json access(Access.User user, Json spec) {
        Json resource = spec.at("resourceAttributes");
        boolean allowed;
        if (resource.exists()) {
            String sub = resource.at("subresource").text("");
            allowed = access.allows(
                    user,
                    new Access.Request(
                            resource.at("verb").text(""),
                            resource.at("group").text(""),
                            resource.at("resource").text("") + (sub.isEmpty() ? "" : "/" + sub),
                            resource.at("namespace").text(""),
                            resource.at("name").text("")));
        } else {
            allowed = !user.isAnonymous();
        }
        return Json.object("allowed", allowed);
    }

    private Json rules(Access.User user, String namespace) {
        List<Json> rules = new ArrayList<>();
        if (!access.isRestricted(user)) {
            rules.add(Json.object("verbs", List.of("*"), "apiGroups", List.of("*"), "resources", List.of("*")));
        } else {
            // One rule for all resources of a group that have the same verbs.
            Map<String, Map<List<String>, List<String>>> byGroup = new TreeMap<>();
            for (ServedKind served : state.kinds()) {
                ResourceKind kind = served.kind();
                List<String> names = new ArrayList<>(List.of(kind.plural()));
                Discovery.subresources(kind).forEach(sub -> names.add(kind.plural() + "/" + sub));
                for (String name : names) {
                    String scope = kind.namespaced() ? namespace : "";
                    List<String> verbs = VERBS.stream()
                            .filter(verb ->
                                    access.allows(user, new Access.Request(verb, kind.group(), name, scope, "")))
                            .toList();
                    if (!verbs.isEmpty()) {
                        byGroup.computeIfAbsent(kind.group(), group -> new LinkedHashMap<>())
                                .computeIfAbsent(verbs, any -> new ArrayList<>())
                                .add(name);
                    }
                }
            }
            byGroup.forEach((group, byVerbs) -> byVerbs.forEach((verbs, names) ->
                    rules.add(Json.object("verbs", verbs, "apiGroups", List.of(group), "resources", names))));
        }
        return Json.object(
                "resourceRules",
                rules,
                "nonResourceRules",
                List.of(Json.object("verbs", List.of("get"), "nonResourceURLs", List.of("*"))),
                "incomplete",
                false);
    }
}
