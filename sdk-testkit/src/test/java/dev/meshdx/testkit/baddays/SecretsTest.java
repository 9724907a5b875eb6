package dev.meshdx.testkit.baddays;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.Mesh;
import dev.meshdx.MeshOptions;
import dev.meshdx.envoy.EnvoyResources;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.testkit.Fault;
import dev.meshdx.testkit.Scenario;
import dev.meshdx.testkit.States;
import dev.meshdx.testkit.internal.ClusterState;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Puts secrets wherever a mesh has some, and looks for them in everything that comes out. */
@ExtendWith(NothingLeft.class)
class SecretsTest {
    private static final String KEY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQsecretkey0001";
    private static final String PEM = "-----BEGIN PRIVATE KEY-----\n" + KEY + "\n-----END PRIVATE KEY-----\n";
    private static final String DATA = "opaque-data-secret-0002";
    private static final String JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzZWNyZXQtMDAwMyJ9.c2lnbmF0dXJlLXNlY3JldC0wMDAz";
    private static final String BEARER = "bearer-secret-0004-abcdefghij";
    private static final String PASSWORD = "password-secret-0005";
    private static final String SESSION_KEY = "c2Vzc2lvbi10aWNrZXQtc2VjcmV0LTAwMDY=";
    private static final String COOKIE = "session-secret-0007-klmnopqrst";

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> seeded(FakeMesh fake) {
        return List.of(
                fake.token(),
                KEY,
                base64(PEM).substring(0, 60),
                DATA,
                base64(DATA),
                JWT,
                JWT.substring(0, JWT.lastIndexOf('.')),
                BEARER,
                PASSWORD,
                SESSION_KEY,
                COOKIE);
    }

    /** A mesh with secrets in Secrets, in a dump whose keys are not redacted, and in access logs. */
    private static FakeMesh seeded(Scenario scenario) {
        ClusterState state = States.of(scenario.builder());
        FakeMesh fake = FakeMesh.start(state);
        fake.addObject("""
                apiVersion: v1
                kind: Secret
                metadata: {name: shop-tls, namespace: ingress, annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"data":{"tls.key":"%1$s"}}'}}
                type: kubernetes.io/tls
                data: {tls.key: %1$s, tls.crt: "%2$s"}
                stringData: {other: %3$s}
                ---
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: secure, namespace: ingress}
                spec:
                  selector: {istio: ingressgateway}
                  servers:
                    - port: {number: 443, name: https, protocol: HTTPS}
                      hosts: [secure.example.com]
                      tls: {mode: SIMPLE, credentialName: shop-tls}
                    - port: {number: 8443, name: https-2, protocol: HTTPS}
                      hosts: [secure.example.org]
                      tls: {mode: SIMPLE, credentialName: missing-tls}
                """.formatted(base64(PEM), base64(DATA), DATA));
        for (Resource pod : fake.objects(ResourceKind.POD)) {
            state.page(pod.namespace(), pod.name(), 15000, "/config_dump?include_eds")
                    .ifPresent(page -> fake.page(
                            pod.namespace(),
                            pod.name(),
                            15000,
                            "/config_dump?include_eds",
                            withKeys(Json.parse(page.body().utf8())).toString()));
            state.log(pod.namespace(), pod.name(), "istio-proxy", false)
                    .ifPresent(log -> fake.log(pod.namespace(), pod.name(), "istio-proxy", log + lines()));
        }
        return fake;
    }

    /** Lines as clients that know no better produce them: each one stands for a failure, so that it becomes evidence. */
    private static String lines() {
        StringBuilder lines = new StringBuilder();
        for (String path : List.of(
                "/login?access_token=" + BEARER,
                "/reviews/1?jwt=" + JWT,
                "/reviews/" + JWT + "/x",
                "/reset?user=a&password=" + PASSWORD,
                "/cookie?session=" + COOKIE)) {
            for (String flags :
                    List.of("404 NR route_not_found", "503 NC cluster_not_found", "503 UH no_healthy_upstream")) {
                lines.append("[2026-03-01T11:59:00.000Z] \"GET ")
                        .append(path)
                        .append(" HTTP/1.1\" ")
                        .append(flags)
                        .append(" - \"-\" 0 0 0 - \"-\" \"curl/8\" \"0f3a\" \"reviews:9080\" \"-\" - - 10.0.0.1:9080"
                                + " 10.0.0.2:40000 - -\n");
            }
        }
        for (String text : List.of(
                "Authorization: Bearer " + BEARER,
                "authorization: Basic " + base64("u:" + PASSWORD),
                "token " + JWT + " is expired",
                "':authority', 'reviews:9080'\n'authorization', 'Bearer " + BEARER + "'",
                "password=" + PASSWORD,
                "cannot load key: " + PEM.replace("\n", "\\n"))) {
            lines.append("2026-03-01T11:59:01.000000Z\twarning\tenvoy jwt\texternal/envoy/source/x.cc:1\t")
                    .append(text)
                    .append("\tthread=20\n");
        }
        return lines.toString();
    }

