package dev.meshdx.source.internal.kubeconfig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.meshdx.error.MeshAccessException;
import dev.meshdx.error.MeshConfigurationException;
import dev.meshdx.error.MeshException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class KubeconfigTest {
    private static final String SECRET = "s3cr3t-t0ken-value";

    @TempDir
    private Path folder;

    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private static String config(String current, String cluster, String server) {
        return """
                apiVersion: v1
                kind: Config
                %s
                clusters: [{name: %s, cluster: {server: "%s"}}]
                users: [{name: dev, user: {token: %s}}]
                contexts: [{name: on-%s, context: {cluster: %s, user: dev}}]
                """.formatted(current, cluster, server, SECRET, cluster, cluster);
    }

    private static ClusterAccess open(AccessRequest.Builder request) {
        ClusterAccess access = ClusterAccessFactory.open(request.build());
        access.onClose().run();
        return access;
    }

    private AccessRequest.Builder environment(String... pairs) {
        Map<String, String> environment = Stream.iterate(0, i -> i < pairs.length, i -> i + 2)
                .collect(Collectors.toMap(i -> pairs[i], i -> pairs[i + 1]));
        return TestCluster.request().environment(environment).home(folder);
    }

    private static MeshConfigurationException refused(AccessRequest.Builder request) {
        MeshConfigurationException e = catchThrowableOfType(MeshConfigurationException.class, () -> open(request));
        assertThat(e).as("an exception").isNotNull();
        assertTells(e);
        return e;
    }

    private static void assertTells(MeshException e) {
        assertThat(e.remedy()).isNotBlank();
        for (Throwable t = e; t != null; t = t.getCause()) {
            assertThat(String.valueOf(t)).doesNotContain(SECRET);
        }
        assertThat(e.getMessage()).doesNotContain("\n").hasSizeLessThan(1000);
    }

    private MeshConfigurationException refusedText(String text) {
        return refused(TestCluster.request().text(text));
    }

    @Nested
    class Finding {
        @Test
        void should_open_the_current_context_of_the_usual_file() throws IOException {
            write(".kube/config", config("current-context: on-a", "a", "https://a.example:6443"));

            ClusterAccess access = open(environment());

            assertThat(access.description()).isEqualTo("context on-a");
            assertThat(access.namespace()).isEqualTo("default");
            assertThat(access.server()).hasToString("https://a.example:6443/");
        }

        @Test
        void should_prefer_KUBECONFIG_to_the_usual_file() throws IOException {
            write(".kube/config", config("current-context: on-a", "a", "https://a.example"));
            Path other = write("other", config("current-context: on-b", "b", "https://b.example"));

            assertThat(open(environment("KUBECONFIG", other.toString()))
                            .server()
                            .host())
                    .isEqualTo("b.example");
        }

        @Test
        void should_prefer_what_the_caller_names_to_KUBECONFIG() throws IOException {
            Path a = write("a", config("current-context: on-a", "a", "https://a.example"));
            Path b = write("b", config("current-context: on-b", "b", "https://b.example"));

            assertThat(open(environment("KUBECONFIG", b.toString()).files(List.of(a)))
                            .server()
                            .host())
                    .isEqualTo("a.example");
            assertThat(open(environment("KUBECONFIG", b.toString())
                                    .text(config("current-context: on-c", "c", "https://c.example")))
                            .server()
                            .host())
                    .isEqualTo("c.example");
        }

        @Test
        void should_merge_the_files_of_KUBECONFIG_as_kubectl_does() throws IOException {
            Path first = write("first", """
                    clusters: [{name: shared, cluster: {server: "https://first.example"}}]
                    """);
            Path second = write("second", """
                    current-context: x
                    clusters: [{name: shared, cluster: {server: "https://second.example", tls-server-name: lost}}]
                    contexts: [{name: x, context: {cluster: shared, namespace: two}}]
                    """);
            Path third = write("third", """
                    current-context: y
                    contexts: [{name: x, context: {cluster: nowhere}}, {name: y, context: {cluster: shared}}]
                    """);
            String list = Stream.of(first, folder.resolve("missing"), second, third, first)
                    .map(Path::toString)
                    .collect(Collectors.joining(File.pathSeparator));

            ClusterAccess access = open(environment("KUBECONFIG", list));

            assertThat(access.description()).isEqualTo("context x");
            assertThat(access.server().host()).isEqualTo("first.example");
            assertThat(access.namespace()).isEqualTo("two");
            assertThat(open(environment("KUBECONFIG", list).context("y")).description())
                    .isEqualTo("context y");
        }

        @Test
        void should_resolve_paths_against_the_file_they_stand_in() throws IOException {
            write("one/ca.pem", TestCluster.CA.certificatePem());
            Path one = write("one/config", """
                    clusters: [{name: c, cluster: {server: "https://c.example", certificate-authority: ca.pem}}]
                    users: [{name: dev, user: {tokenFile: ../two/nothing}}]
                    """);
            write("two/token", "abc");
            Path two = write("two/config", """
                    current-context: x
                    contexts: [{name: x, context: {cluster: c, user: u}}]
                    users: [{name: u, user: {tokenFile: ./token}}]
                    """);

            assertThat(open(environment("KUBECONFIG", one + File.pathSeparator + two))
                            .description())
                    .isEqualTo("context x");
        }

        @Test
        void should_take_the_namespace_of_the_request_then_of_the_context() throws IOException {
            String text = TestCluster.kubeconfig("https://a.example", List.of(), List.of());

            assertThat(open(TestCluster.request().text(text)).namespace()).isEqualTo("shop");
            assertThat(open(TestCluster.request().text(text).namespace("mine")).namespace())
                    .isEqualTo("mine");
        }

        @Test
        void should_read_JSON_merge_keys_and_a_byte_order_mark() {
            assertThat(open(TestCluster.request()
                                    .text("\uFEFF{\"current-context\":\"x\",\"contexts\":[{\"name\":\"x\",\"context\":"
                                            + "{\"cluster\":\"c\"}}],\"clusters\":[{\"name\":\"c\",\"cluster\":"
                                            + "{\"server\":\"https://j.example\"}}]}"))
                            .server()
                            .host())
                    .isEqualTo("j.example");
            assertThat(open(TestCluster.request().text("""
                                            common: &common {server: "https://m.example"}
                                            current-context: x
                                            contexts: [{name: x, context: {cluster: c}}]
                                            clusters: [{name: c, cluster: {<<: *common}}]
                                            """)).server().host()).isEqualTo("m.example");
        }

        @Test
        void should_read_a_pipe() throws Exception {
            Path pipe = folder.resolve("pipe");
            assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                    .isZero();
            Thread writer = new Thread(() -> {
                try {
                    Files.writeString(pipe, config("current-context: on-a", "a", "https://a.example"));
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            writer.start();

            assertThat(open(environment("KUBECONFIG", pipe.toString())).server().host())
                    .isEqualTo("a.example");
            writer.join();
        }

        @Test
        void should_keep_a_path_before_the_API() {
            assertThat(open(TestCluster.request()
                                    .text(TestCluster.kubeconfig(
                                            "https://rancher.example/k8s/clusters/c-1", List.of(), List.of())))
                            .server()
                            .encodedPath())
                    .isEqualTo("/k8s/clusters/c-1");
        }

        @Test
        void should_not_change_the_file() throws IOException {
            Path file = write("config", config("current-context: on-a", "a", "https://a.example"));
            byte[] before = Files.readAllBytes(file);
            Files.setLastModifiedTime(file, java.nio.file.attribute.FileTime.fromMillis(1000));

            open(TestCluster.request().files(List.of(file)));

            assertThat(Files.readAllBytes(file)).isEqualTo(before);
            assertThat(Files.getLastModifiedTime(file).toMillis()).isEqualTo(1000);
        }
    }

    @Nested
    class InAPod {
        private AccessRequest.Builder pod() throws IOException {
            write("sa/token", "pod-token");
            write("sa/ca.crt", TestCluster.CA.certificatePem());
            write("sa/namespace", "payments\n");
            return environment("KUBERNETES_SERVICE_HOST", "10.0.0.1", "KUBERNETES_SERVICE_PORT", "6443")
                    .serviceAccount(folder.resolve("sa"));
        }

        @Test
        void should_use_the_service_account_where_there_is_no_kubeconfig() throws IOException {
            ClusterAccess access = open(pod());

            assertThat(access.description()).isEqualTo("in-cluster");
            assertThat(access.namespace()).isEqualTo("payments");
            assertThat(access.server()).hasToString("https://10.0.0.1:6443/");
        }

        @Test
        void should_put_an_IPv6_address_in_brackets() throws IOException {
            AccessRequest.Builder request = pod().environment(Map.of("KUBERNETES_SERVICE_HOST", "fd00::1"));

            assertThat(open(request).server()).hasToString("https://[fd00::1]/");
        }

        @Test
        void should_prefer_a_kubeconfig_unless_told_otherwise() throws IOException {
            write(".kube/config", config("current-context: on-a", "a", "https://a.example"));

            assertThat(open(pod()).description()).isEqualTo("context on-a");
            assertThat(open(pod().inCluster(true)).description()).isEqualTo("in-cluster");
        }

        @Test
        void should_refuse_where_this_is_no_pod() {
            assertThat(refused(environment().inCluster(true))).hasMessageContaining("KUBERNETES_SERVICE_HOST");
        }

        @Test
        void should_refuse_a_context_beside_the_service_account() throws IOException {
            assertThat(refused(pod().inCluster(true).context("prod"))).hasMessageContaining("context");
            assertThat(refused(pod().context("prod"))).hasMessageContaining("\"prod\"");
        }

        @Test
        void should_say_what_is_not_mounted() throws IOException {
            AccessRequest.Builder request = pod();
            Files.delete(folder.resolve("sa/token"));
            MeshAccessException noToken = catchThrowableOfType(MeshAccessException.class, () -> open(request));
            assertThat(noToken).hasMessageContaining("sa/token").hasMessageContaining("does not exist");

            Files.delete(folder.resolve("sa/ca.crt"));
            assertThat(refused(request)).hasMessageContaining("ca.crt").hasMessageContaining("does not exist");
        }
    }

    @Nested
    class Wrong {
        @Test
        void should_say_where_it_searched_when_there_is_nothing() {
            assertThat(refused(environment()))
                    .hasMessageContaining("KUBECONFIG is not set")
                    .hasMessageContaining(folder.resolve(".kube/config").toString())
                    .hasMessageContaining("not a pod");
        }

        @Test
        void should_not_fall_back_when_KUBECONFIG_names_missing_files() {
            assertThat(refused(environment("KUBECONFIG", "/no/such", "KUBERNETES_SERVICE_HOST", "10.0.0.1")))
                    .hasMessageContaining("/no/such");
        }

        @Test
        void should_name_a_file_that_is_missing_a_folder_or_not_text() throws IOException {
            assertThat(refused(TestCluster.request().files(List.of(folder.resolve("gone")))))
                    .hasMessageContaining(folder.resolve("gone").toString())
                    .hasMessageContaining("does not exist");
            assertThat(refused(TestCluster.request().files(List.of(folder)))).hasMessageContaining("is a folder");
            Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
            assertThat(refused(TestCluster.request().files(List.of(binary)))).hasMessageContaining("not UTF-8");
        }

        @Test
        void should_refuse_both_text_and_files() throws IOException {
            Path file = write("config", "");

            assertThat(refused(TestCluster.request().text("a").files(List.of(file))))
                    .hasMessageContaining("Both");
        }

        @Test
        void should_say_that_a_file_is_empty() throws IOException {
            for (String text : List.of("", "# nothing\n", "---\n", "{}", "apiVersion: v1\nkind: Config\n")) {
                Path file = write("empty", text);
                assertThat(refused(TestCluster.request().files(List.of(file))))
                        .hasMessageContaining(file.toString())
                        .hasMessageContaining("is empty");
            }
        }

        @Test
        void should_say_that_a_file_is_not_a_kubeconfig() {
            assertThat(refusedText("just words")).hasMessageContaining("holds a text");
            assertThat(refusedText("[1, 2]")).hasMessageContaining("holds a list");
            assertThat(refusedText("kind: Pod\nmetadata: {}")).hasMessageContaining("manifest of kind Pod");
            assertThat(refusedText("clusters: {a: b}")).hasMessageContaining("a list is expected");
            assertThat(refusedText("contexts: [a]"))
                    .hasMessageContaining("contexts[0]")
                    .hasMessageContaining("mapping");
            assertThat(refusedText("a: 1\n---\nb: 2")).hasMessageContaining("not YAML");
        }

        @Test
        void should_point_to_the_line_that_is_not_YAML_without_quoting_it() throws IOException {
            List<String> rubbish = List.of(
                    "a: 1\nusers:\n- name: x\n token: \"" + SECRET + "\n",
                    "a: 1\ntoken: *" + SECRET + "\n",
                    "a: 1\ntoken: !" + SECRET + "!x y\n",
                    "a: 1\ntoken: @" + SECRET + "\n",
                    "a: 1\ntoken: `" + SECRET + "\n",
                    "a: 1\n\ttoken: " + SECRET + "\n",
                    "a: 1\n{token: " + SECRET + "\n",
                    "a: 1\ntoken: " + SECRET + ": x: y\n",
                    "a: 1\ntoken: \"" + SECRET + "\\q\"\n",
                    "a: 1\ntoken: " + SECRET + "\u0007\n");
            for (String text : rubbish) {
                Path file = write("rubbish", text);
                MeshConfigurationException e = refused(TestCluster.request().files(List.of(file)));
                assertThat(e).as(text).hasMessageContaining(file.toString()).hasMessageContaining("YAML");
                if (!text.contains("\u0007")) {
                    assertThat(e).as(text).hasMessageContaining("line ");
                }
            }
        }

        @Test
        void should_suggest_a_context() {
            String text = """
                    contexts:
                    - {name: prod-eu, context: {cluster: c}}
                    - {name: staging, context: {cluster: c}}
                    """;

            assertThat(refused(TestCluster.request().text(text).context("prod-ue")))
                    .hasMessageContaining("no context \"prod-ue\"")
                    .hasMessageContaining("Did you mean \"prod-eu\"?")
                    .hasMessageContaining("prod-eu, staging");
            assertThat(refused(TestCluster.request().text("current-context: stagin\n" + text)))
                    .hasMessageContaining("line 1, current-context")
                    .hasMessageContaining("Did you mean \"staging\"?");
            assertThat(refusedText(text))
                    .hasMessageContaining("no current-context")
                    .hasMessageContaining("prod-eu, staging");
        }

        @Test
        void should_not_list_hundreds_of_contexts() {
            String text = "contexts:\n"
                    + Stream.iterate(0, i -> i + 1)
                            .limit(300)
                            .map(i -> "- {name: context-" + i + ", context: {cluster: c}}\n")
                            .collect(Collectors.joining());

            assertThat(refusedText(text)).hasMessageContaining("and 280 more");
        }

        @Test
        void should_name_an_unknown_cluster_or_user() {
            assertThat(refusedText("""
                            current-context: x
                            contexts: [{name: x, context: {cluster: proud}}]
                            clusters: [{name: prod, cluster: {}}]
                            """))
                    .hasMessageContaining("context \"x\"")
                    .hasMessageContaining("no cluster \"proud\"")
                    .hasMessageContaining("Did you mean \"prod\"?");
            assertThat(refusedText("""
                            current-context: x
                            contexts: [{name: x, context: {cluster: prod, user: ana}}]
                            clusters: [{name: prod, cluster: {server: "https://a"}}]
                            """))
                    .hasMessageContaining("no user \"ana\"")
                    .hasMessageContaining("There are no users.");
            assertThat(refusedText("current-context: x\ncontexts: [{name: x, context: {user: u}}]"))
                    .hasMessageContaining("names no cluster");
        }

        @Test
        void should_refuse_a_key_or_a_name_that_stands_twice() {
            assertThat(refusedText(TestCluster.kubeconfig(
                            "https://a.example", List.of(), List.of("token: " + SECRET, "token: " + SECRET + "2"))))
                    .hasMessageContaining("user \"dev\"")
                    .hasMessageContaining("\"token\" stands twice");
            assertThat(refusedText("users: [{name: a, user: {}}, {name: a, user: {}}]"))
                    .hasMessageContaining("more than one user of the name \"a\"");
        }

        @Test
        void should_not_mind_what_is_wrong_with_entries_that_are_not_used() {
            String text = TestCluster.kubeconfig("https://a.example", List.of(), List.of("token: abc"))
                    + "- name: broken\n  user: {exec: {command: [1]}, token: {}}\n";

            assertThat(open(TestCluster.request().text(text)).description()).isEqualTo("context test");
        }

        @Test
        void should_refuse_a_bad_server() {
            for (String server : List.of("\"\"", "not a url", "ftp://a", "localhost:8080", "https://", "http:/a")) {
                assertThat(refusedText(TestCluster.kubeconfig(server, List.of(), List.of())))
                        .as(server)
                        .hasMessageContaining("cluster \"main\", server");
            }
            assertThat(refusedText(TestCluster.kubeconfig("https://me:" + SECRET + "@a.example", List.of(), List.of())))
                    .hasMessageContaining("user name or a password");
            assertThat(refusedText(TestCluster.kubeconfig("https://a.example?x=1", List.of(), List.of())))
                    .hasMessageContaining("query");
        }

        @Test
        void should_complete_an_address_without_a_scheme_when_there_is_an_authority() {
            assertThat(open(TestCluster.request()
                                    .text(TestCluster.kubeconfig(
                                            "10.0.0.1:6443", List.of(TestCluster.trustLine()), List.of())))
                            .server())
                    .hasToString("https://10.0.0.1:6443/");
        }

        @Test
        void should_refuse_bad_switches_and_contradictions() {
            assertThat(refusedText(TestCluster.kubeconfig(
                            "https://a.example", List.of("insecure-skip-tls-verify: maybe"), List.of())))
                    .hasMessageContaining("insecure-skip-tls-verify")
                    .hasMessageContaining("neither true nor false");
            assertThat(refusedText(TestCluster.kubeconfig(
                            "https://a.example",
                            List.of("insecure-skip-tls-verify: true", TestCluster.trustLine()),
                            List.of())))
                    .hasMessageContaining("contradict");
            assertThat(refusedText(TestCluster.kubeconfig(
                            "https://a.example", List.of("tls-server-name: \"a b\""), List.of())))
                    .hasMessageContaining("tls-server-name");
        }

        @Test
        void should_refuse_relative_paths_in_a_text() {
            assertThat(refusedText(TestCluster.kubeconfig(
                            "https://a.example", List.of("certificate-authority: ca.pem"), List.of())))
                    .hasMessageContaining("ca.pem is relative");
        }

        @Test
        void should_name_the_file_that_an_entry_names() throws IOException {
            Path file = write(
                    "config",
                    TestCluster.kubeconfig("https://a.example", List.of("certificate-authority: ~/ca.pem"), List.of()));

            MeshConfigurationException e = refused(TestCluster.request().files(List.of(file)));

            assertThat(e)
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining("line 11")
                    .hasMessageContaining("certificate-authority")
                    .hasMessageContaining("does not exist");
            assertThat(e.remedy()).contains("~ is not expanded");
        }

        @Test
        void should_stop_an_alias_bomb() {
            StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
            for (int i = 1; i < 40; i++) {
                String previous = "*a" + (i - 1);
                bomb.append("a%d: &a%d [%s]\n"
                        .formatted(i, i, String.join(", ", java.util.Collections.nCopies(9, previous))));
            }

            assertThat(refusedText(bomb.toString())).hasMessageContaining("aliases");
            assertThat(refusedText("current-context: x\ncontexts: &c\n- {name: x, context: &d {cluster: *d}}\n"))
                    .hasMessageContaining("a text is expected");
            assertThat(refusedText("current-context: x\ncontexts: [{name: x, context: &d {<<: *d}}]\n"))
                    .hasMessageContaining("names no cluster");
        }

        @Test
        void should_stop_deep_nesting() {
            assertThat(refusedText("a: " + "[".repeat(100_000))).hasMessageContaining("nested deeper");
            assertThat(refusedText("a: " + "{a: ".repeat(5000) + "1" + "}".repeat(5000)))
                    .hasMessageContaining("nested deeper");
        }

        @Test
        void should_refuse_a_file_of_50_megabytes_at_once() throws IOException {
            byte[] line = ("# " + "x".repeat(1021) + "\n").getBytes(StandardCharsets.UTF_8);
            byte[] all = new byte[50 * 1024 * 1024];
            for (int i = 0; i < all.length; i++) {
                all[i] = line[i % line.length];
            }
            Path file = Files.write(folder.resolve("huge"), all);
            long start = System.nanoTime();

            assertThat(refused(TestCluster.request().files(List.of(file)))).hasMessageContaining("larger than 8 MiB");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
            assertThat(refusedText(new String(all, StandardCharsets.UTF_8))).hasMessageContaining("too large");
        }

        @Test
        void should_survive_whatever_is_changed_in_a_good_one() {
            String good = TestCluster.kubeconfig(
                    "https://a.example", List.of(TestCluster.trustLine()), List.of("token: " + SECRET));
            java.util.Random random = new java.util.Random(7);
            for (int i = 0; i < 3000; i++) {
                char[] text = good.toCharArray();
                for (int change = 0; change <= random.nextInt(3); change++) {
                    text[random.nextInt(text.length)] = ":-[]{}&*!|>'\"%@`#, \n\tx0\u0000é".charAt(random.nextInt(25));
                }
                int from = random.nextInt(3) == 0 ? random.nextInt(text.length) : 0;
                String changed = new String(Arrays.copyOfRange(text, from, text.length));
                try {
                    open(TestCluster.request().text(changed));
                } catch (MeshConfigurationException e) {
                    assertTells(e);
                }
            }
        }
    }

    @Test
    void should_show_no_secret_of_a_request() {
        assertThat(TestCluster.request()
                        .token(SECRET)
                        .text("token: " + SECRET)
                        .build()
                        .toString())
                .doesNotContain(SECRET);
    }
}
