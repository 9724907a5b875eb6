package dev.meshdx.testkit.bench;

import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.source.BodyReader;
import dev.meshdx.source.Deadline;
import dev.meshdx.source.ListQuery;
import dev.meshdx.source.LogQuery;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.PodRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;

/** A mesh in memory: its pods, and istiods that answer at once what real ones would. The same numbers give the same bytes. */
final class ManyProxies implements MeshSource {
    private static final int NAMESPACES = 50;
    private static final Instant NOW = Instant.parse("2026-01-02T12:00:00Z");
    private static final List<String> TYPES = List.of(
            "envoy.config.cluster.v3.Cluster",
            "envoy.config.endpoint.v3.ClusterLoadAssignment",
            "envoy.config.listener.v3.Listener",
            "envoy.config.route.v3.RouteConfiguration");
    private static final List<String> NAMES = List.of("cluster", "endpoint", "listener", "route");

    private final List<Resource> pods = new ArrayList<>();
    private final List<byte[]> answers = new ArrayList<>();
    private final Map<String, Integer> istiods = new java.util.HashMap<>();

    ManyProxies(int proxies, int istiods) {
        Random random = new Random(7);
        List<StringBuilder> texts = new ArrayList<>();
        for (int i = 0; i < istiods; i++) {
            this.istiods.put("istiod-" + i, i);
            texts.add(new StringBuilder());
            pods.add(pod(
                    "istio-system",
                    "istiod-" + i,
                    "'app':'istiod','istio.io/rev':'default'",
                    "{'name':'discovery','image':'pilot:1.30.0'}",
                    "discovery"));
        }
        for (int i = 0; i < proxies; i++) {
            String name = "web-" + i % 200 + "-" + Integer.toHexString(random.nextInt()) + "-" + i;
            String namespace = "team-" + i % NAMESPACES;
            pods.add(pod(
                    namespace,
                    name,
                    "'app':'web','istio.io/rev':'default'",
                    "{'name':'app'},{'name':'istio-proxy','image':'proxyv2:1.30.0','args':['proxy','sidecar']}",
                    "istio-proxy"));
            StringBuilder text = texts.get(i % istiods);
            text.append(text.length() == 0 ? "[" : ",");
            entry(text, name + "." + namespace, random, i % 100 == 0);
        }
        texts.forEach(text -> answers.add(text.append(']').toString().getBytes(StandardCharsets.UTF_8)));
    }

    List<byte[]> answers() {
        return answers;
    }

    private static void entry(StringBuilder out, String proxy, Random random, boolean stale) {
        out.append("{\"cluster_id\":\"Kubernetes\",\"proxy\":\"").append(proxy);
        out.append("\",\"proxy_type\":\"sidecar\",\"istio_version\":\"1.30.0\"");
        StringBuilder resources = new StringBuilder(",\"resources\":{");
        for (int i = 0; i < TYPES.size(); i++) {
            int push = 480 + random.nextInt(20);
            String sent = nonce(push, random);
            String acked = stale && i == 1 ? nonce(push - 1, random) : sent;
            out.append(",\"").append(NAMES.get(i)).append("_sent\":\"").append(sent);
            out.append("\",\"")
                    .append(NAMES.get(i))
                    .append("_acked\":\"")
                    .append(acked)
                    .append('"');
            resources.append(i == 0 ? "" : ",").append("\"type.googleapis.com/").append(TYPES.get(i));
            resources
                    .append("\":{\"sent\":\"")
                    .append(sent)
                    .append("\",\"acked\":\"")
                    .append(acked);
            resources
                    .append("\",\"sentTime\":\"")
                    .append(NOW.minusSeconds(60 + random.nextInt(7200)).plusNanos(random.nextInt(1_000_000_000)))
                    .append("\"}");
        }
        out.append(resources).append("}}");
    }

    private static String nonce(int push, Random random) {
        return NOW.minusSeconds((500 - push) * 60L) + "/" + push + new UUID(random.nextLong(), random.nextLong());
    }

    private static Resource pod(String namespace, String name, String labels, String containers, String container) {
        String json = "{'metadata':{'namespace':'" + namespace + "','name':'" + name + "','labels':{" + labels + "}},"
                + "'spec':{'nodeName':'node-1','containers':[" + containers + "]},"
                + "'status':{'phase':'Running','conditions':[{'type':'Ready','status':'True'}],"
                + "'containerStatuses':[{'name':'" + container + "','ready':true,"
                + "'state':{'running':{'startedAt':'2026-01-02T08:00:00Z'}}}]}}";
        return Resource.of(ResourceKind.POD, Json.parse(json.replace('\'', '"')));
    }

    @Override
    public Kind kind() {
        return Kind.LIVE;
    }

    @Override
    public String description() {
        return "many proxies";
    }

    @Override
    public Optional<Instant> recordedAt() {
        return Optional.of(NOW);
    }

    @Override
    public String defaultNamespace() {
        return "default";
    }

    @Override
    public List<Resource> list(ListQuery query, Deadline deadline) {
        return query.kind().equals(ResourceKind.POD)
                ? pods.stream()
                        .filter(pod ->
                                query.namespace().isEmpty() || query.namespace().equals(pod.namespace()))
                        .filter(pod -> pod.labels()
                                .entrySet()
                                .containsAll(query.labels().entrySet()))
                        .toList()
                : List.of();
    }

    @Override
    public Optional<Resource> find(ResourceKind kind, String namespace, String name, Deadline deadline) {
        return Optional.empty();
    }

    @Override
    public <T> T fetch(PodRequest request, BodyReader<T> reader, Deadline deadline) {
        try {
            if (request.path().startsWith("/debug/syncz")) {
                int number = istiods.getOrDefault(request.pod(), 0);
                return reader.read(new ByteArrayInputStream(answers.get(number)));
            }
            if (request.path().equals("/metrics")) {
                return reader.read(new ByteArrayInputStream(
                        "istiod_uptime_seconds 86400\nprocess_resident_memory_bytes 1000000000\n"
                                .getBytes(StandardCharsets.UTF_8)));
            }
            if (request.path().equals("/version")) {
                return reader.read(new ByteArrayInputStream("1.30.0-abc-Clean".getBytes(StandardCharsets.UTF_8)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new MeshNotFoundException("There is no such page: " + request, "");
    }

    @Override
    public <T> T log(LogQuery query, BodyReader<T> reader, Deadline deadline) {
        throw new MeshNotFoundException("There are no logs.", "");
    }

    @Override
    public Json version(Deadline deadline) {
        return Json.object();
    }

    @Override
    public void close() {}
}
