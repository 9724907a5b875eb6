package dev.meshdx.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.Mesh;
import dev.meshdx.MeshOptions;
import dev.meshdx.MeshPod;
import dev.meshdx.changes.LogLevelChange;
import dev.meshdx.changes.LogLevelChange.Status;
import dev.meshdx.changes.LoggerChange;
import dev.meshdx.changes.LoggerChange.State;
import dev.meshdx.envoy.admin.LogLevels.Level;
import dev.meshdx.error.MeshAccessException;
import dev.meshdx.error.MeshClosedException;
import dev.meshdx.error.MeshConnectionException;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshInterruptedException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.MeshReadOnlyException;
import dev.meshdx.error.MeshTimeoutException;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.model.ResourceKind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Log levels through the tunnel: set, put back, and what comes in between. */
@Timeout(60)
class LogLevelChangesTest {
    @SuppressWarnings("NullAway.Init")
    private FakeMesh fake;

    @SuppressWarnings("NullAway.Init")
    private Mesh mesh;

    @SuppressWarnings("NullAway.Init")
    private MeshPod pod;

    @BeforeEach
    void start() {
        fake = FakeMesh.builder()
                .namespace(
                        "production",
                        production -> production
                                .injected()
                                .workload("web", web -> web.port("http", 8080).replicas(2))
                                .service("web", web -> web.port("http", 8080)))
                .start();
        mesh = Mesh.connect(options().build());
        pod = web(mesh, 0);
        fake.forgetRequests();
    }

    @AfterEach
    void stop() {
        fake.clearFaults();
        fake.clearPodFaults(pod.namespace(), pod.name(), 15000);
        mesh.close();
        fake.close();
    }

    private MeshOptions.Builder options() {
        return fake.options().toBuilder().allowChanges().podDeadline(Duration.ofSeconds(1));
    }

    private static MeshPod web(Mesh mesh, int index) {
        return mesh.namespace("production").pods("app=web").stream().toList().get(index);
    }

    private Level level(String logger) {
        return level(pod, logger);
    }

    private Level level(MeshPod of, String logger) {
        try (Mesh other = fake.connect()) {
            return other.namespace(of.namespace())
                    .pod(of.name())
                    .envoy()
                    .logLevels()
                    .level(logger)
                    .orElseThrow();
        }
    }

    /** What the proxy was asked to change. */
    private List<String> sent() {
        return fake.podRequests().stream()
                .filter(request -> request.path().startsWith("/logging?"))
                .map(RecordedPodRequest::path)
                .toList();
    }

    private void fault(String path, Fault fault) {
        fake.podFault(pod.namespace(), pod.name(), 15000, path, fault);
    }

    private void well() {
        fake.clearPodFaults(pod.namespace(), pod.name(), 15000);
    }

    private static void soon(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .filter(name -> name.startsWith("mesh-") && name.endsWith("-changes"))
                .toList();
    }

    @Test
    void should_set_one_logger_and_put_it_back() {
        try (LogLevelChange change = mesh.changes().logLevel(pod, "rbac", Level.DEBUG)) {
            assertThat(change.status()).isEqualTo(Status.APPLIED);
            assertThat(change.changed())
                    .containsExactly(new LoggerChange("rbac", Level.WARNING, Level.DEBUG, State.SET));
            assertThat(change.before().level("rbac")).contains(Level.WARNING);
            assertThat(change.expiresAt()).isEmpty();
            assertThat(change.problem()).isEmpty();
            assertThat(change.commands())
                    .containsExactly("kubectl exec -n production " + pod.name()
                            + " -c istio-proxy -- pilot-agent request POST 'logging?rbac=warning'");
            assertThat(level("rbac")).isEqualTo(Level.DEBUG);
            assertThat(level("http")).isEqualTo(Level.WARNING);

            change.undo();

            assertThat(level("rbac")).isEqualTo(Level.WARNING);
            assertThat(change.status()).isEqualTo(Status.UNDONE);
            assertThat(change.changed())
                    .singleElement()
                    .extracting(LoggerChange::state)
                    .isEqualTo(State.PUT_BACK);
            assertThat(change.commands()).isEmpty();
        }
        assertThat(sent()).containsExactly("/logging?rbac=debug", "/logging?rbac=warning");
        fake.verifyNoUnexpectedRequests();
    }

