package dev.meshdx.testkit.internal;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.testkit.Fault;
import dev.meshdx.testkit.RecordedRequest;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * What the API server answers. In the order of the real one: who is it (401), may they (403), is there such a thing (404).
 *
 * <p>Source: Kubernetes, "API Concepts", and the texts of {@code apiserver} and {@code apimachinery}.
 */
final class Api {
    private static final String CHANNELS = "v4.channel.k8s.io";
    private static final String SPDY_TUNNEL = "SPDY/3.1+portforward.k8s.io";
    private static final String PORT_FORWARD = "portforward.k8s.io";
    private static final Set<String> OPEN_PATHS = Set.of("/version", "/healthz", "/livez", "/readyz");
    private static final List<String> POD_FIELDS = List.of(
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.podIPs",
            "status.nominatedNodeName");
    private static final List<String> EVENT_FIELDS = List.of(
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type");

    /** Fields besides name and namespace. Source: Kubernetes, {@code pkg/apis/*}{@code /v1/conversion.go}. */
    private static final Map<String, List<String>> FIELDS = Map.of(
            "pods", POD_FIELDS,
            "events", EVENT_FIELDS,
            "events.events.k8s.io", EVENT_FIELDS,
            "secrets", List.of("type"),
            "nodes", List.of("spec.unschedulable"),
            "namespaces", List.of("status.phase"),
            "services", List.of("spec.clusterIP", "spec.type"),
            "replicasets.apps", List.of("status.replicas"),
            "replicationcontrollers", List.of("status.replicas"),
            "jobs.batch", List.of("status.successful"));

    private final ClusterState state;
    private final Access access;
    private final PodPorts pods;
    private final ExecutorService executor;
    private final Faults faults = new Faults();
    private final AtomicInteger epoch = new AtomicInteger();
    private final Queue<RecordedRequest> requests = new ConcurrentLinkedQueue<>();
    private final Queue<RecordedRequest> unexpected = new ConcurrentLinkedQueue<>();

    /** A request on its way: what it is about becomes known step by step. */
    private static final class Call {
        private final HttpRequest request;
        private String user = "";
        private String verb;
        private String group = "";
        private String resource = "";
        private String namespace = "";
        private String name = "";
        private boolean unexpected;

        Call(HttpRequest request) {
            this.request = request;
            this.verb = request.method().toLowerCase(java.util.Locale.ROOT);
        }

        RecordedRequest recorded(int status) {
            return new RecordedRequest(
                    request.method(), request.target(), user, verb, group, resource, namespace, name, status);
        }

        Access.Request access() {
            return new Access.Request(verb, group, resource, namespace, name);
        }
    }

    Api(ClusterState state, Access access, PodPorts pods, ExecutorService executor) {
        this.state = state;
        this.access = access;
        this.pods = pods;
        this.executor = executor;
    }

    Faults faults() {
        return faults;
    }

    List<RecordedRequest> requests() {
        return List.copyOf(requests);
    }

    List<RecordedRequest> unexpected() {
        return List.copyOf(unexpected);
    }

    void forgetRequests() {
        requests.clear();
        unexpected.clear();
    }

    /** From now on the continue tokens that were given out are too old. */
    void expireContinueTokens() {
        epoch.incrementAndGet();
    }

    HttpResponse answer(HttpRequest request, @Nullable X509Certificate certificate) {
        Call call = new Call(request);
        Optional<Fault> fault = faults.next(request.target());
        HttpResponse response = fault.isPresent() && fault.get().kind() == Fault.Kind.ANSWER
                ? faulty(fault.get())
                : judged(call, certificate);
        response = response.with(fault.orElse(null));
        RecordedRequest recorded = call.recorded(ApiServer.statusOf(response));
        requests.add(recorded);
        if (call.unexpected) {
            unexpected.add(recorded);
        }
        return response;
    }

    private static HttpResponse faulty(Fault fault) {
        HttpResponse response = fault.body()
                .map(body -> HttpResponse.of(fault.status(), fault.contentType(), ByteString.encodeUtf8(body)))
                .orElseGet(() -> Statuses.of(fault.status()));
        return fault.retryAfter()
                .map(time -> response.with("Retry-After", String.valueOf((time.toMillis() + 999) / 1000)))
                .orElse(response);
    }

    private HttpResponse judged(Call call, @Nullable X509Certificate certificate) {
        Optional<Access.User> authenticated = access.authenticate(call.request, certificate);
        if (authenticated.isEmpty()) {
            return Statuses.of(401);
        }
        Access.User user = authenticated.get();
        Optional<Access.User> impersonated = access.impersonated(call.request);
        if (impersonated.isPresent()) {
            call.user = user.name();
            Access.Request impersonate = new Access.Request(
                    "impersonate", "", "users", "", impersonated.get().name());
            if (!access.allows(user, impersonate)) {
                return forbidden(user, impersonate);
            }
            user = impersonated.get();
        }
        call.user = user.name();
        return route(call, user);
    }

    private HttpResponse route(Call call, Access.User user) {
        String path = call.request.path();
        List<String> parts = Arrays.stream(path.split("/", -1))
                .filter(part -> !part.isEmpty())
                .toList();
        boolean core = parts.size() >= 2 && parts.get(0).equals("api");
        boolean grouped = parts.size() >= 3 && parts.get(0).equals("apis");
        if (core && parts.size() > 2) {
            return resource(call, user, "", parts.get(1), parts.subList(2, parts.size()));
        }
        if (grouped && parts.size() > 3) {
            return resource(call, user, parts.get(1), parts.get(2), parts.subList(3, parts.size()));
        }
        if (!OPEN_PATHS.contains(path) && !permitted(user, call, path)) {
            return HttpResponse.json(
                    403,
                    Json.object(
                            "kind",
                            "Status",
                            "apiVersion",
                            "v1",
                            "metadata",
                            Json.object(),
                            "status",
                            "Failure",
                            "message",
                            "forbidden: User \"" + user.name() + "\" cannot " + call.verb + " path \"" + path + "\"",
                            "reason",
                            "Forbidden",
                            "details",
                            Json.object(),
                            "code",
                            403));
        }
        if (!call.request.method().equals("GET") && !call.request.method().equals("HEAD")) {
            call.unexpected = true;
            return Statuses.of(405);
        }
        Discovery discovery = new Discovery(state, call.request);
        Optional<HttpResponse> found = switch (path) {
            case "/version", "/version/" -> Optional.of(HttpResponse.json(200, state.version()));
            case "/healthz", "/livez", "/readyz" -> Optional.of(HttpResponse.text(200, "ok"));
            case "/api", "/api/" -> Optional.of(discovery.core());
            case "/apis", "/apis/" -> Optional.of(discovery.groups());
            default ->
                core
                        ? discovery.resources("", parts.get(1))
                        : grouped
                                ? discovery.resources(parts.get(1), parts.get(2))
                                : parts.size() == 2 && parts.get(0).equals("apis")
                                        ? discovery.group(parts.get(1))
                                        : Optional.empty();
        };
        if (found.isEmpty()) {
            boolean harmless = path.startsWith("/openapi/")
                    || path.startsWith("/healthz/")
                    || path.startsWith("/readyz/")
                    || path.startsWith("/livez/")
                    || (!parts.isEmpty() && parts.get(0).equals("apis"));
            call.unexpected = !harmless;
        }
        return found.orElseGet(Statuses::noSuchPath);
    }

    private boolean permitted(Access.User user, Call call, String path) {
        // Discovery is open to all who are known. Source: Kubernetes, "Using RBAC Authorization", system:discovery.
        return !user.isAnonymous() || access.allows(user, new Access.Request(call.verb, "", path, "", ""));
    }

    private HttpResponse resource(Call call, Access.User user, String group, String version, List<String> path) {
        HttpRequest request = call.request;
        List<String> rest = path;
        call.group = group;
        if (rest.get(0).equals("namespaces") && rest.size() > 1) {
            call.namespace = rest.get(1);
            if (rest.size() > 2 && !Set.of("status", "finalize").contains(rest.get(2))) {
                rest = rest.subList(2, rest.size());
            }
        }
        String plural = rest.get(0);
        call.name = rest.size() > 1 ? rest.get(1) : "";
        String sub = rest.size() > 2 ? rest.get(2) : "";
        call.resource = sub.isEmpty() ? plural : plural + "/" + sub;
        boolean watch = Set.of("true", "1").contains(request.query("watch"));
        call.verb = switch (request.method()) {
            case "GET", "HEAD" -> watch ? "watch" : call.name.isEmpty() ? "list" : "get";
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> call.name.isEmpty() ? "deletecollection" : "delete";
            default -> request.method().toLowerCase(java.util.Locale.ROOT);
        };
        boolean review = group.equals("authorization.k8s.io") || group.equals("authentication.k8s.io");
        if (!(review && plural.startsWith("self")) && !access.allows(user, call.access())) {
            return forbidden(user, call.access());
        }
        if (review && call.verb.equals("create")) {
            Optional<HttpResponse> answer = new Reviews(state, access).answer(user, group, version, plural, request);
            call.unexpected = answer.isEmpty();
            return answer.orElseGet(Statuses::noSuchPath);
        }
        Optional<ServedKind> found = state.kind(group, plural);
        if (found.isEmpty() || !found.get().versions().contains(version)) {
            call.unexpected = !ServedKind.isKnown(group, plural) && found.isEmpty();
            return Statuses.noSuchPath();
        }
        ServedKind served = found.get();
        if (rest.size() > 3 || (served.kind().namespaced() && call.namespace.isEmpty() && !call.name.isEmpty())) {
            call.unexpected = true;
            return Statuses.noSuchPath();
        }
        if (sub.equals("portforward") && served.kind().equals(ResourceKind.POD)) {
            return portForward(call, user);
        }
        if (watch || !Set.of("list", "get").contains(call.verb)) {
            call.unexpected = true;
            return Statuses.of(405, "the server does not allow this method on the requested resource", null);
        }
        if (sub.equals("log") && served.kind().equals(ResourceKind.POD)) {
            return new PodLogs(state).answer(request, call.namespace, call.name);
        }
        if (!sub.isEmpty() && !sub.equals("status")) {
            call.unexpected = true;
            return Statuses.noSuchPath();
        }
        return call.name.isEmpty()
                ? list(request, served, version, call.namespace)
                : state.find(served.kind(), served.kind().namespaced() ? call.namespace : "", call.name)
                        .map(object -> one(request, served, version, object))
                        .orElseGet(() -> Statuses.notFound(served.kind(), call.name));
    }

    static HttpResponse forbidden(Access.User user, Access.Request request) {
        int slash = request.resource().indexOf('/');
        ResourceKind kind = new ResourceKind(
                request.group(),
                "",
                slash < 0 ? request.resource() : request.resource().substring(0, slash),
                "",
                !request.namespace().isEmpty());
        String message = kind.qualifiedPlural()
                + (request.name().isEmpty() ? "" : " \"" + request.name() + "\"")
                + " is forbidden: User \"" + user.name() + "\" cannot " + request.verb() + " resource \""
                + request.resource() + "\" in API group \"" + request.group() + "\" "
                + (request.namespace().isEmpty()
                        ? "at the cluster scope"
                        : "in the namespace \"" + request.namespace() + "\"");
        return Statuses.of(403, message, Statuses.details(kind, request.name()));
    }

    private HttpResponse one(HttpRequest request, ServedKind served, String version, Resource object) {
        if (Tables.isWanted(request)) {
            return HttpResponse.json(200, Tables.table(state, served, List.of(object), Json.object()));
        }
        return HttpResponse.json(200, typed(served, version, object));
    }

    /** The document, in the version that was asked for. */
    private static Json typed(ServedKind served, String version, Resource object) {
        List<@Nullable Object> fields = new ArrayList<>(List.of(
                "apiVersion", served.apiVersion(version), "kind", served.kind().kind()));
        object.raw().forEachField((name, value) -> {
            if (!name.equals("apiVersion") && !name.equals("kind")) {
                fields.add(name);
                fields.add(value);
            }
        });
        return Json.object(fields.toArray());
    }

    /** Items of lists carry no kind, but for custom resources. */
    private static Json item(ServedKind served, String version, Resource object) {
        if (served.custom()) {
            return typed(served, version, object);
        }
        List<@Nullable Object> fields = new ArrayList<>();
        object.raw().forEachField((name, value) -> {
            if (!name.equals("apiVersion") && !name.equals("kind")) {
                fields.add(name);
                fields.add(value);
            }
        });
        return Json.object(fields.toArray());
    }

    private HttpResponse list(HttpRequest request, ServedKind served, String version, String namespace) {
        String labelText = request.query("labelSelector");
        String fieldText = request.query("fieldSelector");
        Selector labels;
        Selector fields;
        try {
            labels = Selector.labels(labelText);
            fields = Selector.fields(fieldText);
        } catch (IllegalArgumentException e) {
            return Statuses.of(400, String.valueOf(e.getMessage()), null);
        }
        ResourceKind kind = served.kind();
        for (String key : fields.keys()) {
            if (!key.equals("metadata.name")
                    && !key.equals("metadata.namespace")
                    && !FIELDS.getOrDefault(kind.qualifiedPlural(), List.of()).contains(key)) {
                return Statuses.of(
                        400,
                        "Unable to find \"" + served.apiVersion(version) + ", Resource=" + kind.plural()
                                + "\" that match label selector \"" + labelText + "\", field selector \"" + fieldText
                                + "\": field label not supported: " + key,
                        null);
            }
        }
        long limit = limit(request.query("limit"));
        String after = "";
        if (!request.query("continue").isEmpty()) {
            Json token = token(request.query("continue"));
            if (!token.at("start").exists()) {
                return Statuses.of(400, "continue key is not valid: it is none of this server's", null);
            }
            after = token.at("start").text("");
            if (token.at("epoch").number(0) < epoch.get()) {
                return expired(after);
            }
        }
        List<Resource> matching = new ArrayList<>();
        for (Resource object : state.list(kind, kind.namespaced() ? namespace : "")) {
            if (position(object).compareTo(after) > 0
                    && labels.matches(object.labels())
                    && (fields.isEmpty() || fields.matches(key -> field(object, key)))) {
                matching.add(object);
            }
        }
        boolean more = limit > 0 && matching.size() > limit;
        List<Resource> page = more ? matching.subList(0, (int) limit) : matching;
        Json metadata = Json.object(
                "resourceVersion",
                state.resourceVersion(),
                "continue",
                more ? continueToken(position(page.get(page.size() - 1)), epoch.get()) : null,
                "remainingItemCount",
                more && labels.isEmpty() && fields.isEmpty() ? matching.size() - page.size() : null);
        if (Tables.isWanted(request)) {
            return HttpResponse.json(200, Tables.table(state, served, page, metadata));
        }
        return HttpResponse.json(
                200,
                Json.object(
                        "kind",
                        kind.kind() + "List",
                        "apiVersion",
                        served.apiVersion(version),
                        "metadata",
                        metadata,
                        "items",
                        page.stream()
                                .map(object -> item(served, version, object))
                                .toList()));
    }

    private static long limit(String text) {
        try {
            return text.isEmpty() ? 0 : Long.parseLong(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** What comes after what in a list: namespaces, then names. */
    private static String position(Resource object) {
        return object.namespace() + "/" + object.name();
    }

    private static String continueToken(String start, int epoch) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(Json.object("v", "meta.k8s.io/v1", "epoch", epoch, "start", start)
                        .toString()
                        .getBytes(StandardCharsets.UTF_8));
    }

    private static Json token(String text) {
        try {
            return Json.parse(new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException | dev.meshdx.error.MeshException e) {
            return Json.MISSING;
        }
    }

    private HttpResponse expired(String start) {
        return Statuses.of(
                410,
                "The provided continue parameter is too old to display a consistent list result. You can start a new"
                        + " list without the continue parameter, or use the continue token in this response to"
                        + " retrieve the remainder of the results. Continuing with the provided token results in an"
                        + " inconsistent list - objects that were created, modified, or deleted between the time the"
                        + " first chunk was returned and now may show up in the list.",
                null,
                Json.object("continue", continueToken(start, epoch.get())));
    }

    private static String field(Resource object, String key) {
        Json raw = object.raw();
        if (key.equals("status.podIPs")) {
            return raw.at("status", "podIP").text("");
        }
        if (key.equals("source")) {
            return raw.at("source", "component")
                    .text(raw.at("reportingComponent").text(""));
        }
        String fallback = key.equals("spec.hostNetwork") || key.equals("spec.unschedulable") ? "false" : "";
        return raw.at(key.split("\\.", -1)).text(fallback);
    }

    private HttpResponse portForward(Call call, Access.User user) {
        HttpRequest request = call.request;
        boolean webSocket = request.upgrades("websocket");
        // Since Kubernetes 1.35 a WebSocket needs "create" too, as SPDY always did.
        Access.Request create = new Access.Request("create", "", call.resource, call.namespace, call.name);
        if (!access.allows(user, create)) {
            call.verb = "create";
            return forbidden(user, create);
        }
        Optional<Resource> pod = state.find(ResourceKind.POD, call.namespace, call.name);
        if (pod.isEmpty()) {
            return Statuses.notFound(ResourceKind.POD, call.name);
        }
        if (pod.get().spec().at("nodeName").text("").isEmpty()
                && pod.get().status().at("phase").text("").equals("Pending")) {
            return Statuses.of(400, "pod " + call.name + " does not have a host assigned", null);
        }
        PodPorts.Dialer dialer = pods.dialer(call.namespace, call.name);
        if (webSocket) {
            return webSocket(request, dialer);
        }
        if (!request.upgrades("SPDY/3.1")) {
            return Statuses.of(400, "Upgrade request required", null);
        }
        if (!request.headerItems("x-stream-protocol-version").contains(PORT_FORWARD)) {
            return HttpResponse.text(
                            403,
                            "unable to upgrade: unable to negotiate protocol: client supports "
                                    + request.headerItems("x-stream-protocol-version")
                                    + ", server supports [" + PORT_FORWARD + "]")
                    .with("X-Accepted-Stream-Protocol-Versions", PORT_FORWARD);
        }
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Connection", "Upgrade");
        headers.put("Upgrade", "SPDY/3.1");
        headers.put("X-Stream-Protocol-Version", PORT_FORWARD);
        return HttpResponse.switching(headers, (in, out) -> new SpdyConnection(in, out, executor, dialer).serve());
    }

    private HttpResponse webSocket(HttpRequest request, PodPorts.Dialer dialer) {
        List<String> offered = request.headerItems("sec-websocket-protocol");
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Upgrade", "websocket");
        headers.put("Connection", "Upgrade");
        headers.put(
                "Sec-WebSocket-Accept",
                WebSocket.accept(request.header("sec-websocket-key").orElse("")));
        if (offered.contains(SPDY_TUNNEL)) {
            headers.put("Sec-WebSocket-Protocol", SPDY_TUNNEL);
            return HttpResponse.switching(headers, (in, out) -> {
                WebSocket socket = new WebSocket(in, out);
                new SpdyConnection(socket.input(), socket.output(), executor, dialer).serve();
            });
        }
        if (!offered.isEmpty() && !offered.contains(CHANNELS)) {
            return Statuses.of(400, "none of the protocols " + offered + " is supported", null);
        }
        List<Integer> ports = new ArrayList<>();
        for (String list : request.queries("ports")) {
            for (String port : list.split(",", -1)) {
                int number = port(port);
                if (number < 1) {
                    return Statuses.of(400, "unable to parse \"" + port + "\" as a port", null);
                }
                ports.add(number);
            }
        }
        if (ports.isEmpty()) {
            return Statuses.of(400, "query parameter \"port\" is required", null);
        }
        if (!offered.isEmpty()) {
            headers.put("Sec-WebSocket-Protocol", CHANNELS);
        }
        return HttpResponse.switching(
                headers, (in, out) -> new ChannelTunnel(new WebSocket(in, out), ports, executor, dialer).serve());
    }

    private static int port(String text) {
        try {
            int port = Integer.parseInt(text);
            return port > 65535 ? -1 : port;
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
