package dev.meshdx.testkit.baddays;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.meshdx.Mesh;
import dev.meshdx.MeshOptions;
import dev.meshdx.diagnosis.Diagnosis;
import dev.meshdx.envoy.Clusters;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.health.ProxyStatuses;
import dev.meshdx.logs.LogLines;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.testkit.FakeMeshBuilder;
import dev.meshdx.testkit.Fault;
import dev.meshdx.testkit.Scenario;
import dev.meshdx.testkit.States;
import dev.meshdx.testkit.internal.ClusterState;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A cluster in which one thing is broken, gone, or far too large. */
@ExtendWith(NothingLeft.class)
class ClusterFaultsTest {
    private static final Duration POD_DEADLINE = Duration.ofMillis(1500);

    private static MeshOptions options(FakeMesh fake) {
        return fake.options().toBuilder()
                .deadline(Duration.ofSeconds(20))
                .podDeadline(POD_DEADLINE)
                .build();
    }

    private static Set<String> findings(Diagnosis diagnosis) {
        return diagnosis.findings().stream()
                .map(finding -> finding.code() + " " + finding.subject())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Resource pod(FakeMesh fake, String namespace, String prefix) {
        return fake.objects(ResourceKind.POD).stream()
                .filter(pod -> pod.namespace().equals(namespace) && pod.name().startsWith(prefix))
                .findFirst()
                .orElseThrow();
    }

    // Gone

    /** Runs something once, when all pods have been listed. */
    private static MeshOptions afterPods(FakeMesh fake, Runnable once) {
        AtomicBoolean ran = new AtomicBoolean();
        return options(fake).toBuilder()
                .progress(progress -> {
                    boolean listed = fake.requests().stream()
                            .anyMatch(request -> request.path().startsWith("/api/v1/pods?") && request.status() == 200);
                    if (listed && ran.compareAndSet(false, true)) {
                        once.run();
                    }
                })
                .build();
    }

    @Test
    void should_say_that_a_pod_vanished_in_between() {
        try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY);
                Mesh mesh =
                        Mesh.connect(afterPods(fake, () -> fake.remove(ResourceKind.POD, "production", Verb.POD)))) {
            Diagnosis diagnosis = mesh.diagnose();

            assertThat(fake.objects(ResourceKind.POD))
                    .extracting(Resource::name)
                    .doesNotContain(Verb.POD);
            assertThat(diagnosis.findings()).as("%s", diagnosis.findings()).isEmpty();
            assertThat(diagnosis.inconclusive())
                    .as("%s", diagnosis.inconclusive())
                    .isNotEmpty()
                    .allSatisfy(gap -> {
                        assertThat(gap.reason()).isEqualTo(Reason.UNREACHABLE);
                        assertThat(gap.toString()).contains(Verb.POD);
                        assertThat(gap.remedy()).isNotBlank();
                    });
            for (Verb verb : List.of(Verb.CLUSTERS, Verb.TRACE, Verb.LOGS, Verb.POD_DIAGNOSE)) {
                assertThat(Asked.of(mesh, verb).thrown())
                        .as("%s", verb)
                        .isInstanceOf(MeshNotFoundException.class)
                        .hasMessageContaining(Verb.POD);
            }
        }
    }

    @Test
    void should_say_that_a_namespace_vanished_in_between() {
        try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY);
                Mesh mesh = Mesh.connect(afterPods(
                        fake,
                        () -> ResourceKind.known()
                                .forEach(kind -> fake.objects(kind).stream()
                                        .filter(object -> object.namespace().equals("production")
                                                || object.name().equals("production"))
                                        .forEach(object -> fake.remove(kind, object.namespace(), object.name())))))) {
            Diagnosis diagnosis = mesh.diagnose();

            assertThat(diagnosis.inconclusive()).isNotEmpty();
            assertThat(diagnosis.steps()).hasSize(5);
            Asked again = Asked.of(mesh, Verb.NAMESPACE_DIAGNOSE);
            assertThat(again.thrown() == null || again.thrown() instanceof MeshException)
                    .as("%s", again)
                    .isTrue();
        }
    }

    // Hanging

    @Test
    void should_let_a_hung_proxy_cost_its_own_time_only() {
        try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY);
                Mesh mesh = Mesh.connect(options(fake))) {
            fake.podFault("production", Verb.POD, 15000, Fault.hang());
            long start = System.nanoTime();
            Diagnosis diagnosis = mesh.diagnose();

            // One wait for the dump, and one for the endpoints.
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(POD_DEADLINE.multipliedBy(4));
            assertThat(diagnosis.findings()).isEmpty();
            assertThat(diagnosis.inconclusive())
                    .as("%s", diagnosis.inconclusive())
                    .isNotEmpty()
                    .allSatisfy(gap -> {
                        assertThat(gap.reason()).isEqualTo(Reason.TIMEOUT);
                        assertThat(gap.toString()).contains(Verb.POD);
                    });
        }
    }

    // Half

    @ParameterizedTest
    @ValueSource(ints = {1, 200, 10_000, 40_000, 100_000})
    void should_use_what_was_read_of_a_config_dump_and_invent_nothing(int bytes) {
        for (Scenario scenario : List.of(Scenario.HEALTHY, Scenario.MISSING_SUBSET, Scenario.PATH_CASE)) {
            try (FakeMesh fake = FakeMesh.start(scenario);
                    Mesh mesh = Mesh.connect(options(fake))) {
                Set<String> whole = findings(mesh.diagnose());
                for (Fault fault : List.of(Fault.truncateAfter(bytes), Fault.closeAfter(bytes))) {
                    fake.clearPodFaults("production", Verb.POD, 15000)
                            .podFault("production", Verb.POD, 15000, "/config_dump*", fault);
                    Diagnosis diagnosis =
                            mesh.namespace("production").pod(Verb.POD).diagnose();

                    assertThat(whole)
                            .as("%s %s %s", scenario, fault, diagnosis.verdict())
                            .containsAll(findings(diagnosis));
                    assertThat(diagnosis.inconclusive())
                            .extracting(Inconclusive::reason)
                            .as("%s %s", fault, diagnosis.inconclusive())
                            .contains(Reason.MALFORMED);
                }
            }
        }
    }

    @Test
    void should_keep_the_clusters_of_half_a_config_dump() {
        try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY);
                Mesh mesh = Mesh.connect(options(fake))) {
            int whole = ((Clusters) Verb.CLUSTERS.ask(mesh)).size();
            for (Fault fault : List.of(Fault.truncateAfter(20_000), Fault.closeAfter(20_000))) {
                fake.clearPodFaults("production", Verb.POD, 15000).podFault("production", Verb.POD, 15000, fault);
                Clusters half = (Clusters) Verb.CLUSTERS.ask(mesh);

                assertThat(half.size()).isPositive().isLessThan(whole);
                assertThat(half.gaps()).extracting(Inconclusive::reason).containsOnly(Reason.MALFORMED);
                assertThat(Asked.of(mesh, Verb.TRACE).thrown()).hasMessageContaining("not complete");
            }
        }
    }

    // istiod

    @Test
    void should_name_the_istiod_that_does_not_answer_and_use_the_other() {
        for (Fault fault : List.of(
                Fault.hang(),
                Fault.status(500),
                Fault.rubbish(),
                Fault.answer(200, "application/json", "[{\"proxy\":7},\"\"]"),
                Fault.answer(200, "application/json", "{\"a\":"),
                Fault.answer(200, "text/plain", "no healthy upstream"))) {
            try (FakeMesh fake = Scenario.HEALTHY
                            .builder()
                            .istiod(istiod -> istiod.replicas(2))
                            .start();
                    Mesh mesh = Mesh.connect(options(fake))) {
                Resource dead = pod(fake, "istio-system", "istiod-");
                ProxyStatuses all = mesh.proxyStatus();
                assertThat(all.inconclusive()).isEmpty();
                fake.podFault(dead.namespace(), dead.name(), 15014, fault);

                ProxyStatuses some = mesh.proxyStatus();

                assertThat(some.inconclusive())
                        .as("%s", fault)
                        .isNotEmpty()
                        .allSatisfy(gap -> assertThat(gap.toString()).contains(dead.name()));
                assertThat(some.findings()).as("%s", fault).isEmpty();
                assertThat(mesh.diagnose().findings()).as("%s", fault).isEmpty();
            }
        }
    }

    // Odd

    @Test
    void should_not_mind_newer_fields_and_duplicate_keys() {
        ClusterState state = States.of(Scenario.MISSING_SUBSET.builder());
        try (FakeMesh fake = FakeMesh.start(state);
                Mesh mesh = Mesh.connect(options(fake))) {
            Set<String> before = findings(mesh.diagnose());
            for (ResourceKind kind : ResourceKind.known()) {
                for (Resource object : fake.objects(kind)) {
                    fake.addObject(Odd.withNewerFields(object.raw()).toString());
                }
            }
            for (Resource pod : fake.objects(ResourceKind.POD)) {
                for (int port : new int[] {15000, 15014}) {
                    for (String path : List.of("/config_dump?include_eds", "/clusters?format=json", "/debug/syncz")) {
                        state.page(pod.namespace(), pod.name(), port, path)
                                .map(page -> Json.parse(page.body().utf8()))
                                .ifPresent(page -> fake.page(
                                        pod.namespace(),
                                        pod.name(),
                                        port,
                                        path,
                                        Odd.withDuplicateKeys(Odd.withNewerFields(page))));
                    }
                }
            }
            Diagnosis diagnosis = mesh.diagnose();

            assertThat(diagnosis.inconclusive()).isEmpty();
            assertThat(findings(diagnosis)).isEqualTo(before);
        }
    }

    @Test
    void should_refuse_hostile_documents_and_keep_the_rest() {
        String deep = "{\"a\":".repeat(100_000);
        String pod = "{\"kind\":\"PodList\",\"items\":[{\"metadata\":{\"name\":\"x\",\"namespace\":\"y\"},\"spec\":";
        for (String body : List.of(
                deep,
                pod + deep,
                pod + "[".repeat(1_000_000),
                pod + "\"" + "\\ud800".repeat(1000) + "\"}]",
                pod + "1" + "0".repeat(100_000) + "}]}",
                pod + "{\"containers\":{\"a\":[1,\"x\",null,[]]},\"initContainers\":7,\"nodeName\":{}}}]}",
                "{\"kind\":\"PodList\",\"items\":[{}, {\"metadata\":null},{\"metadata\":[]},{\"metadata\":{\"name\":1,"
                        + "\"labels\":[],\"annotations\":\"\"},\"status\":[]}]}")) {
            try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY);
                    Mesh mesh = Mesh.connect(options(fake))) {
                fake.fault("/api/v1/pods*", Fault.answer(200, "application/json", body));
                fake.fault("/api/v1/namespaces/*/pods*", Fault.answer(200, "application/json", body));
                for (Verb verb : Verb.values()) {
                    Asked asked = Asked.of(mesh, verb);
                    assertThat(asked.thrown() == null || asked.thrown() instanceof MeshException)
                            .as("%s: %s", body.substring(0, Math.min(200, body.length())), asked.shown())
                            .isTrue();
                }
            }
        }
    }

    @Test
    void should_survive_a_log_line_of_100_megabytes() {
        try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY);
                Mesh mesh = Mesh.connect(options(fake).toBuilder()
                        .podDeadline(Duration.ofSeconds(15))
                        .build())) {
            fake.log(
                    "production",
                    Verb.POD,
                    "istio-proxy",
                    "2026-01-01T00:00:00.000000Z\tinfo\tfirst\n" + "x".repeat(100 * 1024 * 1024)
                            + "\n2026-01-01T00:00:00.000000Z\tinfo\tlast\n");
            LogLines lines = (LogLines) Verb.LOGS.ask(mesh);

            // It goes on with the message before it, as far as it is kept.
            assertThat(lines.size()).isEqualTo(2);
            assertThat(Verb.shown(lines).length()).isLessThan(2_000_000);
            assertThat(mesh.namespace("production").pod(Verb.POD).diagnose().findings())
                    .isEmpty();
        }
    }

    // Large

    @Test
    void should_diagnose_3000_pods_without_proxies() {
        try (FakeMesh fake = Scenario.HEALTHY
                        .builder()
                        .namespace("plain", plain -> plain.workload("app", app -> app.replicas(3000)))
                        .start();
                Mesh mesh = Mesh.connect(options(fake))) {
            fake.forgetRequests();
            Diagnosis diagnosis = mesh.diagnose();

            assertThat(fake.objects(ResourceKind.POD)).hasSizeGreaterThan(3000);
            assertThat(diagnosis.inconclusive()).isEmpty();
            assertThat(diagnosis.findings())
                    .as("%s", diagnosis.findings())
                    .extracting(Finding::code)
                    .doesNotContain("MDX0301");
            assertThat(fake.requests()).hasSizeLessThan(100);
        }
    }

    @Test
    void should_diagnose_300_proxies_with_bounded_threads() {
        AtomicInteger peak = new AtomicInteger();
        try (FakeMesh fake = FakeMeshBuilder.create()
                        .namespace(
                                "many",
                                many -> many.injected()
                                        .workload(
                                                "app", app -> app.replicas(300).port("http", 8080))
                                        .service("app", app -> app.port("http", 8080)))
                        .start();
                Mesh mesh = Mesh.connect(fake.options().toBuilder()
                        .deadline(Duration.ofMinutes(3))
                        .parallelism(8)
                        .progress(progress -> peak.accumulateAndGet(
                                (int) NothingLeft.threads().stream()
                                        .filter(name -> !name.startsWith("mesh-fake-"))
                                        .count(),
                                Math::max))
                        .build())) {
            Diagnosis diagnosis = mesh.diagnose();

            // One diagnosis does not read more than 200 logs, and says so.
            assertThat(diagnosis.inconclusive())
                    .as("%s", diagnosis.inconclusive())
                    .singleElement()
                    .satisfies(gap -> assertThat(gap.what()).isEqualTo("logs of proxies"));
            assertThat(diagnosis.findings()).isEmpty();
            // Reads, their callers, and a thread for each tunnel that is open.
            assertThat(peak.get()).isLessThan(150);
        }
    }

    @Test
    void should_refuse_misuse_of_names() {
        try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY);
                Mesh mesh = Mesh.connect(options(fake))) {
            for (String name : List.of("../../secrets", "a/b", "x?y", "%2e%2e", "ä", " ", "\n")) {
                assertThat(catchThrowable(() -> mesh.namespace(name).pod(name).diagnose()))
                        .as(name)
                        .isInstanceOf(MeshException.class);
                assertThat(catchThrowable(() -> mesh.namespace("production")
                                .pod(name)
                                .envoy()
                                .clusters()
                                .all()))
                        .as(name)
                        .isInstanceOf(MeshException.class);
            }
            fake.verifyNoUnexpectedRequests();
        }
    }

    /** Makes documents odd, but not wrong. */
    private static final class Odd {
        private Odd() {}

        static Json withNewerFields(Json value) {
            if (value.isObject()) {
                java.util.List<Object> fields = new java.util.ArrayList<>();
                fields.add("aaNewerField");
                fields.add(Json.object("why", "because", "list", Json.array(List.of(1, "two"))));
                value.forEachField((name, item) -> {
                    fields.add(name);
                    // Labels and the like are the users' own, and hold texts only.
                    fields.add(
                            Set.of("labels", "annotations", "matchLabels", "selector", "data")
                                            .contains(name)
                                    ? item
                                    : withNewerFields(item));
                });
                return Json.object(fields.toArray());
            }
            if (value.isArray()) {
                return Json.array(
                        value.items().stream().map(Odd::withNewerFields).toList());
            }
            return value;
        }

        /** Each name comes twice, first with nonsense. */
        static String withDuplicateKeys(Json value) {
            return value.toString()
                    .replace("{\"aaNewerField\":", "{\"name\":17,\"kind\":[],\"proxy\":{},\"aaNewerField\":");
        }
    }
}
