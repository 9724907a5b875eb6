package dev.meshdx.testkit.baddays;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.Mesh;
import dev.meshdx.MeshOptions;
import dev.meshdx.error.MeshAccessException;
import dev.meshdx.error.MeshConnectionException;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.error.MeshTimeoutException;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.testkit.Fault;
import dev.meshdx.testkit.Scenario;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every question while the API server, or the ports behind its tunnels, have a bad day. */
@ExtendWith(NothingLeft.class)
class ServerFaultsTest {
    private static final Duration DEADLINE = Duration.ofMillis(2500);

    /** What a second more than the deadline is for: the machine that runs the tests has little of everything. */
    private static final Duration GRACE = Duration.ofSeconds(3);

    private static final String HTML = "<html>";

    /**
     * A bad day of the API server, and what must come of it; and those questions that can be answered all the same, since any
     * text is a log, and a tunnel has no body.
     */
    enum Day {
        DOWN(FakeMesh::down, MeshConnectionException.class, Reason.UNREACHABLE),
        HANGING(always(Fault.hang()), MeshTimeoutException.class, Reason.TIMEOUT),
        DRIPPING(always(Fault.drip(1, Duration.ofSeconds(1))), MeshTimeoutException.class, Reason.TIMEOUT),
        DISCONNECTING(always(Fault.disconnect()), MeshConnectionException.class, Reason.UNREACHABLE),
        CLOSING_IN_THE_BODY(
                always(Fault.closeAfter(15)),
                MeshProtocolException.class,
                Reason.MALFORMED,
                Verb.POD_DIAGNOSE,
                Verb.CLUSTERS,
                Verb.TRACE),
        TRUNCATED(
                always(Fault.truncateAfter(15)),
                MeshProtocolException.class,
                Reason.MALFORMED,
                Verb.LOGS,
                Verb.POD_DIAGNOSE,
                Verb.CLUSTERS,
                Verb.TRACE),
        HTML_INSTEAD(always(Fault.html()), MeshProtocolException.class, Reason.MALFORMED),
        REDIRECTING(always(Fault.answer(302, "text/html", HTML)), MeshProtocolException.class, Reason.MALFORMED),
        RUBBISH(always(Fault.rubbish()), MeshConnectionException.class, Reason.UNREACHABLE),
        TOKEN_EXPIRED(mesh -> mesh.renewToken(FakeMesh.ADMIN), MeshAccessException.class, Reason.FORBIDDEN),
        OVERLOADED(
                always(Fault.status(429).retryAfter(Duration.ofSeconds(60))),
                MeshConnectionException.class,
                Reason.UNREACHABLE),
        FAILING(always(Fault.status(500)), MeshConnectionException.class, Reason.UNREACHABLE),
        EMPTY(
                always(Fault.answer(200, "application/json", "")),
                MeshProtocolException.class,
                Reason.MALFORMED,
                Verb.LOGS,
                Verb.POD_DIAGNOSE),
        OTHER_JSON(
                always(Fault.answer(200, "application/json", "[[],{},null]")),
                MeshProtocolException.class,
                Reason.MALFORMED,
                Verb.LOGS,
                Verb.POD_DIAGNOSE),
        ANOTHER_KIND(
                always(Fault.answer(200, "application/json", "{\"kind\":\"Cake\",\"items\":{\"a\":[]}}")),
                MeshProtocolException.class,
                Reason.MALFORMED,
                Verb.LOGS,
                Verb.POD_DIAGNOSE);

        private final Consumer<FakeMesh> fault;
        private final Class<? extends MeshException> expected;
        private final Reason reason;
        private final Set<Verb> harmlessFor;

        Day(Consumer<FakeMesh> fault, Class<? extends MeshException> expected, Reason reason, Verb... harmlessFor) {
            this.harmlessFor = Set.of(harmlessFor);
            this.fault = fault;
            this.expected = expected;
            this.reason = reason;
        }

