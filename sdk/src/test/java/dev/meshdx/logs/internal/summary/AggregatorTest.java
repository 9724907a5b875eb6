package dev.meshdx.logs.internal.summary;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.logs.AccessFailure;
import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.Burst;
import dev.meshdx.logs.LogFormat;
import dev.meshdx.logs.LogLines;
import dev.meshdx.logs.LogMatch;
import dev.meshdx.logs.LogParser;
import dev.meshdx.logs.LogSummary;
import dev.meshdx.testing.Shared;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a whole log says. */
class AggregatorTest {
    private static String request(
            String time, int code, String flags, String details, String cluster, String host, int millis) {
        return "[2026-01-02T" + time + ".000Z] \"GET /cart HTTP/1.1\" " + code + " " + flags + " " + details
                + " - \"-\" 0 " + millis * 10 + " " + millis + " - \"-\" \"curl\" \"id-1\" \"web:80\" \"" + host + "\" "
                + cluster
                + " - 10.96.0.9:80 10.0.0.5:4000 - default\n";
    }

    private static LogSummary summary(String log) {
        try {
            return LogParser.summarize(
                    new ByteArrayInputStream(log.getBytes(StandardCharsets.UTF_8)), LogFormat.usual());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void should_count_and_group_what_failed() {
        String cluster = "outbound|80||web.shop.svc.cluster.local";
        LogSummary log = summary(request("10:00:00", 200, "-", "via_upstream", cluster, "10.0.0.1:80", 5)
                + request(
                        "10:00:01",
                        503,
                        "UF,URX",
                        "upstream_reset_before_response_started{connection_timeout}",
                        cluster,
                        "10.0.0.1:80",
                        900)
                + request(
                        "10:00:02",
                        503,
                        "UF,URX",
                        "upstream_reset_before_response_started{connection_timeout}",
                        cluster,
                        "10.0.0.2:80",
                        20)
                + request(
                        "10:30:00",
                        503,
                        "UF,URX",
                        "upstream_reset_before_response_started{connection_timeout}",
                        cluster,
                        "10.0.0.2:80",
                        7)
                + request("10:30:01", 404, "NR", "route_not_found", "-", "-", 0)
                + "gibberish\n");

        assertThat(log.lines()).isEqualTo(6);
        assertThat(log.notUnderstood()).isEqualTo(1);
        assertThat(log.first()).contains(Instant.parse("2026-01-02T10:00:00Z"));
        assertThat(log.last()).contains(Instant.parse("2026-01-02T10:30:01Z"));
        assertThat(log.firstError()).contains(Instant.parse("2026-01-02T10:00:01Z"));
        assertThat(log.access().entries()).isEqualTo(5);
        assertThat(log.access().failed()).isEqualTo(4);
        assertThat(log.access().byFlag())
                .containsExactly(
                        java.util.Map.entry("UF", 3L),
                        java.util.Map.entry("URX", 3L),
                        java.util.Map.entry("-", 1L),
                        java.util.Map.entry("NR", 1L));
        assertThat(log.access().byCode())
                .containsExactly(
                        java.util.Map.entry(200, 1L), java.util.Map.entry(404, 1L), java.util.Map.entry(503, 3L));
        assertThat(log.access().byCluster()).containsEntry(cluster, 4L).containsEntry("-", 1L);
        assertThat(log.access().byPeer()).containsEntry("10.0.0.2:80", 2L).containsEntry("10.0.0.5", 1L);
        assertThat(log.access().slowest())
                .extracting(AccessLogEntry::duration)
                .startsWith(Duration.ofMillis(900), Duration.ofMillis(20));
        assertThat(log.access().biggest().get(0).bytesSent()).isEqualTo(9000);

        AccessFailure worst = log.access().failures().get(0);
        assertThat(worst.count()).isEqualTo(3);
        assertThat(worst.cluster()).isEqualTo(cluster);
        assertThat(worst.route()).isEqualTo("default");
        assertThat(worst.flags()).containsExactly("UF", "URX");
        assertThat(worst.peers())
                .containsExactly(java.util.Map.entry("10.0.0.2:80", 2L), java.util.Map.entry("10.0.0.1:80", 1L));
        assertThat(worst.patterns()).contains("connection-timed-out", "upstream-connect-error");
        assertThat(worst.bursts())
                .containsExactly(
                        new Burst(Instant.parse("2026-01-02T10:00:01Z"), Instant.parse("2026-01-02T10:00:02Z"), 2),
                        new Burst(Instant.parse("2026-01-02T10:30:00Z"), Instant.parse("2026-01-02T10:30:00Z"), 1));
        assertThat(log.access().failures().get(1).authority()).isEqualTo("web:80");
    }

    @Test
    void should_say_the_same_of_logs_that_are_read_apart() {
        StringBuilder all = new StringBuilder();
        Aggregator one = new Aggregator(LogFormat.usual().scanner());
        Aggregator other = new Aggregator(LogFormat.usual().scanner());
        for (int i = 0; i < 2000; i++) {
            String line = request(
                    "10:%02d:%02d".formatted(i / 60 % 60, i % 60),
                    i % 3 == 0 ? 503 : 200,
                    i % 3 == 0 ? "UH" : "-",
                    i % 3 == 0 ? "no_healthy_upstream" : "via_upstream",
                    "outbound|80||s" + i % 7,
                    "10.0.0." + i % 11 + ":80",
                    i);
            all.append(line);
            byte[] bytes = line.strip().getBytes(StandardCharsets.UTF_8);
            (i < 1000 ? one : other).line(bytes, 0, bytes.length);
        }
        one.merge(other);
        LogSummary merged = one.summary();
        LogSummary whole = summary(all.toString());

        assertThat(merged.lines()).isEqualTo(whole.lines());
        assertThat(merged.access().byCluster()).isEqualTo(whole.access().byCluster());
        assertThat(merged.access().byPeer()).isEqualTo(whole.access().byPeer());
        assertThat(merged.access().slowest()).isEqualTo(whole.access().slowest());
        assertThat(merged.patterns().stream().map(LogMatch::toString))
                .isEqualTo(whole.patterns().stream().map(LogMatch::toString).toList());
        assertThat(merged.access().failures().stream().map(AccessFailure::toString))
                .isEqualTo(whole.access().failures().stream()
                        .map(AccessFailure::toString)
                        .toList());
        assertThat(merged.patterns()
                        .of("no-healthy-upstream")
                        .orElseThrow()
                        .bursts()
                        .get(0)
                        .count())
                .isEqualTo(667);
    }

    /** 200 MB of a log in which no two lines are alike, never in memory at once. */
    @Test
    void should_not_grow_with_a_hostile_log() throws IOException {
        InputStream endless = new InputStream() {
            private byte[] line = new byte[0];
            private int at;
            private int count;

            @Override
            public int read() {
                throw new UnsupportedOperationException();
            }

            @Override
            public int read(byte[] buffer, int offset, int length) {
                if (at == line.length) {
                    if (count == 400_000) {
                        return -1;
                    }
                    count++;
                    line = request(
                                    "10:00:00",
                                    400 + count % 200,
                                    "X" + count,
                                    "d" + count,
                                    "c" + "x".repeat(300) + count,
                                    "h" + count,
                                    count)
                            .getBytes(StandardCharsets.UTF_8);
                    at = 0;
                }
                int copied = Math.min(length, line.length - at);
                System.arraycopy(line, at, buffer, offset, copied);
                at += copied;
                return copied;
            }
        };
        Runtime runtime = Runtime.getRuntime();
        System.gc();
        long before = runtime.totalMemory() - runtime.freeMemory();

        Aggregator aggregator = new Aggregator(LogFormat.usual().scanner());
        dev.meshdx.logs.internal.line.LineFeed.read(endless, aggregator);
        System.gc();
        long held = runtime.totalMemory() - runtime.freeMemory() - before;
        LogSummary log = aggregator.summary();

        assertThat(log.access().failed()).isEqualTo(400_000);
        assertThat(log.access().failures()).hasSize(1000);
        assertThat(log.access().ungrouped()).isEqualTo(399_000);
        assertThat(log.access().byFlag()).hasSize(5001).containsEntry("(others)", 395_000L);
        assertThat(held).isLessThan(30L << 20);
    }

    @Test
    void should_count_a_pattern_once_for_a_message_of_several_lines() {
        LogMatch crash = summary(
                        "2026-01-02T03:04:05.678901Z\tinfo\tsome words\n  upstream connect error\n  upstream connect error\n")
                .patterns()
                .of("upstream-connect-error")
                .orElseThrow();

        assertThat(crash.count()).isEqualTo(1);
        assertThat(crash.examples().get(0)).contains("some words");
        assertThat(crash.first()).contains(Instant.parse("2026-01-02T03:04:05.678901Z"));
    }

    @Test
    void should_find_nothing_in_what_clients_write() {
        LogSummary log = summary(
                "[2026-01-02T03:04:05.678Z] \"GET /no_healthy_upstream?upstream_connect_error HTTP/1.1\" 200 - via_upstream - \"-\""
                        + " 0 1 2 3 \"no healthy upstream\" \"TLS_error: CERTIFICATE_VERIFY_FAILED\" \"UF,URX\" \"no healthy upstream\" \"10.0.0.1:80\""
                        + " outbound|80||web - - - upstream_connect_error -\n"
                        + "2026-01-02T03:04:05.678901Z\tdebug\tenvoy http x.cc:1\t':path', '/no healthy upstream'\tthread=1\n"
                        + "':x', 'upstream connect error'\n");

        assertThat(log.patterns().all()).isEmpty();
        assertThat(log.access().failed()).isZero();
    }

    /** Every line of the recorded meshes, whoever wrote it. */
    @Test
    void should_understand_every_line_of_real_meshes() throws IOException {
        int requests = 0;
        int looksLike = 0;
        long lines = 0;
        long unknown = 0;
        try (Stream<Path> files = Files.walk(Shared.folder("real"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".log"))
                    .sorted()
                    .toList()) {
                LogLines log = LogParser.read(Files.readString(file));
                requests += (int) log.accessLog().stream()
                        .filter(entry -> entry.line().startsWith("["))
                        .count();
                looksLike += (int) Files.readAllLines(file).stream()
                        .filter(line -> line.startsWith("[2"))
                        .count();
                lines += log.summary().lines();
                unknown += log.summary().notUnderstood();
                for (AccessLogEntry entry : log.accessLog()) {
                    assertThat(entry.time()).isPresent();
                    assertThat(entry.downstreamRemoteAddress()).isNotEmpty();
                }
            }
        }

        assertThat(requests).isEqualTo(looksLike).isGreaterThan(400);
        assertThat(lines).isGreaterThan(7000);
        assertThat(unknown).isLessThan(50);
    }

    @Test
    void should_say_what_it_read_in_a_few_lines() {
        assertThat(summary(request("10:00:00", 503, "UH", "no_healthy_upstream", "outbound|80||web", "-", 1))
                        .toString())
                .startsWith("1 line, 1 of requests\n1 of 1 requests failed\n1 pattern")
                .contains("no-healthy-upstream")
                .hasSizeLessThan(900);
        assertThat(summary("").toString()).startsWith("0 lines");
        assertThat(summary("").patterns().all()).isEqualTo(List.of());
    }
}
