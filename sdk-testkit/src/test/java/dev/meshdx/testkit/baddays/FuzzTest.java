package dev.meshdx.testkit.baddays;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.Mesh;
import dev.meshdx.MeshOptions;
import dev.meshdx.error.MeshException;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.testkit.Scenario;
import dev.meshdx.testkit.States;
import dev.meshdx.testkit.internal.ClusterState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Documents that are wrong at random: whatever comes, a question ends in an answer or in one of the exceptions that are
 * documented. {@code -Dmeshdx.fuzz.seed=…} repeats a run, {@code -Dmeshdx.fuzz.rounds=…} makes it longer.
 */
@ExtendWith(NothingLeft.class)
class FuzzTest {
    private static final long SEED = Long.getLong("meshdx.fuzz.seed", System.nanoTime());
    private static final int ROUNDS = Integer.getInteger("meshdx.fuzz.rounds", 3);

    private static final List<Object> NONSENSE = List.of(
            "",
            "x",
            "\u00e4\t\ud83d\ude00",
            "9".repeat(40),
            "-1",
            "2026-13-45T99:99:99Z",
            "outbound|||",
            "outbound|99999999999|a|b",
            "|",
            "*",
            "[",
            "(",
            "\\",
            "%",
            "${x}",
            -1,
            0,
            65_536,
            Long.MAX_VALUE,
            1e300,
            true,
            List.of(),
            List.of(List.of()),
            Json.object(),
            Json.object("name", Json.object()));

    private final Random random = new Random(SEED);

    private static boolean isFine(Asked asked) {
        return asked.thrown() == null || asked.thrown() instanceof MeshException;
    }

    /** Changes a few values, wherever they stand. */
    private Json mutated(Json document, double rate) {
        if (random.nextDouble() < rate) {
            return switch (random.nextInt(4)) {
                case 0 -> Json.NULL;
                case 1 -> Json.of(List.of(document, document));
                default -> Json.of(NONSENSE.get(random.nextInt(NONSENSE.size())));
            };
        }
        if (document.isObject()) {
            List<Object> fields = new ArrayList<>();
            document.forEachField((name, value) -> {
                if (random.nextDouble() >= rate / 2) {
                    fields.add(name);
                    fields.add(mutated(value, rate));
                }
            });
            return Json.object(fields.toArray());
        }
        if (document.isArray()) {
            return Json.array(
                    document.items().stream().map(item -> mutated(item, rate)).toList());
        }
        return document;
    }

    /** Changes a few characters. */
    private String mutated(String text, int changes) {
        StringBuilder changed = new StringBuilder(text);
        for (int i = 0; i < changes && changed.length() > 0; i++) {
            int at = random.nextInt(changed.length());
            int end = Math.min(changed.length(), at + 1 + random.nextInt(30));
            switch (random.nextInt(4)) {
                case 0 -> changed.delete(at, end);
                case 1 -> changed.insert(at, changed.substring(at, end));
                case 2 -> changed.setCharAt(at, (char) random.nextInt(0x300));
                default -> changed.insert(at, "\"{}[]|%,:\\\n\t- ".charAt(random.nextInt(14)));
            }
        }
        return changed.toString();
    }

