package dev.meshdx.source.internal.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.meshdx.error.MeshAccessException;
import dev.meshdx.error.MeshConnectionException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.MeshTimeoutException;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.source.Deadline;
import dev.meshdx.source.ListQuery;
import dev.meshdx.source.LogQuery;
import dev.meshdx.source.PodRequest;
import dev.meshdx.source.internal.SecretRedaction;
import dev.meshdx.source.internal.kubeconfig.ClusterAccess;
import dev.meshdx.testing.Shared;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.KeyPair;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * Against an API server that was not written for this SDK: it accepts real istiod, istioctl and kubectl. Skipped where it is
 * not beside the project, or cannot be built.
 */
@Timeout(60)
class ApiServerTest {
    private static final String POD = "meshdx-" + UUID.randomUUID().toString().substring(0, 8);
    private static final String NETNS = "default_" + POD;
    private static final String NOT_YET = "meshdx-pending";
    private static final String LIMITED_TOKEN = "limited-user-token";

    /** Stands in for Envoy's admin port, on the loopback of the pod. */
    private static final String ADMIN = """
            import com.sun.net.httpserver.HttpServer;
            import java.net.InetSocketAddress;
            class Admin {
                public static void main(String[] args) throws Exception {
                    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 15000), 20);
                    server.setExecutor(java.util.concurrent.Executors.newCachedThreadPool());
                    server.createContext("/", exchange -> {
                        String path = exchange.getRequestURI().getPath();
                        if (path.equals("/hang")) {
                            try { Thread.sleep(60_000); } catch (InterruptedException e) { return; }
                        }
                        byte[] body = (path.equals("/config_dump")
                            ? "{\\"configs\\":[\\"" + "x".repeat(5_000_000) + "\\"]}"
                            : "host " + exchange.getRequestHeaders().getFirst("Host") + " from "
                                + exchange.getRemoteAddress().getPort()).getBytes();
                        exchange.sendResponseHeaders(path.equals("/missing") ? 404 : 200, body.length);
                        exchange.getResponseBody().write(body);
                        exchange.close();
                    });
                    server.start();
                    System.out.println("up");
                }
            }
            """;

    @TempDir
    static Path folder;

    private static final List<Process> PROCESSES = new ArrayList<>();
    private static String forwarding = "";
    private static boolean namespaceMade;
    private static HttpUrl server = HttpUrl.get("https://127.0.0.1/");
    private static HttpUrl forgetful = server;

    @BeforeAll
    static void start() throws Exception {
        Path sources = Shared.folder("tools/apiserver");
        Path recording = Shared.folder("real/sidecar/healthy/api");
        Path program = build(sources);
        Files.writeString(folder.resolve("users.yaml"), """
                users:
                - {name: admin, groups: ["system:masters"], token: admin-token}
                - {name: operator, groups: ["system:masters"], clientCert: true}
                - {name: limited, token: %s}
                rules:
                - {subjects: [limited], namespaces: [default], verbs: [get, list], apiGroups: [""], resources: [pods, pods/log]}
                """.formatted(LIMITED_TOKEN));
        Path more = Files.createDirectory(folder.resolve("more"));
        Files.writeString(more.resolve("pods.json"), manyPods());
        logs();
        server = serve(program, recording + "," + more, "kubeconfig", "5m");
        // Continue tokens hold whole seconds, so that these are always too old.
        forgetful = serve(program, more.toString(), "kubeconfig-forgetful", "1ns");
        forwarding = admin();
    }