    /** Envoy redacts keys; an older one, or a copy that somebody edited, may not have. */
    private static Json withKeys(Json value) {
        if (value.isObject()) {
            List<Object> fields = new ArrayList<>();
            value.forEachField((name, item) -> {
                fields.add(name);
                fields.add(withKeys(item));
            });
            if (value.at("tls_certificate").exists()
                    || value.at("certificate_chain").exists()) {
                fields.add("private_key");
                fields.add(Json.object("inline_string", PEM));
                fields.add("private_key_provider");
                fields.add(Json.object("provider_name", "x", "typed_config", Json.object("private_key", PEM)));
                fields.add("password");
                fields.add(Json.object("inline_string", PASSWORD));
            }
            if (value.at("common_tls_context").exists() || value.at("name").exists()) {
                fields.add("session_ticket_keys");
                fields.add(Json.object("keys", Json.array(List.of(Json.object("inline_bytes", SESSION_KEY)))));
                fields.add("tls_certificates");
                fields.add(Json.array(List.of(Json.object("private_key", Json.object("inline_string", PEM)))));
            }
            return Json.object(fields.toArray());
        }
        return value.isArray()
                ? Json.array(value.items().stream().map(SecretsTest::withKeys).toList())
                : value;
    }

    private static List<String> everything(MeshOptions options) {
        List<String> shown = new ArrayList<>();
        try (Mesh mesh = Mesh.connect(options)) {
            shown.add(options + " " + options.toBuilder().build());
            shown.add(mesh + " " + mesh.source());
            for (Verb verb : Verb.values()) {
                shown.add(verb + ": " + Asked.of(mesh, verb).shown());
            }
            for (Consumer<List<String>> resources : List.<Consumer<List<String>>>of(
                    all -> all.add(raw(
                            mesh.namespace("production").pod(Verb.POD).envoy().secrets())),
                    all -> all.add(raw(
                            mesh.namespace("production").pod(Verb.POD).envoy().clusters())),
                    all -> all.add(raw(
                            mesh.namespace("production").pod(Verb.POD).envoy().listeners())),
                    all -> all.add(mesh.namespace("production")
                            .pod(Verb.POD)
                            .envoy()
                            .bootstrap()
                            .toString()))) {
                try {
                    resources.accept(shown);
                } catch (RuntimeException e) {
                    shown.add(String.valueOf(e));
                }
            }
        }
        return shown;
    }

    private static String raw(EnvoyResources<?, ?> resources) {
        StringBuilder text = new StringBuilder(resources.toString()).append(resources.rows());
        resources.forEach(text::append);
        return text.toString();
    }

