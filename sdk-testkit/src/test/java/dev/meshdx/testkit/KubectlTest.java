package dev.meshdx.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KubectlTest {
    @TempDir
    Path directory;

    private final FakeMesh mesh = Meshes.small();

    private Kubectl kubectl;

    @BeforeEach
    void findKubectl() {
        kubectl = new Kubectl(mesh, directory);
    }

    @AfterEach
    void close() {
        mesh.close();
    }

    @Test
    void should_list_pods_of_all_namespaces() {
        Kubectl.Result result = kubectl.run("get", "pods", "-A");
        assertThat(result.err()).isEmpty();
        assertThat(result.out())
                .containsPattern("NAMESPACE +NAME +READY +STATUS +RESTARTS +AGE")
                .containsPattern("production +web +2/2 +Running +0")
                .containsPattern("staging +late +0/1 +Evicted");
    }

    @Test
    void should_list_by_labels_and_fields() {
        assertThat(kubectl.run("get", "po", "-n", "production", "-l", "app in (web,x),tier=front", "-o", "name")
                        .out())
                .isEqualTo("pod/web\n");
        assertThat(kubectl.run("get", "po", "-A", "-l", "!tier", "-o", "name").out())
                .isEqualTo("pod/db\npod/late\n");
        assertThat(kubectl.run(
                                "get",
                                "po",
                                "-A",
                                "--field-selector",
                                "spec.nodeName=node-2,status.phase!=Failed",
                                "-o",
                                "name")
                        .out())
                .isEqualTo("pod/db\n");
        Kubectl.Result unknown = kubectl.run("get", "po", "-A", "--field-selector", "spec.colour=red");
        assertThat(unknown.exit()).isEqualTo(1);
        assertThat(unknown.err()).contains("(BadRequest)").contains("field label not supported: spec.colour");
    }

    @Test
    void should_show_documents_and_page_through_lists() {
        assertThat(kubectl.run("get", "vs", "-n", "production", "web", "-o", "yaml")
                        .out())
                .contains("apiVersion: networking.istio.io/v1\n", "kind: VirtualService\n", "host: web\n");
        assertThat(kubectl.run("get", "pods", "-A", "-o", "yaml").out())
                .contains("kind: Pod\n", "name: late\n", "kind: List\n");
        assertThat(kubectl.run("get", "pods", "-A", "--chunk-size=1", "-o", "name")
                        .out())
                .isEqualTo("pod/db\npod/web\npod/late\n");
        assertThat(kubectl.run(
                                "get",
                                "virtualservices.v1beta1.networking.istio.io",
                                "-A",
                                "-o",
                                "jsonpath={.items[0].apiVersion}")
                        .out())
                .isEqualTo("networking.istio.io/v1beta1");
        Kubectl.Result missing = kubectl.run("get", "pod", "-n", "production", "nobody");
        assertThat(missing.err()).isEqualTo("Error from server (NotFound): pods \"nobody\" not found\n");
        assertThat(kubectl.run("get", "all", "-n", "production", "-o", "name").out())
                .isEqualTo("pod/db\npod/web\nservice/web\n");
    }

    @Test
    void should_describe_a_pod() {
        Kubectl.Result result = kubectl.run("describe", "pod", "-n", "production", "web");
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).contains("istio-proxy:", "Readiness probe failed", "Status:       Running");
    }

    @Test
    void should_show_versions_and_kinds() {
        assertThat(kubectl.run("version", "-o", "json").out()).contains("\"gitVersion\": \"v1.33.0\"");
        assertThat(kubectl.run("api-resources").out())
                .containsPattern("virtualservices +vs +networking\\.istio\\.io/v1 +true +VirtualService")
                .doesNotContain("HTTPRoute");
        assertThat(kubectl.run("get", "httproutes", "-A").err())
                .contains("the server doesn't have a resource type \"httproutes\"");
        mesh.verifyNoUnexpectedRequests();
    }

    @Test
    void should_show_logs() {
        assertThat(kubectl.run("logs", "-n", "production", "db").out())
                .isEqualTo("2026-01-01T10:00:00Z one\n2026-01-01T10:00:01Z two\nthree\n");
        assertThat(kubectl.run("logs", "-n", "production", "db", "--tail=1", "--timestamps")
                        .out())
                .isEqualTo("2026-01-01T10:00:01.000000000Z three\n");
        assertThat(kubectl.run("logs", "-n", "production", "web", "-c", "istio-proxy")
                        .out())
                .isEqualTo("proxy starts\n");
        assertThat(kubectl.run("logs", "-n", "production", "db", "--previous").err())
                .contains("previous terminated container \"db\" in pod \"db\" not found");
        assertThat(kubectl.run("logs", "-n", "production", "web", "-c", "nope").err())
                .contains("container nope is not valid for pod web");
    }

    @Test
    void should_tell_what_one_may() {
        mesh.addUser("viewer").denyAll("viewer").allow("viewer", "list", "pods", "production");
        kubectl = new Kubectl(mesh, directory);
        assertThat(kubectl.run("auth", "can-i", "list", "secrets").out()).isEqualTo("yes\n");
        assertThat(kubectl.run("--context", "fake-viewer", "auth", "can-i", "list", "secrets")
                        .out())
                .isEqualTo("no\n");
        assertThat(kubectl.run("--context", "fake-viewer", "auth", "can-i", "list", "pods", "-n", "production")
                        .out())
                .isEqualTo("yes\n");
        assertThat(kubectl.run("--context", "fake-viewer", "auth", "can-i", "--list", "-n", "production")
                        .out())
                .containsPattern("pods +\\[\\] +\\[\\] +\\[list\\]")
                .doesNotContain("secrets");
        assertThat(kubectl.run("--context", "fake-viewer", "auth", "whoami").out())
                .contains("viewer");
        assertThat(kubectl.run("--context", "fake-viewer", "get", "pods", "-n", "production", "-o", "name")
                        .exit())
                .isZero();
        assertThat(kubectl.run("--context", "fake-viewer", "get", "pods", "-n", "staging")
                        .err())
                .isEqualTo("Error from server (Forbidden): pods is forbidden: User \"viewer\" cannot list resource"
                        + " \"pods\" in API group \"\" in the namespace \"staging\"\n");
        assertThat(kubectl.run("--as", "viewer", "get", "vs", "-A").err())
                .contains("virtualservices.networking.istio.io is forbidden: User \"viewer\" cannot list resource"
                        + " \"virtualservices\" in API group \"networking.istio.io\" at the cluster scope");
    }

    @Test
    void should_know_users_by_their_certificate() {
        mesh.addCertificateUser("ops").addExpiredCertificateUser("gone");
        kubectl = new Kubectl(mesh, directory);
        assertThat(kubectl.run("--context", "fake-ops", "auth", "whoami").out()).contains("ops");
        assertThat(kubectl.run("--context", "fake-gone", "get", "pods").err())
                .contains("You must be logged in to the server");
        assertThat(mesh.requests())
                .anySatisfy(request -> assertThat(request.user()).isEqualTo("ops"));
    }

    @Test
    void should_refuse_writes_and_say_so() {
        Kubectl.Result result = kubectl.run("delete", "pod", "-n", "production", "web", "--wait=false");
        assertThat(result.exit()).isEqualTo(1);
        assertThat(result.err()).contains("does not allow this method");
        assertThat(mesh.unexpectedRequests())
                .singleElement()
                .satisfies(request -> assertThat(request.verb()).isEqualTo("delete"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void should_forward_ports(boolean webSockets) throws Exception {
        String dump = "{\"configs\":\"" + "x".repeat(6_000_000) + "\"}";
        mesh.page("production", "web", 15000, "/config_dump", dump);
        try (Kubectl.Forward forward = kubectl.forward(webSockets, "production", "web", 15000)) {
            HttpClient client = HttpClient.newHttpClient();
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + forward.port() + "/config_dump?include_eds"))
                    .build();
            List<CompletableFuture<String>> answers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                answers.add(client.sendAsync(request, BodyHandlers.ofString()).thenApply(response -> response.body()));
            }
            for (CompletableFuture<String> answer : answers) {
                assertThat(answer.get().equals(dump)).isTrue();
            }
            HttpRequest ready = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + forward.port() + "/ready"))
                    .POST(HttpRequest.BodyPublishers.ofString("x"))
                    .build();
            assertThat(client.send(ready, BodyHandlers.ofString()).body()).isEqualTo("LIVE\n");
        }
        assertThat(mesh.podRequests()).hasSize(4).last().hasToString("POST production/web:15000/ready: 200");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void should_tell_that_a_port_is_closed(boolean webSockets) throws Exception {
        try (Kubectl.Forward forward = kubectl.forward(webSockets, "production", "web", 15999)) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + forward.port() + "/"))
                    .build();
            CompletableFuture<?> answer = HttpClient.newHttpClient().sendAsync(request, BodyHandlers.ofString());
            assertThat(answer).failsWithin(java.time.Duration.ofSeconds(10));
            long end = System.nanoTime() + 5_000_000_000L;
            while (!forward.err().contains("connection refused") && System.nanoTime() < end) {
                Thread.sleep(20);
            }
            assertThat(forward.err())
                    .contains("an error occurred forwarding", "-> 15999: error forwarding port 15999 to pod")
                    .contains("connection refused");
        }
    }
}