    @Test
    void should_set_all_in_one_request_and_put_back_each_to_its_own() {
        LogLevelChange change = mesh.changes().logLevel(pod, Level.DEBUG);

        assertThat(sent()).containsExactly("/logging?level=debug");
        assertThat(level("misc")).isEqualTo(Level.DEBUG);
        assertThat(change.summary()).contains("loggers: warning → debug; misc: error → debug");
        change.close();
        assertThat(sent()).hasSize(2).last().asString().startsWith("/logging?paths=");
        assertThat(level("misc")).isEqualTo(Level.ERROR);
        assertThat(level("rbac")).isEqualTo(Level.WARNING);
    }

    @Test
    void should_take_what_istioctl_takes() {
        try (LogLevelChange change = mesh.changes().logLevel(pod, "rbac:debug, http:trace")) {
            assertThat(change.changed()).extracting(LoggerChange::logger).containsExactly("http", "rbac");
            assertThat(level("http")).isEqualTo(Level.TRACE);
        }
        try (LogLevelChange change = mesh.changes().logLevel(pod, "warn,rbac:debug")) {
            assertThat(change.changed()).extracting(LoggerChange::logger).containsExactly("misc", "rbac");
        }
        try (LogLevelChange change = mesh.changes().logLevel(pod, Map.of("jwt", Level.OFF))) {
            assertThat(level("jwt")).isEqualTo(Level.OFF);
            assertThat(change.toString()).contains("APPLIED on Pod production/").contains("warning  off");
        }
        assertThat(level("misc")).isEqualTo(Level.ERROR);
    }

    @Test
    void should_ask_old_proxies_one_by_one() {
        fault("/logging?paths*", Fault.answer(404, "text/plain", "usage: /logging?<name>=<level>"));

        try (LogLevelChange change = mesh.changes().logLevel(pod, "rbac:debug,http:trace")) {
            assertThat(change.status()).isEqualTo(Status.APPLIED);
            assertThat(sent())
                    .containsExactly(
                            "/logging?paths=http:trace,rbac:debug", "/logging?http=trace", "/logging?rbac=debug");
        }
        assertThat(level("http")).isEqualTo(Level.WARNING);
        assertThat(level("rbac")).isEqualTo(Level.WARNING);
    }

    @Test
    void should_change_nothing_where_nothing_differs() {
        try (LogLevelChange change = mesh.changes().logLevel(pod, "rbac", Level.WARNING)) {
            assertThat(change.status()).isEqualTo(Status.APPLIED);
            assertThat(change.changed()).isEmpty();
            assertThat(change.toString()).contains("every logger has its level already");
        }
        assertThat(sent()).isEmpty();
    }

