package dev.meshdx.testkit.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.meshdx.model.Json;
import dev.meshdx.testkit.internal.mesh.Authority;
import dev.meshdx.testkit.internal.mesh.Names;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import okio.ByteString;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The parameters of {@code /config_dump} against a real Envoy: over its own dump, the fake gives its answers. The Envoy has
 * resources in all states: active, warming, draining, refused. Skipped where no {@code envoy} is on the PATH and
 * {@code MESHDX_ENVOY} names none.
 */
class EnvoyParametersTest {
    private static final List<String> FILES =
            List.of("bootstrap", "cds", "lds", "eds-all", "eds-v1", "rds-9080", "rds-9081", "sds-good", "ecds");

    @TempDir
    static Path directory;

    private static Process envoy;
    private static String admin = "";
    private static Page recorded = Page.text("");

    @BeforeAll
    static void start() throws Exception {
        String program = program();
        assumeTrue(!program.isEmpty(), "there is no envoy on the PATH: skipped");
        for (String file : FILES) {
            Files.writeString(directory.resolve(file + ".json"), resource(file + ".json"));
        }
        Path address = directory.resolve("admin");
        envoy = new ProcessBuilder(
                        program,
                        "-c",
                        directory.resolve("bootstrap.json").toString(),
                        "--admin-address-path",
                        address.toString(),
                        "--concurrency",
                        "1",
                        "--disable-hot-restart",
                        "--drain-time-s",
                        "3600",
                        "-l",
                        "error")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        await(() -> {
            try {
                admin = Files.exists(address) ? Files.readString(address).trim() : "";
                return !admin.isEmpty() && get("/ready").statusCode() == 200;
            } catch (IOException e) {
                return false;
            }
        });
        // A refused update, a changed listener and things that wait need something that was there before.
        change("cds");
        change("lds");
        await(() -> {
            String dump = get("/config_dump").body();
            return dump.contains("draining_state") && dump.contains("error_state") && dump.contains("\"warm\"");
        });
        recorded = ConfigDumpPage.recorded(
                ByteString.encodeUtf8(get("/config_dump?include_eds").body()));
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (envoy != null) {
            envoy.destroy();
            if (!envoy.waitFor(5, TimeUnit.SECONDS)) {
                envoy.destroyForcibly();
            }
        }
    }

    private static String program() {
        String named = System.getenv("MESHDX_ENVOY");
        if (named != null && !named.isEmpty()) {
            return named;
        }
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .map(folder -> Path.of(folder, "envoy"))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst()
                .orElse("");
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = EnvoyParametersTest.class.getResourceAsStream("/envoy/" + name)) {
            String ca = new Authority(new Names(1), "mesh", "cluster.local", Instant.parse("2026-01-01T00:00:00Z"))
                    .root()
                    .pem();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("@DIR@/", directory + "/")
                    .replace("@CA@", ca.replace("\n", "\\n"));
        }
    }

    /** Envoy watches for files that are moved. */
    private static void change(String file) throws IOException {
        Path aside = directory.resolve(file + ".aside");
        Files.writeString(aside, resource(file + "-changed.json"));
        Files.move(aside, directory.resolve(file + ".json"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static void await(BooleanSupplier condition) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end || !envoy.isAlive()) {
                throw new AssertionError("Envoy: " + Files.readString(directory.resolve("log")));
            }
            Thread.sleep(50);
        }
    }

    private static HttpResponse<String> get(String path) {
        try {
            // Java's client refuses some letters that Envoy takes.
            String encoded = path.replace("[", "%5B")
                    .replace("\\", "%5C")
                    .replace("|", "%7C")
                    .replace(" ", "%20");
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://" + admin + encoded))
                                    .build(),
                            BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static Stream<String> queries() throws IOException {
        try (InputStream in = EnvoyParametersTest.class.getResourceAsStream("/envoy/queries.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines().filter(line -> !line.startsWith("#")).toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("queries")
    void should_answer_as_envoy_does(String query) {
        HttpResponse<String> real = get("/config_dump?" + query);
        Page made = recorded.forQuery(query);

        assertThat(made.status()).as(real.body()).isEqualTo(real.statusCode());
        assertThat(made.contentType())
                .isEqualTo(real.headers().firstValue("content-type").orElse(""));
        String text = made.body().utf8();
        if (real.statusCode() == 200) {
            assertThat(elements(Json.parse(text))).isEqualTo(elements(Json.parse(real.body())));
        } else if (real.body().startsWith("INVALID_ARGUMENT: Error while parsing name_regex from ")) {
            // Why, each engine says in its own words.
            assertThat(text).startsWith("INVALID_ARGUMENT: Error while parsing name_regex from ");
        } else {
            // Protobuf puts changing words before what is meant for people.
            assertThat(text).isEqualTo(real.body().replaceFirst("goo\\.gle/\\w+ +\n", ""));
        }
    }

    /** The answer element by element. The order of fields is nothing to go by: Envoy shuffles maps. */
    private static List<Json> elements(Json answer) {
        List<Json> elements = new ArrayList<>(answer.at("configs").items());
        elements.add(Json.array(answer.names()));
        return elements;
    }

    @Test
    void should_leave_out_endpoints_unless_asked() {
        assertThat(elements(Json.parse(recorded.body().utf8())))
                .isEqualTo(elements(Json.parse(get("/config_dump").body())));
    }
}
