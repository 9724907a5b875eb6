package dev.meshdx.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.error.MeshException;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Json;
import dev.meshdx.testing.Shared;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Documents that were damaged in every way that the mutator knows, read in both ways: whole into memory, and from a file for each
 * question. Neither may fail with anything but a {@link MeshException}, and both have to say the same. The same seed makes the
 * same documents.
 */
class DumpFuzzTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final long SEED = 20_260_102;

    /** Whatever happens to be in the middle of a value, a name or between two of them. */
    private static final List<String> ODD = List.of(
            "null",
            "true",
            "-1",
            "0",
            "1e999",
            "12345678901234567890123456789",
            "9".repeat(1_200),
            "\"\"",
            "\"\\u0000\\ud800\"",
            "\"" + "x".repeat(70_000) + "\"",
            "{}",
            "[]",
            "[null,{},[],1,\"a\"]",
            "[".repeat(600),
            "{\"a\":".repeat(600),
            "{\"name\":{\"name\":\"name\"},\"name\":[\"name\"]}",
            "\"@type\":\"type.googleapis.com/envoy.admin.v2alpha.ClustersConfigDump\",",
            "\"@type\":7,",
            "\"configs\":[1,2,{\"bootstrap\":[]}],",
            "}",
            "]",
            ",",
            ":",
            "<html>");

    @TempDir
    Path folder;

    private int whole;
    private int unreadable;

    @Test
    void should_give_a_typed_answer_to_every_damaged_document() throws IOException {
        try (InputStream in = DumpFuzzTest.class.getResourceAsStream("/envoy/views.json")) {
            fuzz(java.util.Objects.requireNonNull(in).readAllBytes(), 400);
        }
        fuzz(DUMP.getBytes(StandardCharsets.UTF_8), 2_000);
        // A mutator that always breaks everything, or nothing, would show nothing.
        assertThat(whole).isGreaterThan(50);
        assertThat(unreadable).isBetween(1, 1_500);
    }

    @Test
    void should_give_a_typed_answer_to_every_damaged_dump_of_a_real_proxy() throws IOException {
        try (Stream<Path> inputs = Files.list(Shared.folder("conformance/proxy-config/input"))) {
            for (Path input : inputs.sorted().toList()) {
                fuzz(Files.readAllBytes(input), 12);
            }
        }
    }

    @Test
    void should_give_the_same_answer_in_both_ways_whatever_stands_in_a_field() throws IOException {
        Path file = folder.resolve("odd.json");
        for (Json changed : OddValues.in(Json.parse(DUMP))) {
            byte[] document = changed.toString().getBytes(StandardCharsets.UTF_8);
            Files.write(file, document);
            compare(file, document, changed.toString());
        }
        assertThat(whole).isGreaterThan(150);
    }

    private void fuzz(byte[] document, int times) throws IOException {
        Random random = new Random(SEED);
        Path file = folder.resolve("dump.json");
        for (int i = 0; i < times; i++) {
            byte[] damaged = document;
            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                damaged = damage(damaged, random);
            }
            Files.write(file, damaged);
            compare(file, damaged, "document " + i + " of seed " + SEED);
        }
    }

    private void compare(Path file, byte[] document, String what) throws IOException {
        List<String> streamed = answers(ConfigDump.open(file));
        ConfigDump held;
        try {
            held = ConfigDump.parse(new ByteArrayInputStream(document));
        } catch (MeshException e) {
            unreadable++;
            return;
        }
        // What is only skipped is not looked into, so that damage there may end one way of reading and not the other.
        if (held.problem().isEmpty()) {
            assertThat(streamed).as(what).isEqualTo(answers(held));
            whole++;
        } else {
            assertThat(answers(held)).hasSameSizeAs(streamed);
        }
    }

    /** What the document says, as far as it can be compared: the rows of all sections, or that there are none. */
    private static List<String> answers(EnvoyConfiguration dump) {
        List<String> answers = new ArrayList<>();
        answers.add(answer(dump, it -> it.clusters().rows()));
        answers.add(answer(dump, it -> it.listeners().rows()));
        answers.add(answer(dump, it -> it.routes().rows()));
        answers.add(answer(dump, it -> it.endpoints().rows()));
        answers.add(answer(dump, it -> it.secrets(NOW).rows()));
        answers.add(answer(dump, it -> it.extensions().rows()));
        answers.add(answer(dump, it -> it.bootstrap().rows()));
        answers.add(answer(dump, it -> names(it.clusters().port(9080).all())));
        answers.add(answer(
                dump, it -> names(it.clusters().toService("reviews.production").all())));
        answers.add(answer(dump, it -> names(it.routes().named("9080").all())));
        answers.add(answer(
                dump, it -> names(it.endpoints().toService("reviews.production").all())));
        answers.add(answer(dump, it -> reasons(it.clusters().gaps())));
        return answers;
    }

    private static String answer(EnvoyConfiguration dump, Function<EnvoyConfiguration, Object> question) {
        try {
            return String.valueOf(question.apply(dump));
        } catch (MeshException e) {
            return e.reason().toString();
        }
    }

    private static List<String> names(List<?> elements) {
        return elements.stream().map(Object::toString).toList();
    }

    private static List<String> reasons(List<Inconclusive> gaps) {
        return gaps.stream().map(gap -> gap.reason().name()).toList();
    }

    private static byte[] damage(byte[] document, Random random) {
        if (document.length < 2) {
            return document;
        }
        int at = random.nextInt(document.length);
        int to = Math.min(document.length, at + 1 + random.nextInt(200));
        return switch (random.nextInt(7)) {
            case 0 -> splice(document, at, document.length, new byte[0]);
            case 1 -> splice(document, at, at + 1, new byte[] {(byte) random.nextInt(256)});
            case 2 -> splice(document, at, to, new byte[0]);
            case 3 -> splice(document, at, at, slice(document, at, to));
            case 4 -> splice(document, at, at, new byte[] {(byte) 0xc3, (byte) 0x28, (byte) 0xff});
            default -> {
                // At the start of a value, where it is most often still JSON.
                int value = at;
                while (value < document.length - 1 && document[value] != ':' && document[value] != '[') {
                    value++;
                }
                int end = value + 1;
                while (end < document.length && ",}]".indexOf(document[end]) < 0) {
                    end++;
                }
                byte[] odd = ODD.get(random.nextInt(ODD.size())).getBytes(StandardCharsets.UTF_8);
                yield splice(document, Math.min(value + 1, document.length), end, odd);
            }
        };
    }

    private static byte[] slice(byte[] bytes, int from, int to) {
        return java.util.Arrays.copyOfRange(bytes, from, to);
    }

    private static byte[] splice(byte[] document, int from, int to, byte[] by) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(document.length + by.length);
        out.write(document, 0, from);
        out.writeBytes(by);
        out.write(document, to, document.length - to);
        return out.toByteArray();
    }

    /** Every list that a dump can have, small enough for damage to hit what matters. */
    private static final String DUMP = """
            {"configs": [
             {"@type": "type.googleapis.com/envoy.admin.v3.BootstrapConfigDump", "bootstrap":
               {"node": {"id": "sidecar~10.0.0.7~web.production~production.svc.cluster.local",
                "metadata": {"ISTIO_VERSION": "1.30.0"}}}},
             {"@type": "type.googleapis.com/envoy.admin.v3.ClustersConfigDump", "version_info": "7",
              "static_clusters": [{"cluster": {"name": "xds-grpc", "type": "STATIC"}}],
              "dynamic_active_clusters": [
               {"version_info": "7", "cluster": {"@type": "x.Cluster", "name":
                 "outbound|9080||reviews.production.svc.cluster.local", "type": "EDS", "metadata":
                 {"filter_metadata": {"istio": {"config":
                  "/apis/networking.istio.io/v1/namespaces/production/destination-rule/reviews"}}}},
                "last_updated": "2026-01-02T03:00:00Z", "error_state": {"details": "no", "failed_configuration": {}}}],
              "dynamic_warming_clusters": [{"cluster": {"name": "outbound|1||slow.production.svc.cluster.local"}}]},
             {"@type": "type.googleapis.com/envoy.admin.v3.EcdsConfigDump", "ecds_filters": [
               {"ecds_filter": {"name": "plugin", "typed_config": {"@type": "type.googleapis.com/x.Wasm"}}}]},
             {"@type": "type.googleapis.com/envoy.admin.v3.EndpointsConfigDump", "dynamic_endpoint_configs": [
               {"endpoint_config": {"cluster_name": "outbound|9080||reviews.production.svc.cluster.local",
                "endpoints": [{"locality": {"region": "eu", "zone": "a"}, "priority": 1, "lb_endpoints": [
                 {"endpoint": {"address": {"socket_address": {"address": "10.0.0.1", "port_value": 9080}}},
                  "health_status": "HEALTHY", "load_balancing_weight": 1}]}]}}]},
             {"@type": "type.googleapis.com/envoy.admin.v3.ListenersConfigDump",
              "static_listeners": [{"listener": {"name": "ready", "address": {"pipe": {"path": "/var/run/x"}}}}],
              "dynamic_listeners": [{"name": "0.0.0.0_9080", "active_state": {"listener": {"name": "0.0.0.0_9080",
               "address": {"socket_address": {"address": "0.0.0.0", "port_value": 9080}},
               "filter_chains": [{"filter_chain_match": {"prefix_ranges": [{"address_prefix": "10.0.0.0", "prefix_len": 8}],
                "server_names": ["a"], "destination_port": 7}, "filters": [
                {"name": "envoy.filters.network.http_connection_manager", "typed_config":
                 {"rds": {"route_config_name": "9080"}}}]}],
               "default_filter_chain": {"filters": [{"name": "envoy.filters.network.tcp_proxy",
                "typed_config": {"cluster": "BlackHoleCluster"}}]}}},
               "warming_state": {"listener": {"name": "0.0.0.0_9080"}},
               "error_state": {"details": "bad", "failed_configuration": {"name": "0.0.0.0_9080"}}},
               {"error_state": {"details": "bad", "failed_configuration": {"name": "0.0.0.0_9080"}}}]},
             {"@type": "type.googleapis.com/envoy.admin.v3.RoutesConfigDump",
              "static_route_configs": [{"route_config": {"virtual_hosts": [{"name": "v", "domains": ["*"]}]}}],
              "dynamic_route_configs": [{"route_config": {"name": "9080", "virtual_hosts": [
               {"name": "reviews", "domains": ["reviews", "reviews.production", "reviews:9080"], "routes": [
                {"match": {"prefix": "/a"}, "route": {"cluster": "c"}, "metadata": {"filter_metadata": {"istio": {"config":
                 "/apis/networking.istio.io/v1/namespaces/production/virtual-service/reviews"}}}},
                {"match": {"safe_regex": {"regex": "/b.*"}}, "direct_response": {"status": 404}}]}]}}]},
             {"@type": "type.googleapis.com/envoy.admin.v3.SecretsConfigDump", "dynamic_active_secrets": [
               {"name": "default", "secret": {"name": "default", "tls_certificate":
                {"certificate_chain": {"inline_bytes": "bm90IGEgY2VydA=="}, "private_key": {"inline_bytes": "eA=="}}}}],
              "dynamic_warming_secrets": [{"name": "kubernetes://web", "secret": {"name": "kubernetes://web"}}]}]}""";

    @Test
    void should_read_the_undamaged_document_alike() throws IOException {
        Path file = Files.writeString(folder.resolve("whole.json"), DUMP);

        List<String> answers = answers(ConfigDump.open(file));

        assertThat(answers)
                .isEqualTo(answers(ConfigDump.parse(new ByteArrayInputStream(DUMP.getBytes(StandardCharsets.UTF_8)))));
        assertThat(answers.get(0)).contains("reviews.production", "destinationRule=reviews.production");
        assertThat(Map.of("reviews", answers.get(8)))
                .hasEntrySatisfying(
                        "reviews",
                        names -> assertThat(names).contains("outbound|9080||reviews.production.svc.cluster.local"));
    }
}