    private static Path build(Path sources) throws Exception {
        Path copy = folder.resolve("apiserver");
        Files.walkFileTree(sources, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) throws IOException {
                Files.createDirectory(copy.resolve(sources.relativize(dir).toString()));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.write(copy.resolve(sources.relativize(file).toString()), Files.readAllBytes(file));
                return FileVisitResult.CONTINUE;
            }
        });
        Path program = folder.resolve("bench-apiserver");
        assumeTrue(
                run(copy, 300, "go", "build", "-o", program.toString(), ".").isEmpty(),
                "The API server cannot be built (no Go, or no modules): skipped");
        return program;
    }

    /** Empty if the command succeeded, else why not. */
    private static String run(Path directory, int seconds, String... command) throws InterruptedException {
        Path output = folder.resolve("output-" + UUID.randomUUID());
        try {
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return command[0] + " took too long";
            }
            return process.exitValue() == 0 ? "" : command[0] + ": " + Files.readString(output);
        } catch (IOException e) {
            return command[0] + ": " + e.getMessage();
        }
    }

    private static String manyPods() {
        List<String> items = new ArrayList<>();
        for (int i = 0; i < 1200; i++) {
            items.add(
                    "{\"metadata\":{\"name\":\"web-%04d\",\"namespace\":\"crowd\",\"labels\":{\"app\":\"web\",\"third\":\"%d\"}}}"
                            .formatted(i, i % 3));
        }
        for (String name : List.of(POD, NOT_YET)) {
            items.add("{\"metadata\":{\"name\":\"" + name + "\",\"namespace\":\"default\"},\"spec\":{\"nodeName\":\""
                    + (name.equals(POD) ? "node-1" : "")
                    + "\",\"containers\":[{\"name\":\"app\"},{\"name\":\"istio-proxy\"}]}}");
        }
        return "{\"apiVersion\":\"v1\",\"kind\":\"PodList\",\"items\":[" + String.join(",\n", items) + "]}";
    }

    private static void logs() throws IOException {
        Path logs = Files.createDirectories(folder.resolve("logs/default/" + POD));
        Files.writeString(
                logs.resolve("istio-proxy.log"),
                "2026-01-02T03:04:05.000000001Z stdout F one\n2026-01-02T03:04:06.000000001Z stderr F two\n"
                        + "2026-01-02T03:04:07.000000001Z stdout F three\n");
        Files.writeString(
                logs.resolve("istio-proxy.previous.log"), "2026-01-02T03:04:05.000000001Z stdout F crashed\n");
    }

    private static HttpUrl serve(Path program, String load, String kubeconfig, String ttl) throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path log = folder.resolve(kubeconfig + ".log");
        Process process = new ProcessBuilder(
                        program.toString(),
                        "-listen",
                        "127.0.0.1:" + port,
                        "-url",
                        "https://127.0.0.1:" + port,
                        "-users",
                        folder.resolve("users.yaml").toString(),
                        "-load",
                        load,
                        "-kubeconfig",
                        folder.resolve(kubeconfig).toString(),
                        "-state",
                        folder.resolve("state").toString(),
                        "-pod-logs",
                        folder.resolve("logs").toString(),
                        "-continue-ttl",
                        ttl)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        PROCESSES.add(process);
        await(process, log, "listening on");
        return HttpUrl.get("https://127.0.0.1:" + port + "/");
    }

    private static void await(Process process, Path log, String line) throws Exception {
        for (int i = 0; i < 600; i++) {
            if (Files.readString(log).contains(line)) {
                return;
            }
            assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
            Thread.sleep(50);
        }
        throw new AssertionError("Not up: " + Files.readString(log));
    }

    /** Starts the admin port in a network namespace; empty, or why that cannot be done here. */
    private static String admin() throws Exception {
        String made = run(folder, 10, "ip", "netns", "add", NETNS);
        namespaceMade = made.isEmpty();
        if (!made.isEmpty()) {
            return made;
        }
        String loopback = run(folder, 10, "ip", "netns", "exec", NETNS, "ip", "link", "set", "lo", "up");
        if (!loopback.isEmpty()) {
            return loopback;
        }
        Path source = Files.writeString(folder.resolve("Admin.java"), ADMIN);
        Path log = folder.resolve("admin.log");
        Process process = new ProcessBuilder(
                        "ip",
                        "netns",
                        "exec",
                        NETNS,
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-Dsun.net.httpserver.nodelay=true",
                        source.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        PROCESSES.add(process);
        await(process, log, "up");
        return "";
    }

    @AfterAll
    static void stop() throws Exception {
        for (Process process : PROCESSES) {
            process.destroy();
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
        if (namespaceMade) {
            assertThat(run(folder, 10, "ip", "netns", "del", NETNS)).isEmpty();
        }
    }

    /** A source as one of the users in the kubeconfig that the server wrote. */
    private static LiveSource source(String user) throws Exception {
        return source(user, server, "kubeconfig");
    }

    @SuppressWarnings("unchecked")
    private static LiveSource source(String user, HttpUrl url, String file) throws Exception {
        Map<String, Object> kubeconfig =
                new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(folder.resolve(file)));
        Map<String, String> cluster = entry(kubeconfig, "clusters", "bench", "cluster");
        Map<String, String> entry = entry(kubeconfig, "users", user, "user");
        HandshakeCertificates.Builder certificates = new HandshakeCertificates.Builder()
                .addTrustedCertificate(certificate(cluster.getOrDefault("certificate-authority-data", "")));
        String clientCertificate = entry.get("client-certificate-data");
        if (clientCertificate != null) {
            certificates.heldCertificate(new HeldCertificate(
                    key(entry.getOrDefault("client-key-data", "")), certificate(clientCertificate)));
        }
        HandshakeCertificates built = certificates.build();
        OkHttpClient.Builder http =
                new OkHttpClient.Builder().sslSocketFactory(built.sslSocketFactory(), built.trustManager());
        String token = entry.get("token");
        if (token != null) {
            http.addInterceptor(chain -> chain.proceed(chain.request()
                    .newBuilder()
                    .header("Authorization", "Bearer " + token)
                    .build()));
        }
        return new LiveSource(new ClusterAccess("user " + user, "default", url, http.build(), () -> {}));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, String> entry(Map<String, Object> kubeconfig, String list, String name, String field) {
        for (Map<String, Object> entry : (List<Map<String, Object>>) kubeconfig.getOrDefault(list, List.of())) {
            if (name.equals(entry.get("name"))) {
                return (Map<String, String>) entry.getOrDefault(field, new HashMap<>());
            }
        }
        throw new AssertionError("No " + name + " in " + list);
    }

    private static X509Certificate certificate(String data) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(
                        new ByteArrayInputStream(Base64.getDecoder().decode(data)));
    }

    private static KeyPair key(String data) throws Exception {
        try (PEMParser parser = new PEMParser(
                new StringReader(new String(Base64.getDecoder().decode(data), StandardCharsets.US_ASCII)))) {
            return new JcaPEMKeyConverter().getKeyPair((PEMKeyPair) parser.readObject());
        }
    }

    private static Deadline soon() {
        return Deadline.after(Duration.ofSeconds(20));
    }

    @ParameterizedTest
    @ValueSource(strings = {"admin", "operator"})
    void should_read_a_recorded_mesh_by_token_and_by_client_certificate(String user) throws Exception {
        try (LiveSource source = source(user)) {
            assertThat(source.version(soon()).at("gitVersion").text("")).isEqualTo("v1.34.2");
            assertThat(source.list(ListQuery.in(ResourceKind.VIRTUAL_SERVICE, "production"), soon()))
                    .extracting(Resource::name)
                    .containsExactly("bookinfo", "details", "reviews");
            assertThat(source.list(ListQuery.all(ResourceKind.ENVOY_FILTER), soon()))
                    .isEmpty();
            assertThat(source.find(ResourceKind.NAMESPACE, "", "production", soon()))
                    .isPresent();
            assertThat(source.find(ResourceKind.VIRTUAL_SERVICE, "production", "nothing", soon()))
                    .isEmpty();
            assertThat(source.list(ListQuery.in(ResourceKind.POD, "no-such-namespace"), soon()))
                    .isEmpty();
            assertThatThrownBy(() -> source.list(ListQuery.all(ResourceKind.POD_METRICS), soon()))
                    .isInstanceOf(MeshUnsupportedException.class);
        }
    }

    @Test
    void should_read_every_known_kind_that_is_installed() throws Exception {
        try (LiveSource source = source("admin")) {
            for (ResourceKind kind : ResourceKind.known()) {
                if (!kind.equals(ResourceKind.POD_METRICS)) {
                    assertThat(source.list(ListQuery.all(kind), soon())).isNotNull();
                }
            }
        }
    }

    @Test
    void should_redact_the_secrets_of_the_control_plane() throws Exception {
        try (LiveSource source = source("admin")) {
            Json data = source.find(ResourceKind.SECRET, "istio-system", "istio-ca-secret", soon())
                    .orElseThrow()
                    .raw()
                    .at("data");

            assertThat(data.at("ca-cert.pem").text("")).startsWith("LS0tLS1CRUdJTiBDRVJUSUZJQ0FUR");
            assertThat(data.at("ca-key.pem").text("")).isEqualTo(SecretRedaction.REDACTED_DATA);
        }
    }

    @Test
    void should_read_all_pages_and_select_by_label() throws Exception {
        try (LiveSource source = source("admin")) {
            assertThat(source.list(ListQuery.in(ResourceKind.POD, "crowd"), soon()))
                    .extracting(Resource::name)
                    .hasSize(1200)
                    .isSorted()
                    .doesNotHaveDuplicates();
            assertThat(source.list(
                            ListQuery.in(ResourceKind.POD, "crowd").labelled(Map.of("app", "web", "third", "1")),
                            soon()))
                    .hasSize(400);
        }
    }

    @Test
    void should_read_a_list_whose_continue_tokens_are_always_too_old() throws Exception {
        try (LiveSource source = source("admin", forgetful, "kubeconfig-forgetful")) {
            assertThat(source.list(ListQuery.in(ResourceKind.POD, "crowd"), soon()))
                    .extracting(Resource::name)
                    .hasSize(1200)
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void should_tell_a_user_with_few_rights_what_is_missing() throws Exception {
        try (LiveSource source = source("limited")) {
            assertThat(source.list(ListQuery.in(ResourceKind.POD, "default"), soon()))
                    .hasSize(2);
            assertThatThrownBy(() -> source.list(ListQuery.all(ResourceKind.POD), soon()))
                    .isInstanceOf(MeshAccessException.class)
                    .hasMessageContaining("list pods in all namespaces")
                    .hasMessageContaining("User \"limited\" cannot list resource");
            assertThatThrownBy(() -> source.find(ResourceKind.SERVICE, "production", "reviews", soon()))
                    .isInstanceOf(MeshAccessException.class)
                    .hasMessageContaining("get services in namespace production");
            assertThatThrownBy(() -> source.list(ListQuery.in(ResourceKind.VIRTUAL_SERVICE, "production"), soon()))
                    .isInstanceOf(MeshAccessException.class)
                    .hasMessageContaining("networking.istio.io");
            assertThatThrownBy(() ->
                            source.fetch(PodRequest.envoy("default", POD, "/ready"), InputStream::readAllBytes, soon()))
                    .isInstanceOf(MeshAccessException.class)
                    .hasMessageContaining("pods/portforward")
                    .hasMessageNotContaining(LIMITED_TOKEN);
        }
    }

    private static String log(LiveSource source, LogQuery query) {
        return source.log(query, body -> new String(body.readAllBytes(), StandardCharsets.UTF_8), soon());
    }

    @Test
    void should_read_logs() throws Exception {
        try (LiveSource source = source("limited")) {
            assertThat(log(source, LogQuery.tail("default", POD, "istio-proxy", 2)))
                    .isEqualTo("two\nthree\n");
            assertThat(log(source, new LogQuery("default", POD, "istio-proxy", 0, true, null)))
                    .isEqualTo("crashed\n");
            assertThatThrownBy(() -> log(source, LogQuery.tail("default", POD, "nothing", 2)))
                    .isInstanceOf(MeshNotFoundException.class)
                    .hasMessageContaining("container nothing is not valid");
            assertThatThrownBy(() -> log(source, LogQuery.tail("default", "gone", "istio-proxy", 2)))
                    .isInstanceOf(MeshNotFoundException.class);
        }
    }

    private static String text(LiveSource source, String path) {
        return source.fetch(
                PodRequest.envoy("default", POD, path),
                body -> new String(body.readAllBytes(), StandardCharsets.UTF_8),
                soon());
    }

    @ParameterizedTest
    @ValueSource(strings = {"admin", "operator"})
    void should_reach_the_admin_port_of_a_pod_through_one_connection(String user) throws Exception {
        assumeTrue(forwarding.isEmpty(), "No network namespaces here: " + forwarding);
        try (LiveSource source = source(user)) {
            String first = text(source, "/ready");
            assertThat(first).startsWith("host localhost:15000 from ");
            assertThat(text(source, "/ready")).isEqualTo(first);
            Json dump = source.fetch(PodRequest.envoy("default", POD, "/config_dump"), Json::read, soon());
            assertThat(dump.at("configs").at(0).text("")).hasSize(5_000_000);
            assertThat(text(source, "/ready")).isEqualTo(first);
            assertThatThrownBy(() -> text(source, "/missing"))
                    .isInstanceOf(MeshNotFoundException.class)
                    .hasMessageContaining("404");
        }
        assertThat(Leaks.threads("mesh-")).isEmpty();
    }

    @Test
    void should_say_why_a_pod_cannot_be_reached() throws Exception {
        assumeTrue(forwarding.isEmpty(), "No network namespaces here: " + forwarding);
        try (LiveSource source = source("admin")) {
            assertThatThrownBy(() -> source.fetch(
                            PodRequest.istiod("default", POD, "/version"), InputStream::readAllBytes, soon()))
                    .isInstanceOf(MeshConnectionException.class)
                    .hasMessageContaining("Nothing listens on port 15014");
            assertThatThrownBy(() -> source.fetch(
                            PodRequest.envoy("default", NOT_YET, "/ready"), InputStream::readAllBytes, soon()))
                    .isInstanceOf(MeshConnectionException.class)
                    .hasMessageContaining("not running");
            assertThatThrownBy(() -> source.fetch(
                            PodRequest.envoy("crowd", "gone", "/ready"), InputStream::readAllBytes, soon()))
                    .isInstanceOf(MeshNotFoundException.class);
            // A pod of the recording: there is no sandbox behind it.
            String recorded = source.list(ListQuery.in(ResourceKind.POD, "production"), soon())
                    .get(0)
                    .name();
            assertThatThrownBy(() -> source.fetch(
                            PodRequest.envoy("production", recorded, "/ready"), InputStream::readAllBytes, soon()))
                    .isInstanceOf(MeshConnectionException.class)
                    .hasMessageContaining("not running");
        }
    }

    @Test
    void should_give_up_an_admin_port_that_hangs() throws Exception {
        assumeTrue(forwarding.isEmpty(), "No network namespaces here: " + forwarding);
        try (LiveSource source = source("admin")) {
            long start = System.nanoTime();
            assertThatThrownBy(() -> source.fetch(
                            PodRequest.envoy("default", POD, "/hang"),
                            InputStream::readAllBytes,
                            Deadline.after(Duration.ofMillis(700))))
                    .isInstanceOf(MeshTimeoutException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
        }
    }
}