        private static Consumer<FakeMesh> always(Fault fault) {
            return mesh -> mesh.fault("*", fault);
        }
    }

    private static MeshOptions options(FakeMesh fake) {
        return fake.options().toBuilder()
                .deadline(DEADLINE)
                .podDeadline(Duration.ofMillis(1500))
                .build();
    }

    /** All questions at once, of one mesh. */
    private static List<Asked> askAll(FakeMesh fake, MeshOptions options, Set<Verb> verbs) throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(verbs.size());
        try (Mesh mesh = Mesh.connect(options)) {
            List<Future<Asked>> asked = verbs.stream()
                    .map(verb -> callers.submit(() -> Asked.of(mesh, verb)))
                    .toList();
            java.util.ArrayList<Asked> all = new java.util.ArrayList<>();
            for (Future<Asked> one : asked) {
                all.add(one.get());
            }
            return all;
        } finally {
            callers.shutdownNow();
        }
    }

    static void requireClear(Asked asked) {
        assertThat(asked.took()).as("%s", asked).isLessThan(DEADLINE.plus(GRACE));
        if (asked.thrown() != null) {
            assertThat(asked.thrown()).as(asked.shown()).isInstanceOf(MeshException.class);
            MeshException e = (MeshException) asked.thrown();
            assertThat(e.getMessage()).as("%s", asked).isNotBlank().doesNotContain("null", "Exception", HTML);
            assertThat(e.remedy()).as("remedy of %s", asked).isNotBlank();
        }
        assertThat(asked.gaps()).allSatisfy(gap -> {
            assertThat(gap.message()).as("%s: %s", asked, gap).isNotBlank().doesNotContain("Exception", HTML);
            assertThat(gap.remedy()).as("remedy of %s: %s", asked, gap).isNotBlank();
        });
    }

    /** Forty kinds that are asked for four times each would be half a minute of waiting for the same answer. */
    @Test
    void should_lose_patience_with_a_server_that_goes_on_failing_and_take_it_back_when_it_recovers() {
        try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY)) {
            try (Mesh mesh = Mesh.connect(fake.options().toBuilder()
                    .deadline(Duration.ofSeconds(20))
                    .parallelism(1)
                    .build())) {
                fake.fault("/apis/networking.istio.io/v1/virtualservices", Fault.status(500));
                for (int i = 0; i < 3; i++) {
                    assertThatThrownBy(() -> mesh.config().virtualServices())
                            .isInstanceOf(MeshConnectionException.class);
                }
                long before = lists(fake);
                assertThatThrownBy(() -> mesh.config().virtualServices()).isInstanceOf(MeshConnectionException.class);
                assertThat(lists(fake)).isEqualTo(before + 1);

                fake.clearFaults();
                assertThat(mesh.config().virtualServices()).isNotEmpty();
                fake.fault("/apis/networking.istio.io/v1/virtualservices", Fault.status(500));
                before = lists(fake);
                assertThatThrownBy(() -> mesh.config().virtualServices()).isInstanceOf(MeshConnectionException.class);
                assertThat(lists(fake)).isEqualTo(before + 4);
            }
        }
    }

    private static long lists(FakeMesh fake) {
        return fake.requests().stream()
                .filter(request -> request.toString().contains("/virtualservices"))
                .count();
    }

    @ParameterizedTest
    @EnumSource
    void should_end_in_one_clear_exception_when_the_api_server_has_a_bad_day(Day day) throws Exception {
        try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY)) {
            MeshOptions options = options(fake);
            day.fault.accept(fake);
            List<Asked> all = askAll(fake, options, EnumSet.allOf(Verb.class));
            for (Asked asked : all) {
                requireClear(asked);
                if (asked.thrown() == null && day.harmlessFor.contains(asked.verb())) {
                    continue;
                }
                if (asked.thrown() instanceof MeshUnsupportedException
                        && !asked.verb().readsObjects()) {
                    // A 200 instead of a tunnel: whoever answers may not know WebSockets.
                    assertThat(asked.thrown()).hasMessageContaining("WebSocket");
                    continue;
                }
                assertThat(asked.thrown()).as("%s", asked).isInstanceOf(day.expected);
                assertThat(asked.thrown()).extracting("reason").isEqualTo(day.reason);
            }
        }
    }

    @Test
    void should_give_what_was_seen_when_the_time_is_over() throws Exception {
        try (FakeMesh fake = FakeMesh.start(Scenario.MISSING_SUBSET)) {
            fake.fault("*", Fault.delay(Duration.ofMillis(900)));
            List<Asked> all = askAll(fake, options(fake), EnumSet.of(Verb.MESH_DIAGNOSE, Verb.POD_DIAGNOSE));
            fake.clearFaults().fault("*istio.io*", Fault.hang());
            all.addAll(askAll(fake, options(fake), EnumSet.of(Verb.MESH_DIAGNOSE, Verb.POD_DIAGNOSE)));
            for (Asked asked : all) {
                requireClear(asked);
                assertThat(asked.thrown()).as("%s", asked).isNull();
                assertThat(asked.gaps())
                        .as("%s", asked)
                        .extracting(Inconclusive::reason)
                        .contains(Reason.TIMEOUT);
            }
        }
    }

    /** Bad days that pass by themselves. */
    enum Passing {
        SLOW(mesh -> mesh.fault("*", Fault.delay(Duration.ofMillis(20)))),
        OVERLOADED(mesh -> mesh.fault(
                "*", Fault.status(429).retryAfter(Duration.ofSeconds(1)).times(2))),
        FAILING(mesh -> mesh.fault("*", Fault.status(503).times(3))),
        TOO_OLD(mesh -> mesh.fault("/api/v1/pods*", Fault.status(410).times(1)));

        private final Consumer<FakeMesh> fault;

        Passing(Consumer<FakeMesh> fault) {
            this.fault = fault;
        }
    }

    @ParameterizedTest
    @EnumSource
    void should_answer_in_full_when_the_bad_day_passes(Passing day) throws Exception {
        try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY)) {
            MeshOptions patient = options(fake).toBuilder()
                    .deadline(Duration.ofSeconds(20))
                    .podDeadline(Duration.ofSeconds(10))
                    .build();
            day.fault.accept(fake);
            assertAnswered(askAll(fake, patient, EnumSet.allOf(Verb.class)));
        }
    }

    private static void assertAnswered(List<Asked> all) {
        assertThat(all).allSatisfy(asked -> {
            assertThat(asked.thrown()).as("%s", asked).isNull();
            assertThat(asked.gaps()).as("%s", asked).isEmpty();
            assertThat(Verb.findings(asked.answer().orElseThrow()))
                    .as("%s", asked)
                    .isEmpty();
        });
    }

    @Test
    void should_ask_for_a_new_token_when_the_old_one_expires(@TempDir Path directory) throws Exception {
        try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY)) {
            Path token = directory.resolve("token");
            Files.writeString(token, fake.token());
            Path plugin = directory.resolve("plugin.sh");
            Files.writeString(plugin, """
                    echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",'
                    echo "\\"status\\":{\\"token\\":\\"$(cat $1)\\"}}"
                    """);
            String kubeconfig = fake.kubeconfig().replace("token: " + fake.token(), """
                            exec:
                                  apiVersion: client.authentication.k8s.io/v1
                                  interactiveMode: Never
                                  command: sh
                                  args: ["%s", "%s"]
                            """.formatted(plugin, token));
            MeshOptions options =
                    MeshOptions.builder().kubeconfigText(kubeconfig).build();
            try (Mesh mesh = Mesh.connect(options)) {
                assertThat(mesh.version()).startsWith("v1");
                Files.writeString(token, fake.renewToken(FakeMesh.ADMIN));
                assertAnswered(Arrays.stream(Verb.values())
                        .map(verb -> Asked.of(mesh, verb))
                        .toList());
            }
        }
    }

    @Test
    void should_say_who_refused_when_the_token_fails_once() throws Exception {
        try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY)) {
            for (Verb verb : Verb.values()) {
                fake.clearFaults().unauthorized(1);
                try (Mesh mesh = Mesh.connect(options(fake))) {
                    Asked asked = Asked.of(mesh, verb);
                    requireClear(asked);
                    if (asked.thrown() != null) {
                        assertThat(asked.thrown())
                                .isInstanceOf(MeshAccessException.class)
                                .hasMessageContaining("401");
                    }
                    assertThat(Asked.of(mesh, verb).thrown()).as("%s", verb).isNull();
                }
            }
        }
    }

    /** A bad day of everything behind the tunnels: all proxies, all istiods. */
    enum PodDay {
        HANGING(Fault.hang(), Reason.TIMEOUT),
        DRIPPING(Fault.drip(1, Duration.ofSeconds(1)), Reason.TIMEOUT),
        DISCONNECTING(Fault.disconnect(), Reason.UNREACHABLE),
        CLOSING_IN_THE_BODY(Fault.closeAfter(5), Reason.MALFORMED),
        TRUNCATED(Fault.truncateAfter(5), Reason.MALFORMED),
        HTML_INSTEAD(Fault.html(), Reason.MALFORMED),
        RUBBISH(Fault.rubbish(), Reason.UNREACHABLE),
        FAILING(Fault.status(500), Reason.UNREACHABLE),
        REFUSING(Fault.status(403), Reason.FORBIDDEN),
        EMPTY(Fault.answer(200, "application/json", ""), Reason.MALFORMED),
        OTHER_JSON(Fault.answer(200, "application/json", "[[],{},null,7]"), Reason.MALFORMED),
        INVALID_UTF_8(Fault.answer(200, "application/json", "{\"configs\":\u0000\ud800\uffff"), Reason.MALFORMED),
        DEEP(Fault.answer(200, "application/json", "{\"configs\":" + "[".repeat(100_000)), Reason.MALFORMED);

        private final Fault fault;
        private final Reason reason;

        PodDay(Fault fault, Reason reason) {
            this.fault = fault;
            this.reason = reason;
        }
    }

    @ParameterizedTest
    @EnumSource
    void should_keep_the_rest_when_the_pods_have_a_bad_day(PodDay day) throws Exception {
        try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY)) {
            for (Resource pod : fake.objects(ResourceKind.POD)) {
                fake.podFault(pod.namespace(), pod.name(), 15000, day.fault);
                fake.podFault(pod.namespace(), pod.name(), 15014, day.fault);
            }
            for (Asked asked : askAll(fake, options(fake), EnumSet.allOf(Verb.class))) {
                requireClear(asked);
                switch (asked.verb()) {
                    case CLUSTERS, TRACE -> {
                        if (asked.thrown() != null) {
                            assertThat(asked.thrown())
                                    .as("%s", asked)
                                    .extracting("reason")
                                    .isEqualTo(day.reason);
                        } else {
                            assertThat(asked.gaps())
                                    .as("%s", asked)
                                    .extracting(Inconclusive::reason)
                                    .contains(day.reason);
                        }
                    }
                    case CONTROL_PLANE ->
                        assertThat(asked.thrown()).as("%s", asked).isNull();
                    case VERSION, ANALYZE, LOGS ->
                        assertThat(asked.gaps())
                                .as("%s", asked)
                                .extracting(Inconclusive::reason)
                                .doesNotContain(day.reason);
                    default -> {
                        assertThat(asked.thrown()).as("%s", asked).isNull();
                        assertThat(asked.gaps())
                                .as("%s", asked)
                                .extracting(Inconclusive::reason)
                                .contains(day.reason);
                    }
                }
            }
        }
    }
}
