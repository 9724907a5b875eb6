package dev.meshdx.source.internal.manifests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.meshdx.error.MeshConfigurationException;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Json;
import dev.meshdx.model.Origin;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.source.Deadline;
import dev.meshdx.source.ListQuery;
import dev.meshdx.source.LogQuery;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.PodRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestSourceTest {
    private static final Deadline DEADLINE = Deadline.after(Duration.ofMinutes(1));

    private static final String SERVICE = """
            # a comment
            apiVersion: v1
            kind: Service
            metadata:
              name: web
              labels: {app: web}
            spec:
              ports:
                - port: 80
                  name: http
            """;

    private static List<Resource> services(MeshSource source) {
        return source.list(ListQuery.all(ResourceKind.SERVICE), DEADLINE);
    }

    private static String configMap(String name, String data) {
        return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\ndata: " + data + "\n";
    }

    /** Upstream drops it too: it is nowhere. */
    @Test
    void should_ignore_the_namespace_of_what_is_cluster_wide() {
        try (ManifestSource source = ManifestSource.of(
                "text", "apiVersion: v1\nkind: Namespace\nmetadata: {name: production, namespace: elsewhere}\n")) {
            assertThat(source.list(ListQuery.all(ResourceKind.NAMESPACE), DEADLINE))
                    .extracting(resource -> resource.ref().toString())
                    .containsExactly("Namespace production");
        }
    }

    @Test
    void should_walk_folders_and_keep_places(@TempDir Path folder) throws IOException {
        Files.createDirectories(folder.resolve("deep/deeper"));
        Files.writeString(
                folder.resolve("deep/deeper/a.yaml"), "---\n" + SERVICE + "---\n\n" + SERVICE.replace("web", "db"));
        Files.writeString(folder.resolve("b.yml"), SERVICE.replace("name: web", "name: yml"));
        Files.writeString(
                folder.resolve("c.json"),
                "{\"apiVersion\":\"v1\",\n\"kind\":\"List\",\"items\":[\n{\"apiVersion\":\"v1\","
                        + "\"kind\":\"Service\",\"metadata\":{\"name\":\"one\"}},\n{\"apiVersion\":\"v1\",\"kind\":\"Service\","
                        + "\"metadata\":{\"name\":\"two\"}}]}");
        Files.writeString(folder.resolve("readme.md"), "not: a manifest");

        try (ManifestSource source = ManifestSource.open(List.of(folder))) {
            assertThat(services(source)).extracting(Resource::name).containsExactly("yml", "one", "two", "web", "db");
            assertThat(services(source))
                    .extracting(resource -> resource.origin().line())
                    .containsExactly(2, 3, 4, 3, 15);
            assertThat(source.problems()).isEmpty();
            Resource db = services(source).get(4);
            assertThat(db.origin().file()).endsWith("a.yaml");
            assertThat(source.locate(db, "spec.ports[0].name").line()).isEqualTo(23);
            assertThat(source.locate(db, "spec.ports").line()).isEqualTo(21);
            assertThat(source.locate(db, "spec.ports[7].name").line()).isEqualTo(21);
            assertThat(source.locate(db, "nowhere")).isEqualTo(db.origin());
        }
    }

    @Test
    void should_read_lists_in_yaml_with_their_lines() {
        ManifestSource source = ManifestSource.of("list", """
                apiVersion: v1
                kind: ServiceList
                items:
                  - metadata:
                      name: one
                  - apiVersion: v1
                    kind: List
                    items:
                      - apiVersion: v1
                        kind: Service
                        metadata: {name: nested}
                """);

        assertThat(services(source)).extracting(Resource::name).containsExactly("one", "nested");
        Resource one = services(source).get(0);
        assertThat(one.origin()).isEqualTo(new Origin("list", 4));
        assertThat(source.locate(one, "metadata.name").line()).isEqualTo(5);
    }

    @Test
    void should_read_scalars_as_kubernetes_does() {
        Resource map = ManifestSource.of("scalars", configMap("scalars", """

                                  a: on
                                  b: No
                                  c: "yes"
                                  d: 0o17
                                  e: 017
                                  f: 0x1F
                                  g: 1_000
                                  h: 08
                                  i: 1e3
                                  j: ~
                                  k: 2001-01-01
                                  l: 12:30:45
                                  m: !!str 5
                                  "n": 18446744073709551615
                                  8080: port
                                  o: [fd00::, 1.2.3.4]
                                """))
                .list(ListQuery.all(ResourceKind.CONFIG_MAP), DEADLINE)
                .get(0);

        assertThat(map.raw().at("data"))
                .hasToString("{\"a\":true,\"b\":false,\"c\":\"yes\",\"d\":15,\"e\":15,\"f\":31,\"g\":1000,\"h\":8.0,"
                        + "\"i\":1000.0,\"j\":null,\"k\":\"2001-01-01\",\"l\":\"12:30:45\",\"m\":\"5\","
                        + "\"n\":18446744073709551615,\"8080\":\"port\",\"o\":[\"fd00::\",\"1.2.3.4\"]}");
    }

    @Test
    void should_follow_anchors_and_merge_keys() {
        Resource map = ManifestSource.of(
                        "anchors", "x: &base {a: 1, b: 2}\n" + configMap("anchors", "{<<: *base, b: 3}"))
                .list(ListQuery.all(ResourceKind.CONFIG_MAP), DEADLINE)
                .get(0);

        assertThat(map.raw().at("data")).hasToString("{\"a\":1,\"b\":3}");
    }

    @Test
    void should_lose_only_the_broken_document() {
        ManifestSource source = ManifestSource.of(
                "broken.yaml",
                SERVICE + "---\nkind: [unclosed\n---\njust: text\n---\n" + SERVICE.replace("name: web", "name: last")
                        + "---\n{\"apiVersion\": \"v1\", \"kind\": \"Service\"\n");

        assertThat(services(source)).extracting(Resource::name).containsExactly("web", "last");
        assertThat(source.problems()).hasSize(3).allMatch(problem -> problem.reason() == Reason.MALFORMED);
        assertThat(source.problems().toString())
                .contains("broken.yaml", "line 13", "line 14", "names no apiVersion and kind");
    }

    @Test
    void should_let_the_later_document_and_the_later_key_win_and_say_so() {
        ManifestSource source =
                ManifestSource.of("twice", configMap("map", "{a: 1}") + "---\n" + configMap("map", "{a: 2, a: 3}"));

        assertThat(source.list(ListQuery.all(ResourceKind.CONFIG_MAP), DEADLINE))
                .singleElement()
                .satisfies(
                        map -> assertThat(map.raw().at("data", "a").number(0)).isEqualTo(3));
        assertThat(source.problems())
                .singleElement()
                .extracting(Inconclusive::message)
                .asString()
                .contains("The key a at line 9 was given before");
    }

    @Test
    void should_hand_out_what_it_does_not_know_without_its_content() {
        ManifestSource source = ManifestSource.of("unknown", """
                apiVersion: example.com/v1
                kind: Thing
                metadata: {name: a, namespace: b, annotations: {password: hunter2}}
                spec: {password: hunter2}
                """);

        assertThat(source.written()).singleElement().satisfies(thing -> {
            assertThat(thing).hasToString("Thing b/a");
            assertThat(thing.origin()).hasToString("unknown:1");
            assertThat(thing.raw().at("apiVersion").text("")).isEqualTo("example.com/v1");
            assertThat(thing.raw().toString()).doesNotContain("hunter2");
        });
    }

    @Test
    void should_keep_that_a_key_is_empty() {
        ManifestSource source = ManifestSource.of("secret", """
                apiVersion: v1
                kind: Secret
                metadata: {name: a, namespace: b}
                data: {empty: '', nothing: null, full: aHVudGVyMg==, odd: {deep: hunter2}}
                """);

        Json data = source.find(ResourceKind.SECRET, "b", "a", DEADLINE)
                .orElseThrow()
                .raw()
                .at("data");
        assertThat(data.at("empty").text("?")).isEmpty();
        assertThat(data.at("nothing").isNull()).isTrue();
        assertThat(data.toString()).doesNotContain("aHVudGVyMg", "hunter2");
    }

    @Test
    void should_count_kinds_that_it_does_not_know() {
        ManifestSource source = ManifestSource.of(
                "unknown", "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a}\n---\n" + SERVICE);

        assertThat(source.skipped()).containsEntry("example.com/v1 Thing", 1);
        assertThat(source.problems()).isEmpty();
        assertThat(services(source)).hasSize(1);
    }

    @Test
    void should_say_that_a_template_is_no_manifest() {
        ManifestSource source = ManifestSource.of("chart.yaml", """
                apiVersion: v1
                kind: Service
                metadata: {name: {{ .Values.name }}}
                ---
                {{- if .Values.more }}
                apiVersion: v1
                kind: Service
                metadata: {name: more}
                {{- end }}
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: plain, annotations: {text: "not {{ a }} template"}}
                """);

        assertThat(source.list(ListQuery.all(ResourceKind.SERVICE), DEADLINE))
                .extracting(Resource::name)
                .containsExactly("plain");
        assertThat(source.problems())
                .hasSize(2)
                .allSatisfy(problem -> assertThat(problem.message()).contains("is a template", "helm template"))
                .anySatisfy(problem -> assertThat(problem.message()).contains("line 5"));
    }

    @Test
    void should_read_a_hundred_thousand_documents_but_for_the_broken_one() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 100_000; i++) {
            text.append("---\napiVersion: v1\nkind: Namespace\nmetadata: {name: n")
                    .append(i)
                    .append(i == 50_000 ? "\n" : "}\n");
        }
        ManifestSource source = ManifestSource.of("many.yaml", text.toString());

        assertThat(source.list(ListQuery.all(ResourceKind.NAMESPACE), DEADLINE)).hasSize(99_999);
        assertThat(source.problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("line 20000"));
    }

    @Test
    void should_survive_bombs() {
        StringBuilder aliases = new StringBuilder("a0: &a0 [x, x]\n");
        for (int i = 1; i < 40; i++) {
            aliases.append("a" + i + ": &a" + i + " [*a" + (i - 1) + ", *a" + (i - 1) + "]\n");
        }
        String nested = "a: " + "[".repeat(5000) + "]".repeat(5000);
        String recursive = "a: &a [*a]";

        ManifestSource source =
                ManifestSource.of("bombs", aliases + "---\n" + nested + "\n---\n" + recursive + "\n---\n" + SERVICE);

        assertThat(services(source)).hasSize(1);
        assertThat(source.problems()).hasSize(3);
        assertThat(source.problems().toString()).contains("aliases");
    }

    @Test
    void should_place_resources_without_a_namespace_in_the_default_one() {
        ManifestSource source = ManifestSource.of("service", SERVICE);

        assertThat(source.list(ListQuery.in(ResourceKind.SERVICE, "default"), DEADLINE))
                .hasSize(1);
        assertThat(source.list(ListQuery.in(ResourceKind.SERVICE, "other"), DEADLINE))
                .isEmpty();
        assertThat(source.find(ResourceKind.SERVICE, "default", "web", DEADLINE))
                .hasValueSatisfying(web -> assertThat(web.ref().namespace()).isEmpty());
        assertThat(source.list(
                        ListQuery.all(ResourceKind.SERVICE).labelled(java.util.Map.of("app", "other")), DEADLINE))
                .isEmpty();
    }

    @Test
    void should_read_a_stream() {
        ManifestSource source = ManifestSource.open(
                List.of(Path.of("-")), new ByteArrayInputStream(SERVICE.getBytes(StandardCharsets.UTF_8)));

        assertThat(services(source))
                .singleElement()
                .extracting(Resource::origin)
                .hasToString("-:2");
    }

    @Test
    void should_say_what_manifests_do_not_have() {
        ManifestSource source = ManifestSource.of("service", SERVICE);

        assertThatExceptionOfType(MeshUnsupportedException.class)
                .isThrownBy(() -> source.fetch(PodRequest.envoy("a", "b", "/clusters"), in -> "", DEADLINE))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED));
        assertThatExceptionOfType(MeshUnsupportedException.class)
                .isThrownBy(() -> source.log(LogQuery.tail("a", "b", "c", 1), in -> "", DEADLINE));
        assertThatExceptionOfType(MeshUnsupportedException.class).isThrownBy(() -> source.version(DEADLINE));
        assertThatExceptionOfType(MeshConfigurationException.class)
                .isThrownBy(() -> ManifestSource.open(List.of(Path.of("no-such-file.yaml"))))
                .withMessageContaining("no-such-file.yaml");
    }

    @Test
    void should_report_files_that_are_not_text(@TempDir Path folder) throws IOException {
        Files.write(folder.resolve("binary.yaml"), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});

        ManifestSource source = ManifestSource.open(List.of(folder));

        assertThat(services(source)).isEmpty();
        assertThat(source.problems()).singleElement().asString().contains("is not UTF-8");
    }

    @Test
    void should_lay_manifests_over_a_mesh() {
        ManifestSource base = ManifestSource.of(
                "base", SERVICE + "---\n" + SERVICE.replace("name: web", "name: db\n  namespace: other"));
        ManifestSource over = ManifestSource.of(
                "over",
                SERVICE.replace("port: 80", "port: 81").replace("name: web", "name: web\n  namespace: default"));
        LayeredSource source = new LayeredSource(base, over);

        assertThat(services(source)).extracting(Resource::name).containsExactly("web", "db");
        assertThat(services(source).get(0).spec().at("ports").at(0).at("port").number(0))
                .isEqualTo(81);
        assertThat(source.find(ResourceKind.SERVICE, "default", "web", DEADLINE)
                        .orElseThrow()
                        .origin()
                        .file())
                .isEqualTo("over");
        assertThat(source.find(ResourceKind.SERVICE, "other", "db", DEADLINE)).isPresent();
        assertThat(source.list(ListQuery.in(ResourceKind.SERVICE, "other"), DEADLINE))
                .hasSize(1);
    }

    @Test
    void should_place_what_names_no_namespace() {
        ManifestSource source = ManifestSource.of("web", SERVICE).inNamespace("production");

        assertThat(source.defaultNamespace()).isEqualTo("production");
        assertThat(source.list(ListQuery.in(ResourceKind.SERVICE, "production"), DEADLINE))
                .hasSize(1);
        assertThat(source.list(ListQuery.in(ResourceKind.SERVICE, "default"), DEADLINE))
                .isEmpty();

        ManifestSource base =
                ManifestSource.of("base", SERVICE.replace("name: web", "name: web\n  namespace: production"));
        assertThat(services(new LayeredSource(base, source)))
                .singleElement()
                .satisfies(service -> assertThat(service.origin().file()).isEqualTo("web"));
    }

    @Test
    void should_say_what_is_wrong_in_both_layers() {
        LayeredSource source =
                new LayeredSource(ManifestSource.of("base", "a: ["), ManifestSource.of("over", "kind: Pod"));

        assertThat(source.problems()).hasSize(2);
    }
}
