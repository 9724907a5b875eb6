package dev.meshdx.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceKind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FakeMeshTest {
    private final FakeMesh mesh = Meshes.small();
    private final OkHttpClient client = client(mesh);

    @AfterEach
    void close() {
        client.connectionPool().evictAll();
        client.dispatcher().executorService().shutdown();
        mesh.close();
    }

    static OkHttpClient client(FakeMesh mesh) {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry(
                    "ca",
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(
                                    mesh.certificateAuthority().getBytes(StandardCharsets.US_ASCII))));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return new OkHttpClient.Builder()
                    .sslSocketFactory(context.getSocketFactory(), (X509TrustManager) trust.getTrustManagers()[0])
                    .retryOnConnectionFailure(false)
                    .callTimeout(Duration.ofSeconds(10))
                    .build();
        } catch (java.security.GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private record Answer(int status, String type, String body, String retryAfter) {
        Json json() {
            return Json.parse(body);
        }
    }

    private Answer get(String path) {
        return send(new Request.Builder().url(mesh.url() + path).header("Authorization", "Bearer " + mesh.token()));
    }

    private Answer send(Request.Builder request) {
        try (Response response = client.newCall(request.build()).execute()) {
            return new Answer(
                    response.code(),
                    response.header("Content-Type", ""),
                    response.body().string(),
                    response.header("Retry-After", ""));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void should_page_and_say_when_a_token_is_too_old() {
        Json first = get("/api/v1/pods?limit=1").json();
        assertThat(first.at("items").size()).isEqualTo(1);
        assertThat(first.at("metadata", "remainingItemCount").number(0)).isEqualTo(2);
        String token = first.at("metadata", "continue").text("");
        assertThat(get("/api/v1/pods?limit=1&continue=" + token)
                        .json()
                        .at("items")
                        .at(0)
                        .at("metadata", "name")
                        .text(""))
                .isEqualTo("web");
        mesh.expireContinueTokens();
        Answer expired = get("/api/v1/pods?limit=1&continue=" + token);
        assertThat(expired.status()).isEqualTo(410);
        assertThat(expired.json().at("reason").text("")).isEqualTo("Expired");
        String inconsistent = expired.json().at("metadata", "continue").text("");
        assertThat(get("/api/v1/pods?continue=" + inconsistent)
                        .json()
                        .at("items")
                        .size())
                .isEqualTo(2);
        assertThat(get("/api/v1/pods?continue=nonsense").status()).isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "app=web|1",
                "app==web|1",
                "app!=web|2",
                "app in (web, db)|2",
                "app notin (web,db)|1",
                "tier|1",
                "!tier|2",
                "app=web,tier=back|0",
                "''|3"
            })
    void should_select_by_labels(String selector, int expected) {
        String encoded = java.net.URLEncoder.encode(selector, StandardCharsets.UTF_8);
        assertThat(get("/api/v1/pods?labelSelector=" + encoded)
                        .json()
                        .at("items")
                        .size())
                .isEqualTo(expected);
    }

    @Test
    void should_refuse_selectors_that_it_does_not_understand() {
        assertThat(get("/api/v1/pods?labelSelector=a%3D%3D%3Db").status()).isEqualTo(400);
        assertThat(get("/api/v1/pods?fieldSelector=spec.colour%3Dred").status()).isEqualTo(400);
        assertThat(get("/apis/networking.istio.io/v1/virtualservices?fieldSelector=metadata.name%3Dweb")
                        .json()
                        .at("items")
                        .size())
                .isEqualTo(1);
    }

    @Test
    void should_answer_in_the_version_that_was_asked_for() {
        Json list = get("/apis/networking.istio.io/v1alpha3/namespaces/production/virtualservices")
                .json();
        assertThat(list.at("apiVersion").text("")).isEqualTo("networking.istio.io/v1alpha3");
        assertThat(list.at("items").at(0).at("apiVersion").text("")).isEqualTo("networking.istio.io/v1alpha3");
        mesh.install(ResourceKind.VIRTUAL_SERVICE, "v1beta1");
        assertThat(get("/apis/networking.istio.io/v1/virtualservices").status()).isEqualTo(404);
        mesh.uninstall(ResourceKind.VIRTUAL_SERVICE);
        assertThat(get("/apis/networking.istio.io/v1beta1/virtualservices").status())
                .isEqualTo(404);
        assertThat(get("/apis/networking.istio.io/v1").body()).doesNotContain("virtualservices");
        mesh.verifyNoUnexpectedRequests();
    }

    @Test
    void should_serve_kinds_that_a_definition_brings() {
        mesh.addObject("""
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: widgets.example.org}
                spec:
                  group: example.org
                  scope: Namespaced
                  names: {plural: widgets, kind: Widget, shortNames: [wd]}
                  versions: [{name: v1beta1, served: true}, {name: v1, served: true}, {name: v1alpha1, served: false}]
                ---
                apiVersion: example.org/v1
                kind: Widget
                metadata: {name: one, namespace: production}
                """);
        assertThat(get("/apis/example.org/v1/widgets").json().at("items").size())
                .isEqualTo(1);
        assertThat(get("/apis/example.org")
                        .json()
                        .at("preferredVersion", "version")
                        .text(""))
                .isEqualTo("v1");
        assertThat(get("/apis/example.org/v1alpha1/widgets").status()).isEqualTo(404);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> mesh.addObject("{apiVersion: example.org/v1, kind: Gadget, metadata: {name: x}}"))
                .withMessageContaining("Gadget");
    }

    @Test
    void should_give_both_forms_of_discovery() {
        assertThat(get("/apis").json().at("kind").text("")).isEqualTo("APIGroupList");
        Answer aggregated = send(new Request.Builder()
                .url(mesh.url() + "/apis")
                .header("Authorization", "Bearer " + mesh.token())
                .header(
                        "Accept",
                        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"));
        assertThat(aggregated.type()).contains("as=APIGroupDiscoveryList");
        assertThat(aggregated.json().at("items").items())
                .extracting(group -> group.at("metadata", "name").text(""))
                .contains("networking.istio.io", "apps")
                .doesNotContain("metrics.k8s.io");
    }

    @Test
    void should_refuse_whom_it_does_not_know() {
        Answer wrong =
                send(new Request.Builder().url(mesh.url() + "/api/v1/pods").header("Authorization", "Bearer no"));
        assertThat(wrong.status()).isEqualTo(401);
        assertThat(wrong.json().at("reason").text("")).isEqualTo("Unauthorized");
        Answer nobody = send(new Request.Builder().url(mesh.url() + "/api/v1/pods"));
        assertThat(nobody.status()).isEqualTo(403);
        assertThat(nobody.json().at("message").text("")).contains("system:anonymous");
        String old = mesh.token();
        mesh.renewToken(FakeMesh.ADMIN);
        assertThat(send(new Request.Builder().url(mesh.url() + "/api/v1/pods").header("Authorization", "Bearer " + old))
                        .status())
                .isEqualTo(401);
        assertThat(get("/api/v1/pods").status()).isEqualTo(200);
        mesh.unauthorized(1);
        assertThat(get("/api/v1/pods").status()).isEqualTo(401);
        assertThat(get("/api/v1/pods").status()).isEqualTo(200);
    }

    @Test
    void should_forbid_by_rule() {
        mesh.deny("list", "secrets");
        assertThat(get("/api/v1/secrets").json().at("message").text(""))
                .isEqualTo(
                        "secrets is forbidden: User \"admin\" cannot list resource \"secrets\" in API group \"\" at the"
                                + " cluster scope");
        assertThat(get("/api/v1/namespaces/production/secrets/x").status()).isEqualTo(404);
        mesh.deny("*", "get", "pods/log", "production");
        assertThat(get("/api/v1/namespaces/production/pods/db/log")
                        .json()
                        .at("message")
                        .text(""))
                .isEqualTo(
                        "pods \"db\" is forbidden: User \"admin\" cannot get resource \"pods/log\" in API group \"\" in"
                                + " the namespace \"production\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> mesh.deny("list", "secret"))
                .withMessageContaining("secret");
    }

    @Test
    void should_act_for_others_only_when_allowed() {
        mesh.addUser("viewer").denyAll("viewer");
        Request.Builder asViewer = new Request.Builder()
                .url(mesh.url() + "/api/v1/pods")
                .header("Authorization", "Bearer " + mesh.token())
                .header("Impersonate-User", "viewer");
        assertThat(send(asViewer).json().at("message").text("")).contains("User \"viewer\"");
        mesh.deny(FakeMesh.ADMIN, "impersonate", "users", "*");
        assertThat(send(asViewer).json().at("message").text(""))
                .isEqualTo("users \"viewer\" is forbidden: User \"admin\" cannot impersonate resource \"users\" in API"
                        + " group \"\" at the cluster scope");
    }

    @Test
    void should_remember_what_it_does_not_know() {
        assertThat(get("/apis/example.org/v1/widgets").status()).isEqualTo(404);
        assertThat(get("/api/v1/pods?watch=true").status()).isEqualTo(405);
        assertThat(send(new Request.Builder()
                                .url(mesh.url() + "/api/v1/namespaces/production/pods")
                                .header("Authorization", "Bearer " + mesh.token())
                                .post(RequestBody.create("{}".getBytes(StandardCharsets.UTF_8))))
                        .status())
                .isEqualTo(405);
        assertThat(get("/api/v1/pods").status()).isEqualTo(200);
        assertThat(mesh.unexpectedRequests()).hasSize(3);
        assertThatThrownBy(mesh::verifyNoUnexpectedRequests)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("GET /apis/example.org/v1/widgets (list widgets) by admin: 404")
                .hasMessageContaining("watch pods")
                .hasMessageContaining("create pods");
        mesh.forgetRequests().verifyNoUnexpectedRequests();
        assertThat(mesh.requests()).isEmpty();
    }

    @Test
    void should_go_wrong_when_told() {
        mesh.fault(
                "/api/v1/pods*",
                Fault.status(429).retryAfter(Duration.ofSeconds(2)).times(2));
        assertThat(get("/api/v1/pods").retryAfter()).isEqualTo("2");
        assertThat(get("/api/v1/pods?limit=1").json().at("reason").text("")).isEqualTo("TooManyRequests");
        assertThat(get("/api/v1/pods").status()).isEqualTo(200);
        mesh.fault("/version", Fault.html());
        assertThat(get("/version").type()).startsWith("text/html");
        mesh.clearFaults().fault("/version", Fault.delay(Duration.ofMillis(300)));
        long start = System.nanoTime();
        assertThat(get("/version").status()).isEqualTo(200);
        assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(290));
        mesh.clearFaults().fault("/version", Fault.truncateAfter(10));
        assertThat(get("/version").body()).hasSize(10);
        for (Fault fault : List.of(Fault.closeAfter(10), Fault.disconnect(), Fault.rubbish())) {
            mesh.clearFaults().fault("/version", fault);
            assertThatThrownBy(() -> get("/version")).as("%s", fault).hasCauseInstanceOf(IOException.class);
        }
        mesh.clearFaults().fault("/version", Fault.drip(20, Duration.ofMillis(5)));
        assertThat(get("/version").json().at("major").text("")).isEqualTo("1");
        mesh.clearFaults().fault("/version", Fault.hang());
        assertThatThrownBy(() -> client.newBuilder()
                        .callTimeout(Duration.ofMillis(200))
                        .build()
                        .newCall(new Request.Builder()
                                .url(mesh.url() + "/version")
                                .build())
                        .execute())
                .isInstanceOf(IOException.class);
        mesh.clearFaults();
        assertThat(get("/version").status()).isEqualTo(200);
    }

    @Test
    void should_go_down_and_come_back_at_the_same_address() {
        assertThat(get("/version").status()).isEqualTo(200);
        mesh.down();
        assertThatThrownBy(() -> get("/version")).hasCauseInstanceOf(IOException.class);
        mesh.up();
        assertThat(get("/version").status()).isEqualTo(200);
    }

    @Test
    void should_change_while_it_runs() {
        String before =
                get("/api/v1/pods").json().at("metadata", "resourceVersion").text("");
        mesh.remove(ResourceKind.POD, "production", "web");
        Json after = get("/api/v1/pods").json();
        assertThat(after.at("items").size()).isEqualTo(2);
        assertThat(after.at("metadata", "resourceVersion").number(0)).isGreaterThan(Long.parseLong(before));
        mesh.addObject("{apiVersion: v1, kind: Pod, metadata: {name: new, namespace: fresh}, spec: {containers: []}}");
        assertThat(get("/api/v1/namespaces/fresh").status()).isEqualTo(200);
        assertThat(get("/api/v1/namespaces/fresh/pods/new")
                        .json()
                        .at("metadata")
                        .names())
                .contains("uid", "resourceVersion", "creationTimestamp");
    }

    @Test
    void should_select_lines_of_logs() {
        String log = "/api/v1/namespaces/production/pods/db/log";
        assertThat(get(log + "?sinceTime=2026-01-01T10:00:01Z").body()).isEqualTo("2026-01-01T10:00:01Z two\nthree\n");
        assertThat(get(log + "?tailLines=1").body()).isEqualTo("three\n");
        assertThat(get(log + "?tailLines=0").body()).isEmpty();
        assertThat(get(log + "?limitBytes=5").body()).isEqualTo("2026-");
        Answer ambiguous = get("/api/v1/namespaces/production/pods/web/log");
        assertThat(ambiguous.status()).isEqualTo(400);
        assertThat(ambiguous.json().at("message").text(""))
                .isEqualTo(
                        "a container name must be specified for pod web, choose one of: [web istio-proxy] or one of the"
                                + " init containers: [istio-init]");
        mesh.previousLog("production", "web", "istio-proxy", "killed\n");
        assertThat(get("/api/v1/namespaces/production/pods/web/log?container=istio-proxy&previous=true")
                        .body())
                .isEqualTo("killed\n");
    }

    @Test
    void should_leave_no_thread_and_no_token_behind() throws Exception {
        FakeMesh other = FakeMesh.start();
        OkHttpClient otherClient = client(other);
        other.fault("/version", Fault.hang());
        assertThatThrownBy(() -> otherClient
                        .newBuilder()
                        .callTimeout(Duration.ofMillis(200))
                        .build()
                        .newCall(new Request.Builder()
                                .url(other.url() + "/version")
                                .build())
                        .execute())
                .isInstanceOf(IOException.class);
        assertThat(other.toString()).doesNotContain(other.token());
        assertThat(fakeThreads())
                .isNotEmpty()
                .allSatisfy(thread -> assertThat(thread.isDaemon()).isTrue());
        other.close();
        other.close();
        mesh.close();
        assertThat(fakeThreads()).isEmpty();
    }

    private static List<Thread> fakeThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("mesh-fake-"))
                .toList();
    }

    @Test
    void should_start_fast() {
        long[] times = new long[5];
        for (int i = 0; i < times.length; i++) {
            long start = System.nanoTime();
            FakeMesh.start().close();
            times[i] = System.nanoTime() - start;
        }
        Arrays.sort(times);
        assertThat(Duration.ofNanos(times[times.length / 2])).isLessThan(Duration.ofMillis(300));
    }
}