    private static void assertNone(List<String> shown, List<String> secrets) {
        for (String text : shown) {
            for (String secret : secrets) {
                int at = text.indexOf(secret);
                assertThat(at < 0 ? "" : text.substring(Math.max(0, at - 300), Math.min(text.length(), at + 100)))
                        .as("%s in %s", secret, text.lines().findFirst().orElse(""))
                        .isEmpty();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HEALTHY", "MISSING_SUBSET", "CERTIFICATE_EXPIRED"})
    void should_show_no_secret_of_the_mesh(Scenario scenario) {
        RecordingLogs.forget();
        try (FakeMesh fake = seeded(scenario);
                Heard heard = new Heard()) {
            List<String> shown = everything(fake.options());

            assertThat(shown).hasSizeGreaterThan(10);
            assertNone(shown, seeded(fake));
            assertNone(RecordingLogs.lines(), seeded(fake));
            assertNone(heard.lines, seeded(fake));
        }
    }

    @Test
    void should_show_no_secret_when_the_server_echoes_it() {
        try (FakeMesh fake = seeded(Scenario.HEALTHY)) {
            String token = fake.token();
            for (Fault fault : List.of(
                    Fault.answer(401, "text/plain", "bad token: Bearer " + token),
                    Fault.answer(403, "application/json", "{\"kind\":\"Status\",\"message\":\"no: " + token + "\"}"),
                    Fault.answer(500, "text/plain", "panic: header map[Authorization:[Bearer " + token + "]]"),
                    Fault.answer(418, "text/plain", "Authorization: Bearer " + token),
                    Fault.answer(200, "text/html", "<html><title>no " + token + "</title></html>"),
                    Fault.answer(200, "application/json", "{\"kind\":\"" + token + "\"}"),
                    Fault.answer(200, "application/json", "{\"" + token + "\":" + token + "}"),
                    Fault.answer(302, "text/plain", token))) {
                fake.clearFaults().fault("*", fault);
                List<String> shown = everything(fake.options().toBuilder()
                        .deadline(Duration.ofMillis(400))
                        .build());
                // A log is the pod's own text: whoever asks for it gets it, but for what looks like a secret.
                shown.removeIf(text -> text.startsWith(Verb.LOGS + ":"));
                assertNone(shown, List.of(token));
            }
            assertNone(RecordingLogs.lines(), List.of(token));
        }
    }

    @Test
    void should_show_no_secret_of_a_kubeconfig(@TempDir Path directory) throws Exception {
        String token = "kubeconfig-secret-0008-uvwxyz";
        Path file = directory.resolve("config");
        for (String user : List.of(
                "{token: " + token + "}",
                "{token: \"" + token + "\\n\"}",
                "{username: a, password: " + token + "}",
                "{client-key-data: " + base64(PEM + token) + ", client-certificate-data: " + base64(token) + "}",
                "{client-key-data: \"" + token + "!\", client-certificate-data: \"%" + token + "\"}",
                "{tokenFile: " + directory.resolve("token") + "}",
                "{exec: {apiVersion: client.authentication.k8s.io/v1, command: sh, args: [-c, 'echo \"" + token
                        + "\"; exit 3'], env: [{name: A, value: " + token + "}]}}",
                "{exec: {apiVersion: client.authentication.k8s.io/v1, command: sh, interactiveMode: Never, args: [-c, 'echo"
                        + " \"{\\\"" + token + "\"; echo access_token=" + token + " >&2; exit 1']}}",
                "{auth-provider: {name: oidc, config: {id-token: " + JWT + ", refresh-token: " + token
                        + ", client-secret: " + token + "}}}",
                "{token: [" + token + "]}",
                "{token: {" + token + ": 1}}")) {
            Files.writeString(directory.resolve("token"), token + "\u0001\n");
            Files.writeString(file, """
                    apiVersion: v1
                    kind: Config
                    current-context: c
                    clusters: [{name: c, cluster: {server: "https://127.0.0.1:1", proxy-url: "http://u:%s@127.0.0.1:2"}}]
                    contexts: [{name: c, context: {cluster: c, user: u}}]
                    users: [{name: u, user: %s}]
                    """.formatted(token, user));
            List<String> shown = new ArrayList<>();
            for (MeshOptions options : List.of(
                    MeshOptions.builder()
                            .kubeconfig(file)
                            .deadline(Duration.ofSeconds(2))
                            .build(),
                    MeshOptions.builder()
                            .kubeconfigText(Files.readString(file))
                            .deadline(Duration.ofSeconds(2))
                            .build())) {
                try (Mesh mesh = Mesh.connect(options)) {
                    shown.add(options + " " + mesh);
                    shown.add(Asked.of(mesh, Verb.VERSION).shown());
                    shown.add(Asked.of(mesh, Verb.CLUSTERS).shown());
                } catch (RuntimeException e) {
                    java.io.StringWriter text = new java.io.StringWriter();
                    e.printStackTrace(new java.io.PrintWriter(text));
                    shown.add(text + " " + options);
                }
            }
            assertThat(shown).isNotEmpty();
            assertNone(shown, List.of(token, base64(token), base64(PEM + token).substring(0, 60), JWT));
        }
        assertNone(RecordingLogs.lines(), List.of(token, JWT));
    }

    /** What the JDK's logging gets to hear, OkHttp's lines among it. */
    private static final class Heard extends Handler implements AutoCloseable {
        private final List<String> lines = new java.util.concurrent.CopyOnWriteArrayList<>();
        private final Logger root = Logger.getLogger("okhttp3");
        private final Level before = java.util.Objects.requireNonNullElse(root.getLevel(), Level.INFO);

        Heard() {
            setLevel(Level.ALL);
            root.setLevel(Level.ALL);
            root.setUseParentHandlers(false);
            root.addHandler(this);
        }

        @Override
        public void publish(LogRecord record) {
            lines.add(record.getMessage() + " " + record.getThrown());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            root.removeHandler(this);
            root.setLevel(before);
            root.setUseParentHandlers(true);
        }
    }
}