    private void assertFine(FakeMesh fake, int round) {
        try (Mesh mesh = Mesh.connect(fake.options().toBuilder()
                .deadline(Duration.ofSeconds(10))
                .podDeadline(Duration.ofSeconds(5))
                .build())) {
            for (Verb verb : Verb.values()) {
                Asked asked = Asked.of(mesh, verb);
                assertThat(isFine(asked))
                        .as("seed %s, round %s, %s: %s", SEED, round, verb, asked.shown())
                        .isTrue();
                // Rendering is part of the answer.
                assertThat(asked.shown()).isNotNull();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MISSING_SUBSET", "MTLS_CONFLICT", "PATH_CASE", "PROXY_NACK"})
    void should_bear_pages_that_are_wrong(Scenario scenario) {
        for (int round = 0; round < ROUNDS; round++) {
            ClusterState state = States.of(scenario.builder());
            try (FakeMesh fake = FakeMesh.start(state)) {
                double rate = Math.pow(10, -1 - random.nextInt(4));
                boolean text = random.nextInt(4) == 0;
                for (Resource pod : fake.objects(ResourceKind.POD)) {
                    for (int port : new int[] {15000, 15014}) {
                        for (String path : List.of(
                                "/config_dump?include_eds",
                                "/clusters?format=json",
                                "/certs",
                                "/server_info",
                                "/debug/syncz",
                                "/metrics",
                                "/version")) {
                            state.page(pod.namespace(), pod.name(), port, path).ifPresent(page -> {
                                String body = page.body().utf8();
                                boolean json = body.startsWith("{") || body.startsWith("[");
                                fake.page(
                                        pod.namespace(),
                                        pod.name(),
                                        port,
                                        path,
                                        json && !text
                                                ? mutated(Json.parse(body), rate)
                                                        .toString()
                                                : mutated(body, 1 + random.nextInt(30)));
                            });
                        }
                    }
                    state.log(pod.namespace(), pod.name(), "istio-proxy", false)
                            .ifPresent(log -> fake.log(
                                    pod.namespace(), pod.name(), "istio-proxy", mutated(log, 1 + random.nextInt(200))));
                }
                assertFine(fake, round);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MISSING_SUBSET", "MTLS_CONFLICT", "NO_HEALTHY_UPSTREAM", "CERTIFICATE_EXPIRED"})
    void should_bear_objects_that_are_wrong(Scenario scenario) {
        for (int round = 0; round < ROUNDS; round++) {
            try (FakeMesh fake = FakeMesh.start(scenario)) {
                double rate = Math.pow(10, -1 - random.nextInt(3));
                for (ResourceKind kind : ResourceKind.known()) {
                    for (Resource object : fake.objects(kind)) {
                        List<Object> fields = new ArrayList<>();
                        object.raw().forEachField((name, value) -> {
                            fields.add(name);
                            // The fake itself needs to know what it is.
                            fields.add(
                                    name.equals("metadata") || name.equals("kind") || name.equals("apiVersion")
                                            ? value
                                            : mutated(value, rate));
                        });
                        fake.addObject(Json.object(fields.toArray()).toString());
                    }
                }
                assertFine(fake, round);
            }
        }
    }

    @Test
    void should_bear_kubeconfigs_that_are_wrong() {
        try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY)) {
            String kubeconfig = fake.addCertificateUser("dev").kubeconfig();
            for (int round = 0; round < ROUNDS * 20; round++) {
                String wrong = mutated(kubeconfig, 1 + random.nextInt(6));
                Throwable thrown = null;
                try (Mesh mesh = Mesh.connect(MeshOptions.builder()
                        .kubeconfigText(wrong)
                        .deadline(Duration.ofSeconds(2))
                        .build())) {
                    thrown = Asked.of(mesh, Verb.VERSION).thrown();
                } catch (RuntimeException | Error e) {
                    thrown = e;
                }
                assertThat(thrown == null || thrown instanceof MeshException)
                        .as("seed %s, round %s: %s for%n%s", SEED, round, thrown, wrong)
                        .isTrue();
            }
        }
    }

    @Test
    void should_refuse_a_kubeconfig_that_is_a_bomb() {
        StringBuilder laughs = new StringBuilder("apiVersion: v1\nkind: Config\na0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 30; i++) {
            laughs.append("a%d: &a%d [".formatted(i, i))
                    .append("*a%d, ".formatted(i - 1).repeat(9))
                    .append("x]\n");
        }
        for (String bomb : List.of(
                laughs + "clusters: *a29\nusers: *a29\ncontexts: *a29\n",
                "apiVersion: v1\nkind: Config\nclusters: &a [*a]\n",
                "{a: ".repeat(100_000),
                "clusters: " + "[".repeat(100_000),
                "x".repeat(50 * 1024 * 1024),
                "? ".repeat(50_000),
                "- ".repeat(50_000))) {
            long start = System.nanoTime();
            Throwable thrown = null;
            try (Mesh mesh =
                    Mesh.connect(MeshOptions.builder().kubeconfigText(bomb).build())) {
                thrown = new AssertionError("opened " + mesh);
            } catch (Throwable e) {
                thrown = e;
            }
            assertThat(thrown).as(bomb.substring(0, 40)).isInstanceOf(MeshException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        }
    }
}
