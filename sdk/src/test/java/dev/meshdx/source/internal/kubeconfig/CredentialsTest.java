package dev.meshdx.source.internal.kubeconfig;

import static dev.meshdx.source.internal.kubeconfig.TestCluster.base64;
import static dev.meshdx.source.internal.kubeconfig.TestCluster.get;
import static dev.meshdx.source.internal.kubeconfig.TestCluster.request;
import static dev.meshdx.source.internal.kubeconfig.TestCluster.script;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.meshdx.error.MeshAccessException;
import dev.meshdx.error.MeshConfigurationException;
import dev.meshdx.error.MeshException;
import dev.meshdx.model.Json;
import dev.meshdx.source.internal.kubeconfig.TestCluster.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CredentialsTest {
    private static final String SECRET = "s3cr3t-t0ken-value";

    private final TestCluster cluster = new TestCluster();
    private final ManualClock clock = new ManualClock(Instant.now());

    @TempDir
    private Path folder;

    @AfterEach
    void close() throws InterruptedException {
        cluster.close();
        assertNoThreads();
    }

    private static void assertNoThreads() throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        List<String> left = threads();
        while (!left.isEmpty() && System.nanoTime() < end) {
            Thread.sleep(20);
            left = threads();
        }
        assertThat(left).as("threads that are left over").isEmpty();
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.matches("mesh-(http|exec|oidc)-.*"))
                .toList();
    }

    private ClusterAccess open(String... userLines) {
        return cluster.open(request().text(cluster.kubeconfig(userLines)).clock(clock));
    }

    private RecordedRequest taken() throws InterruptedException {
        RecordedRequest request = cluster.server.takeRequest(20, TimeUnit.SECONDS);
        assertThat(request).as("a request").isNotNull();
        return request;
    }

    private String authorization() throws InterruptedException {
        return taken().getHeaders().get("Authorization");
    }

    private static <T extends MeshException> T failure(Class<T> type, ClusterAccess access) {
        CredentialException e = catchThrowableOfType(CredentialException.class, () -> get(access));
        assertThat(e).as("an exception").isNotNull();
        assertThat(e.failure()).isInstanceOf(type).isSameAs(e.getCause());
        assertTells(e.failure());
        return type.cast(e.failure());
    }

    private MeshConfigurationException refused(String... userLines) {
        MeshConfigurationException e = catchThrowableOfType(MeshConfigurationException.class, () -> open(userLines));
        assertThat(e).as("an exception").isNotNull();
        assertTells(e);
        return e;
    }

    private static void assertTells(MeshException e) {
        assertThat(e.getMessage()).isNotBlank();
        assertThat(e.remedy()).isNotBlank().doesNotContain(SECRET);
        for (Throwable t = e; t != null; t = t.getCause()) {
            assertThat(String.valueOf(t)).doesNotContain(SECRET);
        }
    }

    @Nested
    class Tokens {
        @Test
        void should_send_no_request_when_opening() throws Exception {
            cluster.answers(200);
            ClusterAccess access = open("token: " + SECRET);
            assertThat(cluster.server.getRequestCount()).isZero();

            assertThat(get(access)).isEqualTo(200);
            assertThat(authorization()).isEqualTo("Bearer " + SECRET);
        }

        @Test
        void should_prefer_the_token_of_the_request() throws Exception {
            cluster.answers(200);
            HeldCertificate ana = TestCluster.client("ana");

            get(cluster.open(request()
                    .token("given")
                    .text(cluster.kubeconfig(
                            "token: " + SECRET,
                            "client-certificate-data: " + base64(ana.certificatePem()),
                            "client-key-data: " + base64(ana.privateKeyPkcs8Pem())))));

            RecordedRequest request = taken();
            assertThat(request.getHeaders().values("Authorization")).containsExactly("Bearer given");
            assertThat(request.getHandshake().peerCertificates()).isEmpty();
        }

        @Test
        void should_send_a_user_name_with_a_password() throws Exception {
            cluster.answers(200);

            get(open("username: ana", "password: \"p:w\""));

            assertThat(authorization()).isEqualTo(okhttp3.Credentials.basic("ana", "p:w"));
        }

        @Test
        void should_be_anonymous_without_a_user() throws Exception {
            cluster.answers(401);

            assertThat(get(open())).isEqualTo(401);
            assertThat(authorization()).isNull();
            assertThat(cluster.server.getRequestCount()).isEqualTo(1);
        }

        @Test
        void should_hand_out_401_when_there_is_no_other_token() throws Exception {
            cluster.answers(401);

            assertThat(get(open("token: " + SECRET))).isEqualTo(401);
            assertThat(cluster.server.getRequestCount()).isEqualTo(1);
        }

        @Test
        void should_leave_an_authorization_of_the_request_alone() throws Exception {
            cluster.answers(200);
            ClusterAccess access = open("token: " + SECRET);

            access.http()
                    .newCall(new Request.Builder()
                            .url(access.server())
                            .header("Authorization", "Bearer mine")
                            .build())
                    .execute()
                    .close();

            assertThat(taken().getHeaders().values("Authorization")).containsExactly("Bearer mine");
        }

        @Test
        void should_prove_nothing_to_other_servers() throws Exception {
            ClusterAccess access = open("token: " + SECRET, "as: ana");
            try (mockwebserver3.MockWebServer other = new mockwebserver3.MockWebServer()) {
                other.enqueue(new MockResponse.Builder().build());
                other.start();

                access.http()
                        .newCall(new Request.Builder().url(other.url("/")).build())
                        .execute()
                        .close();

                assertThat(other.takeRequest().getHeaders().names())
                        .doesNotContain("Authorization", "Impersonate-User");
            }
        }

        @Test
        void should_not_follow_a_redirect_with_the_token() throws Exception {
            cluster.server.enqueue(new MockResponse.Builder()
                    .code(302)
                    .addHeader("Location", "https://login.example/")
                    .build());

            assertThat(get(open("token: " + SECRET))).isEqualTo(302);
        }

        @Test
        void should_send_nothing_in_the_clear() throws Exception {
            String clear = TestCluster.kubeconfig("http://api.example", List.of(), List.of("token: " + SECRET));

            ClusterAccess access = cluster.open(clear);
            assertThat(catchThrowableOfType(
                            MeshConfigurationException.class,
                            () -> cluster.open(request().text(clear).token(SECRET))))
                    .hasMessageContaining("in the clear");
            assertThat(access.server().isHttps()).isFalse();
        }

        @Test
        void should_refuse_a_token_that_no_header_can_hold() {
            assertThat(refused("token: \"" + SECRET + "\\n" + SECRET + "\"")).hasMessageContaining("line break");
            assertThat(refused("token: " + SECRET + " é"))
                    .hasMessageContaining("user \"dev\", token")
                    .hasMessageContaining("blank");
            assertThat(catchThrowableOfType(
                            MeshConfigurationException.class,
                            () -> cluster.open(request().token(" ").text(cluster.kubeconfig()))))
                    .hasMessageContaining("is empty");
        }
    }

    @Nested
    class TokenFiles {
        private Path token(String token) throws IOException {
            return Files.writeString(folder.resolve("token"), token + "\n");
        }

        @Test
        void should_read_the_file_again_after_a_minute() throws Exception {
            cluster.answers(200, 200, 200);
            ClusterAccess access = open("tokenFile: " + token("first"));
            get(access);
            token("second");
            get(access);
            clock.advance(Duration.ofSeconds(61));
            get(access);

            assertThat(List.of(authorization(), authorization(), authorization()))
                    .containsExactly("Bearer first", "Bearer first", "Bearer second");
        }

        @Test
        void should_read_the_file_again_on_401() throws Exception {
            cluster.answers(200, 401, 200);
            ClusterAccess access = open("tokenFile: " + token("first"));
            get(access);
            token("second");

            assertThat(get(access)).isEqualTo(200);
            assertThat(List.of(authorization(), authorization(), authorization()))
                    .containsExactly("Bearer first", "Bearer first", "Bearer second");
        }

        @Test
        void should_not_ask_twice_with_the_same_token() throws Exception {
            cluster.answers(401);

            assertThat(get(open("tokenFile: " + token("first")))).isEqualTo(401);
            assertThat(cluster.server.getRequestCount()).isEqualTo(1);
        }

        @Test
        void should_keep_the_last_token_while_the_file_is_away() throws Exception {
            cluster.answers(200, 200);
            ClusterAccess access = open("tokenFile: " + token("first"));
            get(access);
            Files.delete(folder.resolve("token"));
            clock.advance(Duration.ofMinutes(5));
            get(access);

            assertThat(List.of(authorization(), authorization())).containsExactly("Bearer first", "Bearer first");
        }

        @Test
        void should_say_that_the_file_is_missing_empty_or_rubbish() throws IOException {
            for (String content : List.of("", "two words", "a\u0000b")) {
                Path file = token(content);
                assertThat(catchThrowableOfType(MeshAccessException.class, () -> open("tokenFile: " + file)))
                        .hasMessageContaining("user \"dev\", tokenFile")
                        .hasMessageContaining(file.toString());
            }
            assertThat(catchThrowableOfType(MeshAccessException.class, () -> open("tokenFile: /no/such")))
                    .hasMessageContaining("does not exist");
        }

        @Test
        void should_use_the_service_account_of_a_pod() throws Exception {
            cluster.answers(200, 401, 200);
            token("first");
            Files.writeString(folder.resolve("ca.crt"), TestCluster.CA.certificatePem());
            ClusterAccess access = cluster.open(request()
                    .environment(Map.of(
                            "KUBERNETES_SERVICE_HOST",
                            "localhost",
                            "KUBERNETES_SERVICE_PORT",
                            String.valueOf(cluster.server.getPort())))
                    .serviceAccount(folder));
            get(access);
            token("second");

            assertThat(get(access)).isEqualTo(200);
            assertThat(List.of(authorization(), authorization(), authorization()))
                    .containsExactly("Bearer first", "Bearer first", "Bearer second");
        }
    }

    @Nested
    class ClientCertificates {
        @Test
        void should_show_the_certificate_whatever_the_form_of_the_key() throws Exception {
            HeldCertificate ec = TestCluster.client("ana");
            HeldCertificate rsa = new HeldCertificate.Builder()
                    .signedBy(TestCluster.CA)
                    .commonName("ana")
                    .rsa2048()
                    .build();
            Map<HeldCertificate, List<String>> forms = Map.of(
                    ec,
                    List.of(
                            ec.privateKeyPkcs8Pem(),
                            TestCluster.olderPem(ec.keyPair().getPrivate()),
                            "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
                                    + TestCluster.olderPem(ec.keyPair().getPrivate())),
                    rsa,
                    List.of(rsa.privateKeyPkcs8Pem(), rsa.privateKeyPkcs1Pem()));
            for (Map.Entry<HeldCertificate, List<String>> entry : forms.entrySet()) {
                for (String key : entry.getValue()) {
                    cluster.answers(200);
                    get(open(
                            "client-certificate-data: " + base64(entry.getKey().certificatePem()),
                            "client-key-data: " + base64(key)));
                    assertThat(taken().getHandshake().peerPrincipal()).hasToString("CN=ana");
                }
            }
        }

        @Test
        void should_read_the_certificate_and_the_key_from_files() throws Exception {
            cluster.answers(200);
            HeldCertificate ana = TestCluster.client("ana");
            Files.writeString(
                    folder.resolve("ana.crt"),
                    "# ana\r\n" + ana.certificatePem().replace("\n", "\r\n"));
            Files.writeString(folder.resolve("ana.key"), ana.privateKeyPkcs8Pem());
            Path config = Files.writeString(
                    folder.resolve("config"),
                    cluster.kubeconfig("client-certificate: ana.crt", "client-key: ./ana.key"));

            get(cluster.open(request().files(List.of(config))));

            assertThat(taken().getHandshake().peerPrincipal()).hasToString("CN=ana");
        }

        @Test
        void should_register_no_security_provider() throws Exception {
            List<String> before = providers();
            cluster.answers(200);
            HeldCertificate ana = TestCluster.client("ana");
            get(open(
                    "client-certificate-data: " + base64(ana.certificatePem()),
                    "client-key-data: "
                            + base64(TestCluster.olderPem(ana.keyPair().getPrivate()))));

            assertThat(providers()).isEqualTo(before).doesNotContain("BC");
        }

        private List<String> providers() {
            return java.util.Arrays.stream(java.security.Security.getProviders())
                    .map(java.security.Provider::getName)
                    .toList();
        }

        @Test
        void should_refuse_what_cannot_work() {
            HeldCertificate ana = TestCluster.client("ana");
            String certificate = "client-certificate-data: " + base64(ana.certificatePem());
            String key = "client-key-data: " + base64(ana.privateKeyPkcs8Pem());

            assertThat(refused(certificate)).hasMessageContaining("no client key");
            assertThat(refused(key)).hasMessageContaining("no client certificate");
            assertThat(refused(certificate, "client-key-data: '***'"))
                    .hasMessageContaining("client-key-data")
                    .hasMessageContaining("not base64");
            assertThat(refused(
                            "client-certificate-data: |\n      "
                                    + ana.certificatePem().replace("\n", "\n      "),
                            key))
                    .hasMessageContaining("this is PEM");
            assertThat(refused(certificate, "client-key-data: " + base64("rubbish " + SECRET)))
                    .hasMessageContaining("client-key-data")
                    .hasMessageContaining("not PEM");
            assertThat(refused(certificate, "client-key-data: " + base64(ana.certificatePem())))
                    .hasMessageContaining("no private key");
            assertThat(refused("client-certificate-data: " + base64(ana.privateKeyPkcs8Pem()), key))
                    .hasMessageContaining("no CERTIFICATE");
            assertThat(refused(
                            certificate,
                            "client-key-data: "
                                    + base64(TestCluster.client("bea").privateKeyPkcs8Pem())))
                    .hasMessageContaining("not the key of the client certificate of CN=ana");
            assertThat(refused(
                            certificate,
                            "client-key-data: "
                                    + base64("-----BEGIN PRIVATE KEY-----\nQUJD\n-----END PRIVATE KEY-----\n")))
                    .hasMessageContaining("cannot be parsed");
            assertThat(refused(
                            certificate,
                            "client-key-data: "
                                    + base64("-----BEGIN RSA PRIVATE KEY-----\nQUJD\n-----END RSA PRIVATE KEY-----\n")))
                    .hasMessageContaining("cannot be parsed");
            assertThat(
                            refused(
                                    certificate,
                                    "client-key-data: "
                                            + base64(
                                                    "-----BEGIN ENCRYPTED PRIVATE KEY-----\nQUJD\n-----END ENCRYPTED PRIVATE KEY-----\n")))
                    .hasMessageContaining("pass phrase");
            assertThat(
                            refused(
                                    certificate,
                                    "client-key-data: "
                                            + base64(
                                                    "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nQUJD\n-----END RSA PRIVATE KEY-----\n")))
                    .hasMessageContaining("pass phrase");
            String pem = ana.certificatePem();
            assertThat(refused("client-certificate-data: " + base64(pem.substring(0, pem.length() / 2)), key))
                    .hasMessageContaining("cut off");
            assertThat(refused(
                            "client-certificate-data: "
                                    + base64("-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n"),
                            key))
                    .hasMessageContaining("cannot be parsed");
            assertThat(refused(certificate, "client-key: /no/such.key"))
                    .hasMessageContaining("/no/such.key does not exist");
        }

        @Test
        void should_say_when_the_certificate_expired() {
            HeldCertificate ana = TestCluster.client("ana");
            clock.advance(Duration.ofHours(2));

            assertThat(refused(
                            "client-certificate-data: " + base64(ana.certificatePem()),
                            "client-key-data: " + base64(ana.privateKeyPkcs8Pem())))
                    .hasMessageContaining("CN=ana expired at "
                            + ana.certificate().getNotAfter().toInstant());
        }
    }

    @Nested
    class Impersonation {
        @Test
        void should_send_the_headers() throws Exception {
            cluster.answers(200);

            get(open(
                    "token: " + SECRET,
                    "as: ana@example.com",
                    "as-uid: 42",
                    "as-groups: [devs, ops]",
                    "as-user-extra: {Team/Name: [a, b]}"));

            okhttp3.Headers headers = taken().getHeaders();
            assertThat(headers.get("Authorization")).isEqualTo("Bearer " + SECRET);
            assertThat(headers.get("Impersonate-User")).isEqualTo("ana@example.com");
            assertThat(headers.get("Impersonate-Uid")).isEqualTo("42");
            assertThat(headers.values("Impersonate-Group")).containsExactly("devs", "ops");
            assertThat(headers.values("Impersonate-Extra-team%2Fname")).containsExactly("a", "b");
        }

        @Test
        void should_refuse_groups_without_a_user() {
            assertThat(refused("as-groups: [devs]")).hasMessageContaining("no user");
        }

        @Test
        void should_refuse_a_header_in_a_header() {
            assertThat(refused("as: \"ana\\r\\nAuthorization: x\"")).hasMessageContaining("line break");
        }
    }

    @Nested
    class WebSockets {
        private final CompletableFuture<String> opened = new CompletableFuture<>();

        private final WebSocketListener listener = new WebSocketListener() {
            @Override
            public void onOpen(WebSocket socket, Response response) {
                socket.close(1000, null);
                opened.complete("open");
            }

            @Override
            public void onFailure(WebSocket socket, Throwable t, Response response) {
                opened.completeExceptionally(t);
            }
        };

        @Test
        void should_get_another_token_for_an_upgrade_that_is_refused() throws Exception {
            Path token = Files.writeString(folder.resolve("token"), "first");
            ClusterAccess access = open("tokenFile: " + token);
            cluster.answers(200);
            get(access);
            Files.writeString(token, "second");
            cluster.answers(401);
            cluster.server.enqueue(new MockResponse.Builder()
                    .webSocketUpgrade(new WebSocketListener() {
                        @Override
                        public void onClosing(WebSocket socket, int code, String reason) {
                            socket.close(code, reason);
                        }
                    })
                    .build());

            access.http()
                    .newWebSocket(new Request.Builder().url(access.server()).build(), listener);

            assertThat(opened.get(20, TimeUnit.SECONDS)).isEqualTo("open");
            taken();
            assertThat(authorization()).isEqualTo("Bearer first");
            assertThat(authorization()).isEqualTo("Bearer second");
        }

        @Test
        void should_tell_the_listener_when_there_is_no_credential() throws Exception {
            AtomicReference<Throwable> uncaught = new AtomicReference<>();
            Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
            Thread.setDefaultUncaughtExceptionHandler((thread, e) -> uncaught.set(e));
            try {
                Path plugin = script(folder.resolve("plugin"), "exit 3\n");
                ClusterAccess access = open(exec(plugin.toString()));

                access.http()
                        .newWebSocket(new Request.Builder().url(access.server()).build(), listener);

                assertThat(opened)
                        .failsWithin(Duration.ofSeconds(20))
                        .withThrowableThat()
                        .havingCause()
                        .isInstanceOf(CredentialException.class)
                        .withMessageContaining("exit code 3");
                assertThat(uncaught.get()).isNull();
            } finally {
                Thread.setDefaultUncaughtExceptionHandler(before);
            }
        }
    }

    private static String exec(String command, String... lines) {
        StringBuilder exec = new StringBuilder(
                        "exec:\n      apiVersion: client.authentication.k8s.io/v1\n      command: ")
                .append(command)
                .append("\n      interactiveMode: IfAvailable\n");
        for (String line : lines) {
            exec.append("      ").append(line).append('\n');
        }
        return exec.toString();
    }

    private static String credential(String status) {
        return "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":" + status
                + "}";
    }

    @Nested
    class ExecPlugins {
        /** Prints what is in {@code out}, and counts its runs in {@code runs}. */
        private Path plugin() {
            return script(folder.resolve("plugin"), "echo run >> '" + folder + "/runs'\ncat '" + folder + "/out'\n");
        }

        private void prints(String output) throws IOException {
            Files.writeString(folder.resolve("out"), output);
        }

        private int runs() throws IOException {
            Path runs = folder.resolve("runs");
            return Files.exists(runs) ? Files.readAllLines(runs).size() : 0;
        }

        @Test
        void should_run_the_plugin_with_the_first_request_and_keep_what_it_printed() throws Exception {
            cluster.answers(200, 200);
            prints(credential("{\"token\":\"one\"}"));
            ClusterAccess access = open(exec(plugin().toString()));
            assertThat(runs()).isZero();

            get(access);
            clock.advance(Duration.ofDays(1));
            get(access);

            assertThat(runs()).isEqualTo(1);
            assertThat(authorization()).isEqualTo("Bearer one");
        }

        @Test
        void should_run_it_again_after_the_expiry() throws Exception {
            cluster.answers(200, 200, 200);
            Instant end = clock.instant().plusSeconds(900);
            prints(credential("{\"token\":\"one\",\"expirationTimestamp\":\"" + end + "\"}"));
            ClusterAccess access = open(exec(plugin().toString()));
            get(access);
            clock.advance(Duration.ofSeconds(890));
            get(access);
            assertThat(runs()).isEqualTo(1);
            prints(credential("{\"token\":\"two\"}"));
            clock.advance(Duration.ofSeconds(10));
            get(access);

            assertThat(runs()).isEqualTo(2);
            assertThat(List.of(authorization(), authorization(), authorization()))
                    .containsExactly("Bearer one", "Bearer one", "Bearer two");
        }

        @Test
        void should_run_it_again_once_on_401() throws Exception {
            cluster.answers(200, 401, 200);
            prints(credential("{\"token\":\"one\"}"));
            ClusterAccess access = open(exec(plugin().toString()));
            get(access);
            prints(credential("{\"token\":\"two\"}"));

            assertThat(get(access)).isEqualTo(200);
            assertThat(runs()).isEqualTo(2);
        }

        @Test
        void should_hand_out_401_when_the_new_token_is_refused_too_and_not_run_it_for_each_request() throws Exception {
            cluster.answers(401, 401, 401, 401);
            Path plugin = script(
                    folder.resolve("plugin"),
                    "echo run >> '" + folder + "/runs'\n" + "printf '%s' '" + credential("{\"token\":\"t'$$'\"}")
                            + "'\n");
            ClusterAccess access = open(exec(plugin.toString()));

            assertThat(get(access)).isEqualTo(401);
            assertThat(get(access)).isEqualTo(401);
            assertThat(get(access)).isEqualTo(401);

            assertThat(runs()).isEqualTo(2);
            assertThat(cluster.server.getRequestCount()).isEqualTo(4);
        }

        @Test
        void should_run_it_once_for_many_requests_at_once() throws Exception {
            cluster.answers(200, 200, 200, 200, 200, 200, 200, 200);
            Path plugin = script(
                    folder.resolve("plugin"),
                    "echo run >> '" + folder + "/runs'\nsleep 0.3\necho '" + credential("{\"token\":\"one\"}") + "'\n");
            ClusterAccess access = open(exec(plugin.toString()));
            ExecutorService executor = Executors.newFixedThreadPool(8);
            try {
                List<Future<Integer>> all = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    all.add(executor.submit(() -> get(access)));
                }
                for (Future<Integer> one : all) {
                    assertThat(one.get()).isEqualTo(200);
                }
            } finally {
                executor.shutdownNow();
            }
            assertThat(runs()).isEqualTo(1);
        }

        @Test
        void should_pass_arguments_variables_and_what_is_known_of_the_cluster() throws Exception {
            cluster.answers(200);
            Path plugin = script(
                    folder.resolve("plugin"),
                    "printf '%s' \"$KUBERNETES_EXEC_INFO\" > '" + folder + "/info'\n"
                            + "echo \"$1|$2|$WHO|$INHERITED\" > '" + folder + "/rest'\n"
                            + "if read line; then echo stdin >> '" + folder + "/rest'; fi\n"
                            + "echo '" + credential("{\"token\":\"one\"}") + "'\n");
            String text = cluster.kubeconfig(
                    List.of(
                            TestCluster.trustLine(),
                            "extensions:",
                            "- name: client.authentication.k8s.io/exec",
                            "  extension: {audience: 06e3, deep: [1, true, null, {a: b}]}"),
                    List.of(exec(
                            plugin.toString(),
                            "provideClusterInfo: true",
                            "args: [\"a b\", 7]",
                            "env: [{name: WHO, value: ana}]")));

            get(cluster.open(
                    request().text(text).environment(Map.of("PATH", System.getenv("PATH"), "INHERITED", "yes"))));

            assertThat(Files.readString(folder.resolve("rest"))).isEqualTo("a b|7|ana|yes\n");
            Json info = Json.parse(Files.readString(folder.resolve("info")));
            assertThat(info.at("apiVersion").text("")).isEqualTo("client.authentication.k8s.io/v1");
            assertThat(info.at("kind").text("")).isEqualTo("ExecCredential");
            assertThat(info.at("spec", "interactive").bool(true)).isFalse();
            Json told = info.at("spec", "cluster");
            assertThat(told.at("server").text("")).startsWith(cluster.url());
            assertThat(told.at("certificate-authority-data").text(""))
                    .isEqualTo(base64(TestCluster.CA.certificatePem()));
            assertThat(told.at("config").toString())
                    .isEqualTo("{\"audience\":\"06e3\",\"deep\":[1,true,null,{\"a\":\"b\"}]}");
        }

        @Test
        void should_tell_nothing_of_the_cluster_unless_asked() throws Exception {
            cluster.answers(200);
            Path plugin = script(
                    folder.resolve("plugin"),
                    "printf '%s' \"$KUBERNETES_EXEC_INFO\" > '" + folder + "/info'\necho '"
                            + credential("{\"token\":\"one\"}") + "'\n");

            get(open(exec(plugin.toString())));

            assertThat(Json.parse(Files.readString(folder.resolve("info")))
                            .at("spec")
                            .names())
                    .containsExactly("interactive");
        }

        @Test
        void should_show_the_certificate_that_the_plugin_prints_and_a_new_one_after_it() throws Exception {
            cluster.answers(200, 200, 401, 200);
            printsCertificate("ana", clock.instant().plusSeconds(60));
            ClusterAccess access = open(exec(plugin().toString()));
            get(access);
            assertThat(taken().getHandshake().peerPrincipal()).hasToString("CN=ana");

            printsCertificate("bea", null);
            clock.advance(Duration.ofSeconds(61));
            get(access);
            assertThat(taken().getHandshake().peerPrincipal()).hasToString("CN=bea");

            printsCertificate("cleo", null);
            assertThat(get(access)).isEqualTo(200);
            assertThat(taken().getHandshake().peerPrincipal()).hasToString("CN=bea");
            assertThat(taken().getHandshake().peerPrincipal()).hasToString("CN=cleo");
        }

        private void printsCertificate(String name, Instant end) throws IOException {
            HeldCertificate held = TestCluster.client(name);
            prints(credential(Json.object(
                            "clientCertificateData",
                            held.certificatePem(),
                            "clientKeyData",
                            held.privateKeyPkcs8Pem(),
                            "expirationTimestamp",
                            end == null ? null : end.toString())
                    .toString()));
        }

        @Test
        void should_find_the_plugin_in_PATH_or_beside_the_kubeconfig() throws Exception {
            cluster.answers(200, 200);
            prints(credential("{\"token\":\"one\"}"));
            plugin();

            get(cluster.open(request()
                    .text(cluster.kubeconfig(exec("plugin")))
                    .environment(Map.of("PATH", "/no/such:" + folder + ":" + System.getenv("PATH")))));
            Path config = Files.writeString(folder.resolve("config"), cluster.kubeconfig(exec("./plugin")));
            get(cluster.open(request().files(List.of(config))));

            assertThat(runs()).isEqualTo(2);
        }

        @Test
        void should_accept_v1beta1() throws Exception {
            cluster.answers(200);
            prints(credential("{\"token\":\"one\"}").replace("/v1\"", "/v1beta1\""));

            get(open(exec(plugin().toString()).replace("k8s.io/v1\n", "k8s.io/v1beta1\n")));

            assertThat(authorization()).isEqualTo("Bearer one");
        }

        @Test
        void should_say_that_the_plugin_is_missing_and_how_to_install_it() throws IOException {
            String hint = "installHint: |\n        Install it with\n        brew install thing";
            MeshConfigurationException e = refused(exec("no-such-plugin", hint));
            assertThat(e).hasMessageContaining("user \"dev\"").hasMessageContaining("no-such-plugin is not installed");
            assertThat(e.remedy()).contains("Install it with brew install thing");

            assertThat(refused(exec("/no/such/plugin", hint))).hasMessageContaining("/no/such/plugin does not exist");
            Path plain = Files.writeString(folder.resolve("plain"), "");
            assertThat(refused(exec(plain.toString()))).hasMessageContaining("not executable");
        }

        @Test
        void should_refuse_an_entry_that_cannot_work() {
            String good = exec("sh");
            assertThat(refused(good.replace("command: sh", "ignored: true"))).hasMessageContaining("no command");
            assertThat(refused(good.replace("k8s.io/v1\n", "k8s.io/v1alpha1\n")))
                    .hasMessageContaining("v1alpha1 is not supported");
            assertThat(refused(good.replace("apiVersion", "other"))).hasMessageContaining("no apiVersion");
            assertThat(refused(good.replace("IfAvailable", "Always"))).hasMessageContaining("insists on a terminal");
            assertThat(refused(good.replace("IfAvailable", "Sometimes"))).hasMessageContaining("none of Never");
        }

        @Test
        void should_quote_what_a_failing_plugin_says_without_its_secrets() throws Exception {
            String jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJl";
            Path plugin = script(
                    folder.resolve("plugin"),
                    "echo run >> '" + folder + "/runs'\n"
                            + "echo 'You must log in first' >&2\necho \"used $SECRET_ENV and " + jwt
                            + " and password=hunter22\" >&2\necho '" + SECRET + "'\nexit 254\n");
            ClusterAccess access = open(
                    exec(plugin.toString(), "env: [{name: SECRET_ENV, value: " + SECRET + "}]", "installHint: Get it"));

            MeshAccessException e = failure(MeshAccessException.class, access);

            assertThat(e)
                    .hasMessageContaining("user \"dev\", exec")
                    .hasMessageContaining("exit code 254")
                    .hasMessageContaining("You must log in first used [redacted]");
            assertThat(e.getMessage()).doesNotContain(jwt).doesNotContain("hunter22");
            assertThat(e.remedy()).contains("kubectl").contains("Get it");

            // A broken plug-in is not run for each of a hundred reads.
            failure(MeshAccessException.class, access);
            assertThat(runs()).isEqualTo(1);
            clock.advance(Duration.ofSeconds(6));
            failure(MeshAccessException.class, access);
            assertThat(runs()).isEqualTo(2);
        }

        @Test
        void should_not_print_a_plugins_output_to_the_console() throws Exception {
            java.io.PrintStream before = System.err;
            java.io.ByteArrayOutputStream console = new java.io.ByteArrayOutputStream();
            System.setErr(new java.io.PrintStream(console, true));
            try {
                Path plugin = script(folder.resolve("plugin"), "echo noise >&2\nexit 1\n");
                failure(MeshAccessException.class, open(exec(plugin.toString())));
            } finally {
                System.setErr(before);
            }
            assertThat(console.toString()).doesNotContain("noise");
        }

        @Test
        void should_stop_a_plugin_that_hangs_and_its_children() throws Exception {
            Path plugin = script(
                    folder.resolve("plugin"),
                    "echo $$ > '" + folder + "/pid'\necho waiting for your browser >&2\nsleep 100 & echo $! > '"
                            + folder + "/child'\nwait\n");
            ClusterAccess access = cluster.open(
                    request().text(cluster.kubeconfig(exec(plugin.toString()))).pluginTimeout(Duration.ofSeconds(3)));

            assertThat(failure(MeshAccessException.class, access))
                    .hasMessageContaining("did not finish within 3 seconds; it said: waiting for your browser");
            assertEnded("pid");
            assertEnded("child");
        }

        private void assertEnded(String file) throws Exception {
            long pid = Long.parseLong(Files.readString(folder.resolve(file)).strip());
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent() && System.nanoTime() < end) {
                Thread.sleep(20);
            }
            assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
        }

        @Test
        void should_stop_a_plugin_that_nobody_waits_for() throws Exception {
            Path plugin = script(folder.resolve("plugin"), "echo $$ > '" + folder + "/pid'\nexec sleep 100\n");
            ClusterAccess access = open(exec(plugin.toString()));
            Call call = access.http()
                    .newCall(new Request.Builder().url(access.server()).build());
            call.timeout().timeout(700, TimeUnit.MILLISECONDS);
            long start = System.nanoTime();

            IOException e =
                    catchThrowableOfType(IOException.class, () -> call.execute().close());

            assertThat(e).isNotNull();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
            assertEnded("pid");
        }

        @Test
        void should_stop_a_plugin_when_the_access_is_closed() throws Exception {
            Path plugin = script(folder.resolve("plugin"), "echo $$ > '" + folder + "/pid'\nexec sleep 100\n");
            ClusterAccess access = open(exec(plugin.toString()));
            CountDownLatch ended = new CountDownLatch(1);
            Thread caller = new Thread(() -> {
                try {
                    get(access);
                } catch (IOException e) {
                    ended.countDown();
                }
            });
            caller.start();
            while (!Files.exists(folder.resolve("pid")) || Files.size(folder.resolve("pid")) == 0) {
                Thread.sleep(20);
            }

            access.onClose().run();

            assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
            assertEnded("pid");
        }

        @Test
        void should_not_wait_for_a_child_that_holds_the_output_open() throws Exception {
            cluster.answers(200);
            Path plugin = script(
                    folder.resolve("plugin"), "echo '" + credential("{\"token\":\"one\"}") + "'\nsleep 8 &\nexit 0\n");
            long start = System.nanoTime();

            get(open(exec(plugin.toString())));

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(7));
            assertThat(authorization()).isEqualTo("Bearer one");
        }

        @Test
        void should_survive_a_plugin_that_talks_without_end() throws Exception {
            Path plugin = script(
                    folder.resolve("plugin"),
                    "head -c 3000000 /dev/zero | tr '\\0' 'x'\nhead -c 300000 /dev/zero | tr '\\0' 'y' >&2\n");

            assertThat(failure(MeshAccessException.class, open(exec(plugin.toString()))))
                    .hasMessageContaining("more than a megabyte");
        }

        @Test
        void should_refuse_rubbish_without_quoting_it() throws Exception {
            Map<String, String> rubbish = Map.ofEntries(
                    Map.entry("", "printed nothing"),
                    Map.entry(SECRET, "not JSON"),
                    Map.entry("{\"kind\":\"ExecCredential\"", "not JSON"),
                    Map.entry("{\"kind\":\"Pod\"}", "not an ExecCredential"),
                    Map.entry("[]", "not an ExecCredential"),
                    Map.entry(
                            "{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\"}",
                            "v1beta1, but the kubeconfig asks for client.authentication.k8s.io/v1"),
                    Map.entry(credential("{}"), "neither a token nor a certificate"),
                    Map.entry(credential("null"), "neither a token nor a certificate"),
                    Map.entry(credential("{\"clientCertificateData\":\"x\"}"), "a certificate without its key"),
                    Map.entry(credential("{\"clientKeyData\":\"x\"}"), "a key without its certificate"),
                    Map.entry(
                            credential("{\"clientKeyData\":\"" + SECRET + "\",\"clientCertificateData\":\"x\"}"),
                            "not PEM"),
                    Map.entry(credential("{\"token\":\"" + SECRET + " x\"}"), "a blank"),
                    Map.entry(
                            credential("{\"token\":\"" + SECRET + "\",\"expirationTimestamp\":\"tomorrow\"}"),
                            "not a time"));
            ClusterAccess access = open(exec(plugin().toString()));
            for (Map.Entry<String, String> entry : rubbish.entrySet()) {
                prints(entry.getKey());
                clock.advance(Duration.ofMinutes(1));
                assertThat(failure(MeshAccessException.class, access)).hasMessageContaining(entry.getValue());
            }
        }

        @Test
        void should_send_a_body_again_but_not_one_that_can_be_read_once_only() throws Exception {
            cluster.answers(401, 200, 401);
            Path plugin =
                    script(folder.resolve("plugin"), "printf '%s' '" + credential("{\"token\":\"t'$$'\"}") + "'\n");
            ClusterAccess access = open(exec(plugin.toString()));
            RequestBody twice = RequestBody.create("body", MediaType.get("text/plain"));
            RequestBody once = new RequestBody() {
                @Override
                public MediaType contentType() {
                    return null;
                }

                @Override
                public boolean isOneShot() {
                    return true;
                }

                @Override
                public void writeTo(okio.BufferedSink sink) throws IOException {
                    sink.writeUtf8("once");
                }
            };

            assertThat(post(access, twice)).isEqualTo(200);
            assertThat(post(access, once)).isEqualTo(401);
            assertThat(cluster.server.getRequestCount()).isEqualTo(3);
        }

        private int post(ClusterAccess access, RequestBody body) throws IOException {
            try (Response response = access.http()
                    .newCall(new Request.Builder()
                            .url(access.server())
                            .post(body)
                            .build())
                    .execute()) {
                return response.code();
            }
        }
    }

    @Nested
    class AuthProviders {
        private String oidc(String... config) {
            return "auth-provider:\n      name: oidc\n      config:\n        " + String.join("\n        ", config);
        }

        private String jwt(Instant end) {
            return "eyJhbGciOiJub25lIn0."
                    + java.util.Base64.getUrlEncoder()
                            .withoutPadding()
                            .encodeToString(("{\"exp\":" + end.getEpochSecond() + "}")
                                    .getBytes(java.nio.charset.StandardCharsets.UTF_8))
                    + ".c2ln";
        }

        @Test
        void should_send_the_id_token_while_it_is_good() throws Exception {
            cluster.answers(200);
            String token = jwt(clock.instant().plusSeconds(60));

            get(open(oidc("id-token: " + token)));

            assertThat(authorization()).isEqualTo("Bearer " + token);
        }

        @Test
        void should_get_a_new_id_token_and_leave_the_file_alone() throws Exception {
            cluster.answers(200, 200);
            try (TestCluster provider = new TestCluster()) {
                Instant later = clock.instant().plusSeconds(3600);
                for (int i = 0; i < 2; i++) {
                    provider.server.enqueue(new MockResponse.Builder()
                            .body("{\"token_endpoint\":\"" + provider.url() + "/token\"}")
                            .build());
                    provider.server.enqueue(new MockResponse.Builder()
                            .body("{\"id_token\":\"" + jwt(later.plusSeconds(i)) + "\"}")
                            .build());
                }
                Path file = Files.writeString(
                        folder.resolve("config"),
                        cluster.kubeconfig(oidc(
                                "id-token: " + jwt(clock.instant().minusSeconds(1)),
                                "refresh-token: " + SECRET,
                                "client-id: mesh",
                                "idp-issuer-url: " + provider.url(),
                                "idp-certificate-authority-data: " + base64(TestCluster.CA.certificatePem()))));
                String before = Files.readString(file);
                ClusterAccess access =
                        cluster.open(request().files(List.of(file)).clock(clock));

                get(access);
                clock.advance(Duration.ofSeconds(3601));
                get(access);

                assertThat(authorization()).isEqualTo("Bearer " + jwt(later));
                assertThat(authorization()).isEqualTo("Bearer " + jwt(later.plusSeconds(1)));
                provider.server.takeRequest();
                assertThat(provider.server.takeRequest().getBody().utf8()).contains("refresh_token=" + SECRET);
                assertThat(Files.readString(file)).isEqualTo(before);
            }
        }

        @Test
        void should_say_why_there_is_no_new_id_token() throws Exception {
            String old = jwt(clock.instant().minusSeconds(1));
            assertThat(failure(MeshAccessException.class, open(oidc("id-token: " + old))))
                    .hasMessageContaining("expired at")
                    .hasMessageContaining("without refresh-token");
            try (TestCluster provider = new TestCluster()) {
                String[] config = {
                    "id-token: " + old,
                    "refresh-token: " + SECRET,
                    "client-id: mesh",
                    "idp-issuer-url: " + provider.url(),
                    "idp-certificate-authority-data: " + base64(TestCluster.CA.certificatePem())
                };
                provider.answers(500);
                assertThat(failure(MeshAccessException.class, open(oidc(config))))
                        .hasMessageContaining("500");
            }
            assertThat(failure(
                            MeshAccessException.class,
                            open(oidc(
                                    "refresh-token: " + SECRET,
                                    "client-id: mesh",
                                    "idp-issuer-url: http://a.example"))))
                    .hasMessageContaining("https://");
        }

        @Test
        void should_not_wait_for_ever_for_a_provider() throws Exception {
            try (java.net.ServerSocket silent =
                    new java.net.ServerSocket(0, 10, java.net.InetAddress.getLoopbackAddress())) {
                ClusterAccess access = cluster.open(request()
                        .pluginTimeout(Duration.ofSeconds(1))
                        .text(cluster.kubeconfig(oidc(
                                "refresh-token: " + SECRET,
                                "client-id: mesh",
                                "idp-issuer-url: https://localhost:" + silent.getLocalPort()))));

                assertThat(failure(MeshAccessException.class, access)).hasMessageContaining("within 1 seconds");
            }
        }

        @Test
        void should_refuse_providers_that_are_gone() {
            assertThat(refused("auth-provider: {name: gcp}").remedy()).contains("gke-gcloud-auth-plugin");
            assertThat(refused("auth-provider: {name: azure}").remedy()).contains("kubelogin");
            assertThat(refused("auth-provider: {name: other}")).hasMessageContaining("other is not supported");
            assertThat(refused(oidc("client-id: x"))).hasMessageContaining("neither an id-token nor a refresh-token");
        }
    }
}
