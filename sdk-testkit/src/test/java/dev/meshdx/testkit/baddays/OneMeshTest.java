package dev.meshdx.testkit.baddays;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.Mesh;
import dev.meshdx.MeshOptions;
import dev.meshdx.error.MeshClosedException;
import dev.meshdx.error.MeshInterruptedException;
import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.testkit.Fault;
import dev.meshdx.testkit.Scenario;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One mesh that many use, that is closed, and whose callers are interrupted. */
@ExtendWith(NothingLeft.class)
class OneMeshTest {
    private static MeshOptions options(FakeMesh fake) {
        return fake.options().toBuilder().deadline(Duration.ofSeconds(20)).build();
    }

    @Test
    void should_serve_20_threads_at_once() throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(20);
        try (FakeMesh fake = FakeMesh.start(Scenario.MISSING_SUBSET);
                Mesh mesh = Mesh.connect(options(fake).toBuilder()
                        .deadline(Duration.ofMinutes(1))
                        .build())) {
            List<Future<Asked>> all = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                Verb verb = Verb.values()[i % Verb.values().length];
                all.add(callers.submit(() -> Asked.of(mesh, verb)));
            }
            for (Future<Asked> one : all) {
                Asked asked = one.get();
                assertThat(asked.thrown()).as("%s", asked).isNull();
                assertThat(asked.gaps()).as("%s", asked).isEmpty();
                if (asked.verb().isDiagnosis()) {
                    assertThat(Verb.shown(asked.answer().orElseThrow())).contains("IST0101");
                }
            }
        } finally {
            callers.shutdownNow();
        }
    }

    @ParameterizedTest
    @EnumSource
    void should_end_questions_when_it_is_closed(Verb verb) throws Exception {
        try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY)) {
            fake.fault("*", Fault.hang());
            Mesh mesh = Mesh.connect(options(fake));
            AtomicReference<Asked> result = new AtomicReference<>();
            Thread caller = new Thread(() -> result.set(Asked.of(mesh, verb)), "caller");
            caller.start();
            while (fake.requests().isEmpty()) {
                Thread.sleep(5);
            }
            long start = System.nanoTime();
            mesh.close();
            caller.join(5000);
            assertThat(caller.isAlive()).isFalse();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
            assertThat(result.get().thrown()).as("%s", result.get()).isInstanceOf(MeshClosedException.class);
            assertThat(Asked.of(mesh, verb).thrown()).isInstanceOf(MeshClosedException.class);
            mesh.close();
        }
    }

    @Test
    void should_end_a_diagnosis_wherever_it_is_when_it_is_closed() throws Exception {
        try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY)) {
            fake.fault("*", Fault.delay(Duration.ofMillis(30)));
            for (int wait = 0; wait <= 900; wait += 150) {
                Mesh mesh = Mesh.connect(options(fake));
                AtomicReference<Asked> result = new AtomicReference<>();
                Thread caller = new Thread(() -> result.set(Asked.of(mesh, Verb.MESH_DIAGNOSE)), "caller");
                caller.start();
                Thread.sleep(wait);
                mesh.close();
                caller.join(5000);
                assertThat(caller.isAlive()).isFalse();
                Asked asked = result.get();
                assertThat(asked.thrown() == null || asked.thrown() instanceof MeshClosedException)
                        .as("after %s ms: %s", wait, asked.shown())
                        .isTrue();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void should_heed_an_interrupt_and_keep_the_flag(Verb verb) throws Exception {
        try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY);
                Mesh mesh = Mesh.connect(options(fake))) {
            fake.fault("*", Fault.hang());
            AtomicReference<Asked> result = new AtomicReference<>();
            AtomicBoolean flag = new AtomicBoolean();
            Thread caller = new Thread(
                    () -> {
                        result.set(Asked.of(mesh, verb));
                        flag.set(Thread.currentThread().isInterrupted());
                    },
                    "caller");
            caller.start();
            while (fake.requests().isEmpty()) {
                Thread.sleep(5);
            }
            Thread.sleep(30);
            caller.interrupt();
            caller.join(3000);
            assertThat(caller.isAlive()).isFalse();
            assertThat(result.get().thrown()).as("%s", result.get()).isInstanceOf(MeshInterruptedException.class);
            assertThat(flag).isTrue();
            fake.clearFaults();
            assertThat(mesh.version()).isNotEmpty();
        }
    }
}
