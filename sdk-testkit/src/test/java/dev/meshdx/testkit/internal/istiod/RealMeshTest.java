package dev.meshdx.testkit.internal.istiod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.testkit.internal.ClusterState;
import dev.meshdx.testkit.internal.mesh.Doc;
import dev.meshdx.testkit.internal.mesh.MeshSpec;
import dev.meshdx.testkit.internal.mesh.Registry;
import dev.meshdx.testkit.internal.mesh.Workload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The objects of a real mesh, translated by the small istiod, against what the real istiod made of them: equal, not only alike.
 * Skipped where the recordings are not beside the project.
 */
class RealMeshTest {
    /** Scenarios whose configuration is made of what the small istiod knows. */
    private static final String RECORDINGS = "real/sidecar";

    private static Path recording(String scenario) {
        String named = System.getenv("MESHDX_SHARED");
        Path shared = named == null || named.isEmpty()
                ? Path.of(System.getProperty("meshdx.root", ".."))
                        .toAbsolutePath()
                        .normalize()
                        .resolveSibling("shared")
                : Path.of(named);
        Path folder = shared.resolve(RECORDINGS).resolve(scenario);
        assumeTrue(Files.isDirectory(folder), () -> scenario + " is not beside the project: skipped");
        return folder;
    }

    private static ClusterState objects(Path recording) throws IOException {
        ClusterState state = new ClusterState();
        try (Stream<Path> files = Files.list(recording.resolve("api"))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".json")).toList()) {
                String name = file.getFileName().toString().replace(".json", "");
                int dot = name.indexOf('.');
                String group = name.substring(dot + 1).replace("core", "");
                ResourceKind.known().stream()
                        .filter(kind -> kind.plural().equals(name.substring(0, dot))
                                && kind.group().equals(group))
                        .findFirst()
                        .ifPresent(kind ->
                                read(file).at("items").items().forEach(item -> state.put(Resource.of(kind, item))));
            }
        }
        return state;
    }

    private static Json read(Path file) {
        try {
            return Json.parse(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Json> byName(Json dump, String section, String list, String inner) {
        Map<String, Json> found = new TreeMap<>();
        for (Json config : dump.at("configs").items()) {
            if (config.at("@type").text("").endsWith(section)) {
                for (Json element : config.at(list).items()) {
                    Json value = element;
                    for (String name : inner.split("/")) {
                        value = value.at(name);
                    }
                    String name = value.at("name").text(value.at("cluster_name").text(""));
                    found.put(name, normal(value));
                }
            }
        }
        return found;
    }

    private static Map<String, Json> byName(Iterable<Map<String, Object>> made) {
        Map<String, Json> found = new TreeMap<>();
        for (Map<String, Object> each : made) {
            Json value = Json.parse(Doc.json(each));
            found.put(value.at("name").text(value.at("cluster_name").text("")), normal(value));
        }
        return found;
    }

    /** With the fields in one order. */
    private static Json normal(Json value) {
        return Json.parse(Doc.json(sorted(Doc.plain(value))));
    }

    private static Object sorted(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> sorted = new TreeMap<>();
            map.forEach((key, item) -> {
                sorted.put((String) key, sorted(item));
            });
            return sorted;
        }
        if (value instanceof List<?> list) {
            return list.stream().map(RealMeshTest::sorted).toList();
        }
        return value;
    }

    private static void assertSame(String pod, Map<String, Json> made, Map<String, Json> real) {
        assertThat(made.keySet()).as(pod).isEqualTo(real.keySet());
        List<String> differences = new ArrayList<>();
        real.forEach((name, value) -> differences(name, made.getOrDefault(name, Json.MISSING), value, differences));
        assertThat(differences).as(pod).isEmpty();
    }

    private static void differences(String path, Json made, Json real, List<String> found) {
        if (made.isObject() && real.isObject()) {
            Set<String> names = new LinkedHashSet<>(real.names());
            names.addAll(made.names());
            names.forEach(name -> differences(path + "." + name, made.at(name), real.at(name), found));
        } else if (made.isArray() && real.isArray()) {
            for (int i = 0; i < Math.max(made.size(), real.size()); i++) {
                differences(path + "[" + i + "]", made.at(i), real.at(i), found);
            }
        } else if (!made.equals(real)) {
            found.add(path + ": " + made + " instead of " + real);
        }
    }

    /**
     * Not among them are those that need what the small istiod does not know: {@code rate-limited} and {@code proxy-nack} (an
     * EnvoyFilter), {@code gateway-cert-missing} (the recorded listener is the one before the change, the new one warms), and
     * {@code istiod-down} and {@code proxy-stale} (proxies that are behind what the cluster holds).
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "healthy",
                "route-case",
                "external-unreachable",
                "subset-missing",
                "host-unknown",
                "scaled-to-zero",
                "circuit-breaker",
                "mtls-disabled-vs-strict",
                "fault-injection",
                "upstream-timeout",
                "app-port-closed",
                "authz-denied",
                "cert-expired",
                "cert-other-root",
                "client-cancelled",
                "proxy-restarted",
                "admin-unreachable"
            })
    void should_translate_as_the_real_istiod(String scenario) throws IOException {
        Path recording = recording(scenario);
        Registry registry = Registry.read(objects(recording), Instant.MAX);
        Push push = new Push(registry, new MeshSpec());
        int compared = 0;
        for (Workload workload : registry.workloads()) {
            Path dumpFile = recording.resolve("envoy").resolve(workload.id()).resolve("config_dump.json");
            if (!Files.exists(dumpFile)) {
                continue;
            }
            compared++;
            Json dump = read(dumpFile);
            String pod = workload.id();
            assertSame(
                    pod,
                    byName(push.clusters(workload)),
                    byName(dump, "ClustersConfigDump", "dynamic_active_clusters", "cluster"));
            Map<String, Json> realListeners =
                    byName(dump, "ListenersConfigDump", "dynamic_listeners", "active_state/listener");
            Map<String, Json> listeners = byName(push.listeners(workload));
            if (workload.namespace().equals("payments")) {
                // AuthorizationPolicy and RequestAuthentication put filters into it that the small istiod does not
                // know.
                realListeners.remove("virtualInbound");
                listeners.remove("virtualInbound");
            }
            assertSame(pod, listeners, realListeners);
            assertSame(
                    pod,
                    byName(push.routes(workload).values()),
                    byName(dump, "RoutesConfigDump", "dynamic_route_configs", "route_config"));
            Map<String, Json> realEndpoints =
                    byName(dump, "EndpointsConfigDump", "dynamic_endpoint_configs", "endpoint_config");
            realEndpoints.keySet().removeIf(name -> !name.startsWith("outbound|"));
            assertSame(pod, byName(push.assignments(workload).values()), realEndpoints);
        }
        assertThat(compared).isGreaterThan(0);
    }
}
