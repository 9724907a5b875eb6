package dev.meshdx.health.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.health.Latency;
import dev.meshdx.testing.Shared;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PrometheusTextTest {
    private record Sample(String name, Map<String, String> labels, double value) {}

    private static InputStream in(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static List<Sample> read(String text) throws IOException {
        List<Sample> samples = new ArrayList<>();
        PrometheusText.read(
                in(text), name -> true, (name, labels, value) -> samples.add(new Sample(name, labels, value)));
        return samples;
    }

    @Test
    void should_read_samples_with_labels_escapes_and_odd_numbers() throws IOException {
        assertThat(read("""
                        # HELP a what it is
                        # TYPE a counter
                        a 1
                        a{} 2
                        b{node="web.shop",err="a \\"b\\" \\\\ c\\nd",} 1.5e+08 1700000000000
                        \tc { x = "1" , y="ü" }\t+Inf
                        d NaN
                        e:f -Inf
                        """))
                .containsExactly(
                        new Sample("a", Map.of(), 1),
                        new Sample("a", Map.of(), 2),
                        new Sample("b", Map.of("node", "web.shop", "err", "a \"b\" \\ c\nd"), 1.5e8),
                        new Sample("c", Map.of("x", "1", "y", "ü"), Double.POSITIVE_INFINITY),
                        new Sample("d", Map.of(), Double.NaN),
                        new Sample("e:f", Map.of(), Double.NEGATIVE_INFINITY));
    }

    @Test
    void should_leave_out_what_is_malformed_and_a_last_line_that_was_cut_off() throws IOException {
        List<Sample> samples = new ArrayList<>();
        PrometheusText.Outcome outcome = PrometheusText.read(
                in("a 1\nb{x=\"1 2\n{x=\"1\"} 2\nc\nd{x=1} 3\ne 0x1p3\nf{x=\"1\"\n\"g 1\nx{} 1d\nh 12\r\ni 1.4"),
                name -> true,
                (name, labels, value) -> samples.add(new Sample(name, labels, value)));

        assertThat(samples).extracting(Sample::name).containsExactly("a", "h");
        assertThat(outcome.malformed()).isEqualTo(8);
        assertThat(outcome.complete()).isFalse();
    }

    @Test
    void should_refuse_what_is_no_page_of_metrics() {
        assertThatThrownBy(() -> read("<!DOCTYPE html>\n<html></html>\n")).isInstanceOf(MeshProtocolException.class);
        assertThatThrownBy(() -> read("{\"a\":1}")).isInstanceOf(MeshProtocolException.class);
    }

    @Test
    void should_keep_what_came_before_the_connection_broke() throws IOException {
        InputStream broken = new InputStream() {
            private final InputStream start = in("istiod_uptime_seconds 60\nprocess_cpu_seconds_total 3\n");

            @Override
            public int read() throws IOException {
                int next = start.read();
                if (next < 0) {
                    throw new IOException("reset");
                }
                return next;
            }

            @Override
            public int read(byte[] buffer, int from, int length) throws IOException {
                int count = start.read(buffer, from, length);
                if (count < 0) {
                    throw new IOException("reset");
                }
                return count;
            }
        };

        IstiodMetrics metrics = IstiodMetrics.read(broken);

        assertThat(metrics.complete()).isFalse();
        assertThat(metrics.uptime(Instant.EPOCH)).contains(Duration.ofMinutes(1));
    }

    @Test
    void should_hold_one_line_of_a_huge_page_at_a_time() throws IOException {
        byte[] line = "pilot_xds_cds_reject{err=\"Internal\",node=\"web-%d\"} 1\n".getBytes(StandardCharsets.UTF_8);
        InputStream huge = new InputStream() {
            private int lines;
            private byte[] current = new byte[0];
            private int at;

            @Override
            public int read() {
                if (at == current.length) {
                    if (lines++ == 500_000) {
                        return -1;
                    }
                    current = new String(line, StandardCharsets.UTF_8)
                            .formatted(lines)
                            .getBytes(StandardCharsets.UTF_8);
                    at = 0;
                }
                return current[at++];
            }
        };

        assertThat(IstiodMetrics.read(huge).series("pilot_xds_cds_reject")).hasSize(2_000);
        String endless = "a".repeat(1_000_000) + "\nistiod_uptime_seconds 5\n";
        assertThat(IstiodMetrics.read(in(endless)).sum("istiod_uptime_seconds")).hasValue(5);
    }

    @Test
    void should_never_fail_otherwise_than_as_declared() throws IOException {
        byte[] page = "pilot_xds{version=\"1.30\"} 3\npilot_xds_push_time_bucket{type=\"cds\",le=\"0.1\"} 4\n"
                .getBytes(StandardCharsets.UTF_8);
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            byte[] copy = page.clone();
            for (int change = random.nextInt(4); change >= 0; change--) {
                copy[random.nextInt(copy.length)] = (byte) random.nextInt(256);
            }
            try {
                IstiodMetrics.read(new ByteArrayInputStream(copy)).push();
            } catch (MeshProtocolException e) {
                // That is what it says.
            }
        }
    }

    @Test
    void should_estimate_quantiles_within_the_bounds_of_their_buckets() throws IOException {
        IstiodMetrics metrics = IstiodMetrics.read(in("""
                pilot_proxy_convergence_time_bucket{le="0.1"} 50
                pilot_proxy_convergence_time_bucket{le="1"} 90
                pilot_proxy_convergence_time_bucket{le="10"} 98
                pilot_proxy_convergence_time_bucket{le="+Inf"} 100
                pilot_proxy_convergence_time_sum 120
                pilot_proxy_convergence_time_count 100
                pilot_xds_push_time_bucket{type="cds",le="0.1"} 5
                pilot_xds_push_time_bucket{type="cds",le="+Inf"} 5
                pilot_xds_push_time_bucket{type="eds",le="0.1"} 5
                pilot_xds_push_time_bucket{type="eds",le="+Inf"} 5
                """));
        Latency latency = metrics.push().convergence().orElseThrow();

        assertThat(latency.count()).isEqualTo(100);
        assertThat(latency.mean()).contains(Duration.ofMillis(1200));
        assertThat(latency.p50().orElseThrow()).hasToString("up to 0.1 s");
        assertThat(latency.p99().orElseThrow()).hasToString("more than 10 s");
        assertThat(latency.longerThan(Duration.ofSeconds(5))).isEqualTo(2);
        assertThat(metrics.push().generation().orElseThrow().count()).isEqualTo(10);
        assertThat(metrics.push().queue()).isEmpty();
    }

    @Test
    void should_read_the_metrics_of_a_real_istiod() throws IOException {
        Path istiods = Shared.folder("real/sidecar/healthy/istiod");
        try (var pods = Files.list(istiods)) {
            for (Path pod : pods.toList()) {
                IstiodMetrics metrics = IstiodMetrics.read(Files.newInputStream(pod.resolve("metrics.txt")));

                assertThat(metrics.complete()).isTrue();
                assertThat(metrics.counts("pilot_xds").values()).containsExactly(10L);
                assertThat(metrics.push().pushes()).containsEntry("cds", 10L);
                assertThat(metrics.push().generation().orElseThrow().p99().orElseThrow())
                        .hasToString("0.01 s to 0.1 s");
                assertThat(metrics.push().internalErrors()).isZero();
            }
        }
    }
}