    @Test
    void should_refuse_before_it_asks() {
        try (Mesh reader = fake.connect()) {
            fake.forgetRequests();
            assertThatThrownBy(() -> reader.changes().logLevel(pod, Level.DEBUG))
                    .isInstanceOfSatisfying(
                            MeshReadOnlyException.class,
                            e -> assertThat(e.remedy()).contains("allowChanges()"));
            assertThatThrownBy(() -> reader.changes().logLevel(pod, "debg"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Did you mean debug?");
            assertThat(fake.requests()).isEmpty();

            LogLevelChange planned = reader.changes().dryRun().logLevel(pod, "rbac:debug,http:warning");
            assertThat(planned.status()).isEqualTo(Status.PLANNED);
            assertThat(planned.changed())
                    .containsExactly(new LoggerChange("rbac", Level.WARNING, Level.DEBUG, State.PLANNED));
            planned.close();
            assertThat(planned.status()).isEqualTo(Status.PLANNED);
        }
        assertThat(sent()).isEmpty();
        assertThatThrownBy(() -> mesh.changes().lasting(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void should_refuse_where_there_is_no_envoy() {
        assertThatThrownBy(() -> mesh.changes().logLevel(pod, "rback", Level.DEBUG))
                .isInstanceOfSatisfying(
                        MeshNotFoundException.class, e -> assertThat(e.remedy()).isEqualTo("Did you mean rbac?"));
        assertThatThrownBy(() ->
                        mesh.changes().logLevel(mesh.namespace("production").pod("web"), Level.DEBUG))
                .isInstanceOf(MeshNotFoundException.class);
        fake.addObject("""
                apiVersion: v1
                kind: Pod
                metadata: {name: ztunnel-x, namespace: istio-system, labels: {app: ztunnel}}
                spec: {containers: [{name: istio-proxy, args: [proxy, ztunnel]}]}
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: plain, namespace: production}
                spec: {containers: [{name: app}]}
                """);
        assertThatThrownBy(() ->
                        mesh.changes().logLevel(mesh.namespace("istio-system").pod("ztunnel-x"), Level.DEBUG))
                .isInstanceOfSatisfying(
                        MeshUnsupportedException.class,
                        e -> assertThat(e.remedy()).contains("istioctl ztunnel-config log ztunnel-x"));
        assertThatThrownBy(() ->
                        mesh.changes().logLevel(mesh.namespace("production").pod("plain"), Level.DEBUG))
                .isInstanceOf(MeshUnsupportedException.class)
                .hasMessageContaining("has no proxy");
        try (Mesh whatIf = mesh.whatIf("nothing", java.io.InputStream.nullInputStream())) {
            assertThatThrownBy(() -> whatIf.changes().logLevel(pod, Level.DEBUG))
                    .isInstanceOf(MeshUnsupportedException.class);
        }
        assertThat(sent()).isEmpty();
    }

    @Test
    void should_throw_what_the_proxy_refuses() {
        fault("/logging?*", Fault.answer(400, "text/plain", "error: not today"));
        assertThatThrownBy(() -> mesh.changes().logLevel(pod, "rbac:debug,http:debug"))
                .isInstanceOf(MeshUnsupportedException.class)
                .hasMessageContaining("error: not today");
        well();
        mesh.close();
        assertThat(level("rbac")).isEqualTo(Level.WARNING);
    }

    @Test
    void should_throw_and_change_nothing_without_permission() {
        fake.deny("create", "pods/portforward");
        assertThatThrownBy(() -> mesh.changes().logLevel(pod, Level.DEBUG)).isInstanceOf(MeshAccessException.class);
        fake.clearRules();
        fake.deny("get", "pods");
        try (LogLevelChange change = mesh.changes().logLevel(pod, "rbac", Level.DEBUG)) {
            assertThat(change.status()).isEqualTo(Status.APPLIED);
        }
    }

    @Test
    void should_put_back_what_was_set_before_one_was_refused() {
        fault("/logging?paths*", Fault.answer(400, "text/plain", "old"));
        fault("/logging?rbac=debug", Fault.answer(400, "text/plain", "error: not rbac"));

        assertThatThrownBy(() -> mesh.changes().logLevel(pod, "rbac:debug,http:debug"))
                .isInstanceOf(MeshUnsupportedException.class)
                .hasMessageContaining("not rbac");
        assertThat(level("http")).isEqualTo(Level.WARNING);
    }

    @Test
    void should_see_by_reading_that_it_arrived_though_the_answer_was_cut_off() {
        fault("/logging?*", Fault.closeAfter(0).times(1));

        try (LogLevelChange change = mesh.changes().logLevel(pod, "rbac", Level.DEBUG)) {
            assertThat(change.status()).isEqualTo(Status.APPLIED);
            assertThat(sent()).hasSize(1);
        }
        assertThat(level("rbac")).isEqualTo(Level.WARNING);
    }

    @Test
    void should_not_know_and_put_back_what_got_no_answer() {
        fault("/logging?*", Fault.disconnect().times(1));

        LogLevelChange change = mesh.changes().logLevel(pod, "rbac", Level.DEBUG);

        assertThat(change.status()).isEqualTo(Status.UNKNOWN);
        assertThat(change.changed())
                .singleElement()
                .extracting(LoggerChange::state)
                .isEqualTo(State.UNKNOWN);
        assertThat(change.problem().orElseThrow().remedy())
                .contains("kubectl exec -n production " + pod.name())
                .contains("'logging?rbac=warning'");
        assertThat(sent()).as("never sent again by itself").containsExactly("/logging?rbac=debug");
        change.undo();
        // It may still have been on its way.
        assertThat(sent()).containsExactly("/logging?rbac=debug", "/logging?rbac=warning");
        assertThat(change.status()).isEqualTo(Status.UNDONE);
    }

    @Test
    void should_not_know_when_the_proxy_hangs() {
        fault("*", Fault.hang());
        assertThatThrownBy(() -> mesh.changes().logLevel(pod, "rbac", Level.DEBUG))
                .isInstanceOf(MeshTimeoutException.class);
        assertThat(sent()).isEmpty();
        well();
        fault("/logging?*", Fault.hang());

        LogLevelChange change = mesh.changes().logLevel(pod, "rbac", Level.DEBUG);

        assertThat(change.status()).isEqualTo(Status.UNKNOWN);
        well();
        change.undo();
        assertThat(change.status()).isEqualTo(Status.UNDONE);
    }

    @Test
    void should_know_how_far_it_came() {
        fault("/logging?paths*", Fault.answer(404, "text/plain", "old"));
        fault("/logging?rbac=debug", Fault.disconnect());

        LogLevelChange change = mesh.changes().logLevel(pod, "http:debug,rbac:debug,router:debug");

        assertThat(change.status()).isEqualTo(Status.UNKNOWN);
        assertThat(change.changed())
                .extracting(LoggerChange::logger, LoggerChange::state)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("http", State.SET),
                        org.assertj.core.groups.Tuple.tuple("rbac", State.UNKNOWN),
                        org.assertj.core.groups.Tuple.tuple("router", State.UNKNOWN));
        well();
        change.close();
        assertThat(level("http")).isEqualTo(Level.WARNING);
        assertThat(level("rbac")).isEqualTo(Level.WARNING);
    }

    @Test
    void should_leave_alone_what_somebody_else_changed() {
        LogLevelChange change = mesh.changes().logLevel(pod, "rbac:debug,http:debug,jwt:debug");
        try (Mesh other = Mesh.connect(options().build())) {
            LogLevelChange theirs = other.changes().logLevel(pod, "http:trace,jwt:warning");
            change.undo();

            assertThat(change.leftAlone()).extracting(LoggerChange::logger).containsExactly("http");
            assertThat(level("http")).isEqualTo(Level.TRACE);
            assertThat(level("rbac")).isEqualTo(Level.WARNING);
            assertThat(theirs.status()).isEqualTo(Status.APPLIED);
        }
        assertThat(level("http")).isEqualTo(Level.DEBUG);
    }

    @Test
    void should_put_back_in_any_order() {
        LogLevelChange first = mesh.changes().logLevel(pod, "rbac", Level.DEBUG);
        LogLevelChange second = mesh.changes().logLevel(pod, "rbac", Level.TRACE);
        LogLevelChange third = mesh.changes().logLevel(pod, "rbac:trace,http:debug");

        first.undo();
        assertThat(level("rbac")).isEqualTo(Level.TRACE);
        assertThat(first.changed())
                .singleElement()
                .extracting(LoggerChange::state)
                .isEqualTo(State.COVERED);
        third.undo();
        assertThat(level("rbac")).isEqualTo(Level.TRACE);
        assertThat(level("http")).isEqualTo(Level.WARNING);
        second.undo();
        assertThat(level("rbac")).isEqualTo(Level.WARNING);
    }

    @Test
    void should_put_back_the_level_below_when_the_latest_goes_first() {
        LogLevelChange first = mesh.changes().logLevel(pod, "rbac", Level.DEBUG);
        LogLevelChange second = mesh.changes().logLevel(pod, "rbac", Level.TRACE);

        second.undo();
        assertThat(level("rbac")).isEqualTo(Level.DEBUG);
        first.undo();
        assertThat(level("rbac")).isEqualTo(Level.WARNING);
    }

    @Test
    void should_survive_many_at_once() throws Exception {
        int workers = 8;
        CountDownLatch done = new CountDownLatch(workers);
        List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < workers; i++) {
            String levels = List.of("rbac:debug", "rbac:trace,http:debug", "debug", "http:info")
                    .get(i % 4);
            Callable<Void> work = () -> {
                for (int round = 0; round < 4; round++) {
                    try (LogLevelChange change = mesh.changes().logLevel(pod, levels)) {
                        assertThat(change.status()).isEqualTo(Status.APPLIED);
                    }
                }
                return null;
            };
            Thread thread = new Thread(
                    () -> {
                        try {
                            work.call();
                        } catch (Exception | AssertionError e) {
                            failures.add(e);
                        } finally {
                            done.countDown();
                        }
                    },
                    "worker-" + i);
            thread.setDaemon(true);
            thread.start();
        }
        assertThat(done.await(50, TimeUnit.SECONDS)).isTrue();
        assertThat(failures).isEmpty();
        try (Mesh other = fake.connect()) {
            var levels = other.namespace("production").pod(pod.name()).envoy().logLevels();
            assertThat(levels.usual()).isEqualTo(Level.WARNING);
            assertThat(levels.verbose()).isEmpty();
            assertThat(levels.level("misc")).contains(Level.ERROR);
        }
    }

    @Test
    void should_put_back_by_itself_on_a_thread_that_ends() throws Exception {
        assertThat(threads()).isEmpty();
        LogLevelChange longer = mesh.changes().lasting(Duration.ofHours(1)).logLevel(pod, "http", Level.DEBUG);
        LogLevelChange change = mesh.changes().lasting(Duration.ofMillis(300)).logLevel(pod, "rbac", Level.DEBUG);

        assertThat(change.expiresAt().orElseThrow()).isBefore(Instant.now().plusSeconds(2));
        assertThat(threads()).hasSize(1);
        assertThat(Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().endsWith("-changes")))
                .allMatch(Thread::isDaemon);
        soon(() -> change.status() == Status.UNDONE);
        assertThat(level("rbac")).isEqualTo(Level.WARNING);
        assertThat(level("http")).isEqualTo(Level.DEBUG);
        longer.undo();
        soon(() -> threads().isEmpty());
    }

    @Test
    void should_put_back_when_the_mesh_is_closed() {
        MeshPod other = web(mesh, 1);
        LogLevelChange first = mesh.changes().logLevel(pod, "rbac", Level.DEBUG);
        LogLevelChange second = mesh.changes().lasting(Duration.ofHours(1)).logLevel(pod, "rbac", Level.TRACE);
        LogLevelChange third = mesh.changes().logLevel(other, Level.DEBUG);

        mesh.close();

        assertThat(List.of(first, second, third))
                .extracting(LogLevelChange::status)
                .containsOnly(Status.UNDONE);
        assertThat(level("rbac")).isEqualTo(Level.WARNING);
        assertThat(level(other, "misc")).isEqualTo(Level.ERROR);
        assertThat(threads()).isEmpty();
        third.close();
        assertThatThrownBy(() -> mesh.changes().logLevel(pod, Level.DEBUG)).isInstanceOf(MeshClosedException.class);
    }

    @Test
    void should_try_again_until_the_tunnel_is_back() throws Exception {
        LogLevelChange change = mesh.changes().lasting(Duration.ofMillis(50)).logLevel(pod, "rbac", Level.DEBUG);
        fault("*", Fault.disconnect());
        soon(() -> change.status() == Status.UNKNOWN);
        assertThat(change.problem().orElseThrow().remedy()).contains("pilot-agent request POST");
        assertThatThrownBy(change::undo).isInstanceOf(MeshConnectionException.class);
        well();

        soon(() -> change.status() == Status.UNDONE);

        assertThat(level("rbac")).isEqualTo(Level.WARNING);
        assertThat(change.problem()).isEmpty();
        soon(() -> threads().isEmpty());
    }

    @Test
    void should_come_through_a_time_without_the_api_server() throws Exception {
        LogLevelChange change = mesh.changes().logLevel(pod, "rbac", Level.DEBUG);
        fake.down();
        assertThatThrownBy(change::undo).isInstanceOf(MeshException.class);
        assertThat(change.status()).isEqualTo(Status.UNKNOWN);
        fake.up();

        soon(() -> change.status() == Status.UNDONE);

        assertThat(level("rbac")).isEqualTo(Level.WARNING);
    }

    @Test
    void should_put_back_what_an_interrupted_caller_set() throws Exception {
        fault("/logging?rbac=debug", Fault.hang());
        List<Throwable> thrown = java.util.Collections.synchronizedList(new ArrayList<>());
        Thread caller = new Thread(
                () -> {
                    try {
                        mesh.changes().logLevel(pod, "rbac", Level.DEBUG).status();
                    } catch (MeshException e) {
                        thrown.add(e);
                    }
                },
                "caller");
        caller.setDaemon(true);
        caller.start();
        soon(() -> !sent().isEmpty());
        caller.interrupt();
        caller.join();

        assertThat(thrown).singleElement().isInstanceOf(MeshInterruptedException.class);
        soon(() -> sent().contains("/logging?rbac=warning"));
    }

    @Test
    void should_say_what_to_type_when_the_mesh_is_closed_before_the_tunnel_is_back() {
        LogLevelChange change = mesh.changes().logLevel(pod, "rbac", Level.DEBUG);
        fault("*", Fault.hang());
        long start = System.nanoTime();

        assertThatThrownBy(mesh::close)
                .isInstanceOfSatisfying(
                        MeshConnectionException.class,
                        e -> assertThat(e.remedy())
                                .isEqualTo("By hand: kubectl exec -n production " + pod.name()
                                        + " -c istio-proxy -- pilot-agent request POST 'logging?rbac=warning'"));

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        assertThat(change.status()).isEqualTo(Status.UNKNOWN);
        assertThatThrownBy(change::close).isInstanceOf(MeshException.class);
        assertThat(threads()).isEmpty();
        mesh.close();
    }

    @Test
    void should_succeed_where_the_pod_is_gone() {
        LogLevelChange change = mesh.changes().logLevel(pod, "rbac", Level.DEBUG);
        fake.remove(ResourceKind.POD, pod.namespace(), pod.name());
        // As when a container ends: the tunnels to it end too.
        fault("*", Fault.disconnect().times(1));

        change.undo();

        assertThat(change.status()).isEqualTo(Status.UNDONE);
        assertThat(change.changed())
                .singleElement()
                .extracting(LoggerChange::state)
                .isEqualTo(State.GONE);
    }
}
