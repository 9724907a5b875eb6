package dev.meshdx.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.meshdx.error.MeshAccessException;
import dev.meshdx.error.MeshTimeoutException;
import dev.meshdx.error.Reason;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SessionTest {
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final MeshSource source = mock(MeshSource.class);

    @BeforeEach
    void liveSource() {
        when(source.recordedAt()).thenReturn(Optional.empty());
    }

    @AfterEach
    void stop() {
        executor.shutdownNow();
    }

    private Session session(Duration deadline, int parallelism) {
        return new Session(
                source,
                new Session.Options(
                        deadline,
                        Duration.ofSeconds(1),
                        parallelism,
                        "istio-system",
                        Clock.systemUTC(),
                        null,
                        progress -> {}),
                executor);
    }

    private static Resource pod(String namespace, String name) {
        return Resource.of(
                ResourceKind.POD, Json.object("metadata", Json.object("namespace", namespace, "name", name)));
    }

    @Test
    void should_read_everything_once_even_when_asked_from_many_threads() {
        when(source.list(any(), any())).thenReturn(List.of(pod("a", "x"), pod("b", "y")));
        Session session = session(Duration.ofSeconds(5), 4);

        session.parallel(
                IntStream.range(0, 50).boxed().toList(),
                i -> session.resources(ResourceKind.POD).size());
        assertThat(session.resources(ResourceKind.POD, "b")).hasSize(1);
        assertThat(session.resource(ResourceKind.POD, "a", "x")).isPresent();
        assertThat(session.resource(ResourceKind.POD, "a", "z")).isEmpty();

        verify(source, times(1)).list(any(), any());
    }

    @Test
    void should_remember_failures_too() {
        when(source.list(any(), any())).thenThrow(new MeshAccessException("no", "ask"));
        Session session = session(Duration.ofSeconds(5), 4);

        assertThat(session.resourcesOrGap(ResourceKind.POD, "")).isEmpty();
        assertThat(session.resourcesOrGap(ResourceKind.POD, "")).isEmpty();

        verify(source, times(1)).list(any(), any());
        assertThat(session.gaps()).singleElement().satisfies(gap -> {
            assertThat(gap.reason()).isEqualTo(Reason.FORBIDDEN);
            assertThat(gap.remedy()).isEqualTo("ask");
        });
    }

    @Test
    void should_keep_the_gaps_of_steps_apart_but_share_what_was_read() {
        when(source.list(any(), any())).thenReturn(List.of());
        Session session = session(Duration.ofSeconds(5), 4);
        Session one = session.fork();
        Session two = session.fork();

        one.resources(ResourceKind.POD);
        two.resources(ResourceKind.POD);
        one.gap("x", null, new MeshAccessException("no", ""));

        verify(source, times(1)).list(any(), any());
        assertThat(one.gaps()).hasSize(1);
        assertThat(two.gaps()).isEmpty();
    }

    @Test
    void should_bound_how_many_reads_run_at_once() {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        when(source.fetch(any(), any(), any())).thenAnswer(call -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            Thread.sleep(10);
            running.decrementAndGet();
            return "ok";
        });
        Session session = session(Duration.ofSeconds(10), 3);

        List<String> answers = session.parallel(
                IntStream.range(0, 30).boxed().toList(),
                i -> session.text(PodRequest.envoy("a", "pod-" + i, "/ready")));

        assertThat(answers).hasSize(30).containsOnly("ok");
        assertThat(most.get()).isBetween(2, 3);
    }

    @Test
    void should_end_at_the_deadline_when_a_read_hangs() {
        CountDownLatch never = new CountDownLatch(1);
        when(source.fetch(any(), any(), any())).thenAnswer(call -> {
            never.await();
            return "too late";
        });
        Session session = session(Duration.ofMillis(200), 2);

        assertThatThrownBy(() -> session.parallel(
                        List.of(1, 2, 3), i -> session.text(PodRequest.envoy("a", "pod-" + i, "/ready"))))
                .isInstanceOf(MeshTimeoutException.class);
        never.countDown();
    }

    @Test
    void should_not_block_itself_when_a_fan_out_fans_out_again() {
        when(source.fetch(any(), any(), any())).thenReturn("ok");
        Session session = session(Duration.ofSeconds(10), 2);

        List<Integer> sizes = session.parallel(
                List.of(1, 2, 3, 4),
                outer -> session.parallel(
                                List.of(1, 2, 3, 4),
                                inner -> session.text(PodRequest.envoy("a", outer + "-" + inner, "/ready")))
                        .size());

        assertThat(sizes).containsExactly(4, 4, 4, 4);
    }

    @Test
    void should_keep_the_order_of_the_input() {
        Session session = session(Duration.ofSeconds(10), 8);

        assertThat(session.parallel(IntStream.range(0, 100).boxed().toList(), i -> i * 2))
                .isEqualTo(IntStream.range(0, 100).map(i -> i * 2).boxed().toList());
    }
}
