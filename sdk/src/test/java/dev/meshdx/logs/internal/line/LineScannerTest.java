package dev.meshdx.logs.internal.line;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.LineKind;
import dev.meshdx.logs.LogLine;
import dev.meshdx.logs.LogLines;
import dev.meshdx.logs.LogParser;
import dev.meshdx.logs.ResponseFlag;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineScannerTest {
    private static final String ISTIO = "[2026-01-02T03:04:05.678Z] \"GET /x?a=1 HTTP/1.1\" 503 URX,UF"
            + " upstream_reset_before_response_started{remote_connection_failure|TLS_error:|268435703:SSL_routines:"
            + "OPENSSL_internal:WRONG_VERSION_NUMBER:TLS_error_end} -"
            + " \"TLS_error:|268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER:TLS_error_end\""
            + " 3 121 92 7 \"10.1.1.1\" \"curl \"8\" x\" \"id-1\" \"web.example:80\" \"192.0.2.7:80\""
            + " outbound|80|v1|web.example 10.0.0.6:5000 192.0.2.7:80 10.0.0.6:40112 sni.example my-route";

    @Test
    void should_read_every_field_of_the_text_format() {
        LogLine line = parse(ISTIO);
        AccessLogEntry entry = line.access().orElseThrow();

        assertThat(line.kind()).isEqualTo(LineKind.ACCESS);
        assertThat(entry.time()).contains(Instant.parse("2026-01-02T03:04:05.678Z"));
        assertThat(entry.method()).isEqualTo("GET");
        assertThat(entry.path()).isEqualTo("/x?a=1");
        assertThat(entry.protocol()).isEqualTo("HTTP/1.1");
        assertThat(entry.responseCode()).isEqualTo(503);
        assertThat(entry.responseFlags())
                .containsExactly(ResponseFlag.UPSTREAM_RETRY_LIMIT_EXCEEDED, ResponseFlag.UPSTREAM_CONNECTION_FAILURE);
        assertThat(entry.details()).startsWith("upstream_reset_before_response_started{");
        assertThat(entry.connectionTerminationDetails()).isEmpty();
        assertThat(entry.transportFailureReason()).contains("SSL routines").endsWith("TLS_error_end");
        assertThat(entry.bytesReceived()).isEqualTo(3);
        assertThat(entry.bytesSent()).isEqualTo(121);
        assertThat(entry.duration()).isEqualTo(Duration.ofMillis(92));
        assertThat(entry.upstreamServiceTime()).contains(Duration.ofMillis(7));
        assertThat(entry.forwardedFor()).isEqualTo("10.1.1.1");
        assertThat(entry.requestId()).isEqualTo("id-1");
        assertThat(entry.authority()).isEqualTo("web.example:80");
        assertThat(entry.upstreamHost()).isEqualTo("192.0.2.7:80");
        assertThat(entry.upstreamCluster()).isEqualTo("outbound|80|v1|web.example");
        assertThat(entry.upstreamLocalAddress()).isEqualTo("10.0.0.6:5000");
        assertThat(entry.downstreamLocalAddress()).isEqualTo("192.0.2.7:80");
        assertThat(entry.downstreamRemoteAddress()).isEqualTo("10.0.0.6:40112");
        assertThat(entry.requestedServerName()).isEqualTo("sni.example");
        assertThat(entry.routeName()).isEqualTo("my-route");
        assertThat(entry.direction()).isEqualTo(AccessLogEntry.Direction.OUTBOUND);
        assertThat(entry.failed()).isTrue();
    }

    @Test
    void should_tolerate_fields_after_the_known_ones() {
        AccessLogEntry entry = parse(ISTIO + " \"extra\" 7 more").access().orElseThrow();

        assertThat(entry.routeName()).isEqualTo("my-route");
    }

    @Test
    void should_read_a_bare_connection() {
        AccessLogEntry entry = parse("[2026-01-02T03:04:05.678Z] \"- - -\" 0 NR filter_chain_not_found - \"-\" 0 0 0 -"
                        + " \"-\" \"-\" \"-\" \"-\" \"-\" - - 10.99.3.10:8080 10.99.2.50:36770 - -")
                .access()
                .orElseThrow();

        assertThat(entry.isHttp()).isFalse();
        assertThat(entry.responseCode()).isZero();
        assertThat(entry.has(ResponseFlag.NO_ROUTE_FOUND)).isTrue();
        assertThat(entry.upstreamCluster()).isEmpty();
        assertThat(entry.downstreamLocalAddress()).isEqualTo("10.99.3.10:8080");
        assertThat(entry.failed()).isTrue();
    }

    @Test
    void should_read_the_format_before_istio_1_9_and_that_of_envoy() {
        AccessLogEntry old = parse(
                        "[2019-01-02T03:04:05.678Z] \"GET / HTTP/1.1\" 503 UF \"-\" \"delayed connect error: 111\""
                                + " 0 91 5 - \"-\" \"curl\" \"id\" \"web\" \"10.0.0.1:80\" outbound|80||web - 10.0.0.2:80 10.0.0.3:4000 - default")
                .access()
                .orElseThrow();
        AccessLogEntry envoy = parse(
                        "[2026-01-02T03:04:05.678Z] \"GET / HTTP/2\" 200 - 1 2 3 4 \"-\" \"curl\" \"id\" \"web\" \"10.0.0.1:80\"")
                .access()
                .orElseThrow();

        assertThat(old.transportFailureReason()).isEqualTo("delayed connect error: 111");
        assertThat(old.upstreamCluster()).isEqualTo("outbound|80||web");
        assertThat(old.routeName()).isEqualTo("default");
        assertThat(envoy.bytesSent()).isEqualTo(2);
        assertThat(envoy.upstreamHost()).isEqualTo("10.0.0.1:80");
        assertThat(envoy.details()).isEmpty();
    }

    @Test
    void should_read_json_access_logs() {
        LogLine line = parse(
                "{\"start_time\":\"2026-01-02T03:04:05.678Z\",\"method\":\"GET\",\"path\":\"/x\","
                        + "\"response_code\":503,\"response_flags\":\"UH\",\"upstream_cluster\":\"outbound|80||web.shop.svc.cluster.local\","
                        + "\"upstream_host\":null,\"duration\":12,\"upstream_service_time\":\"7\",\"route_name\":\"-\",\"new_field\":{}}");
        AccessLogEntry entry = line.access().orElseThrow();

        assertThat(line.kind()).isEqualTo(LineKind.ACCESS);
        assertThat(entry.responseCode()).isEqualTo(503);
        assertThat(entry.has(ResponseFlag.NO_HEALTHY_UPSTREAM)).isTrue();
        assertThat(entry.upstreamHost()).isEmpty();
        assertThat(entry.routeName()).isEmpty();
        assertThat(entry.upstreamServiceTime()).contains(Duration.ofMillis(7));
    }

    @Test
    void should_tell_envoy_and_agent_apart() {
        LogLine envoy =
                parse("2026-01-02T03:04:05.678901Z\twarning\tenvoy config source/x.h:227\tstream closed\tthread=7");
        assertThat(envoy.kind()).isEqualTo(LineKind.ENVOY);
        assertThat(envoy.level()).isEqualTo("warning");
        assertThat(envoy.scope()).isEqualTo("config");
        assertThat(envoy.message()).isEqualTo("stream closed");

        LogLine agent =
                parse("2026-01-02T03:04:05.678901Z\tinfo\txdsproxy\tconnected to delta upstream XDS server: x\tid=1");
        assertThat(agent.kind()).isEqualTo(LineKind.AGENT);
        assertThat(agent.scope()).isEqualTo("xdsproxy");
        assertThat(agent.message()).startsWith("connected to delta upstream");

        LogLine unscoped = parse("2026-01-02T03:04:05.678901Z\tinfo\tEnvoy proxy is ready");
        assertThat(unscoped.scope()).isEmpty();
        assertThat(unscoped.message()).isEqualTo("Envoy proxy is ready");

        LogLine json = parse(
                "{\"level\":\"warn\",\"time\":\"2026-01-02T03:04:05.678901Z\",\"scope\":\"envoy config\",\"msg\":\"m\"}");
        assertThat(json.kind()).isEqualTo(LineKind.ENVOY);
        assertThat(json.scope()).isEqualTo("config");

        LogLine plain = parse("[2026-01-02 03:04:05.678][12][critical][main] [source/x.cc:1] boom");
        assertThat(plain.kind()).isEqualTo(LineKind.ENVOY);
        assertThat(plain.level()).isEqualTo("critical");
        assertThat(plain.time()).contains(Instant.parse("2026-01-02T03:04:05.678Z"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "   at java.lang.Thread.run",
                "[",
                "[]",
                "[2026-01-02T03:04:05.678Z]",
                "[2026-01-02T03:04:05.678Z] \"GET",
                "[2026-01-02T03:04:05.678Z] \"GET / HTTP/1.1\" abc - x",
                "[not a time at all!!] \"GET / HTTP/1.1\" 200 -",
                "{",
                "{}",
                "[1,2]",
                "{\"a\":1}",
                "\t\t\t",
                "2026-99-99T99:99:99.678901Z\tinfo\tx",
            })
    void should_keep_what_it_does_not_know(String text) {
        LogLine line = parse(text);

        assertThat(line.kind()).isEqualTo(LineKind.OTHER);
        assertThat(line.text()).isEqualTo(text);
        assertThat(line.access()).isEmpty();
    }

    @Test
    void should_keep_unknown_flags_and_survive_hostile_numbers() {
        AccessLogEntry entry = parse("[2026-01-02T03:04:05.678Z] \"GET / HTTP/1.1\" 999999999999 XX,UH d - \"-\""
                        + " 99999999999999999999 x 1e400 - \"-\" \"-\" \"-\" \"-\" \"-\"")
                .access()
                .orElseThrow();

        assertThat(entry.flags()).containsExactly("XX", "UH");
        assertThat(entry.responseFlags()).containsExactly(ResponseFlag.NO_HEALTHY_UPSTREAM);
        assertThat(entry.bytesSent()).isZero();
        assertThat(entry.duration()).isNotNull();
    }

    @Test
    void should_not_show_tokens() {
        String line =
                "[2026-01-02T03:04:05.678Z] \"GET /x?access_token=s3cr3tvalue&b=1 HTTP/1.1\" 503 UH no_healthy_upstream - \"-\" 0 0 0 -"
                        + " \"-\" \"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln\" \"-\" \"web\" \"-\" outbound|80||web - - - - -";
        LogLines lines = LogParser.read(line);

        assertThat(lines.all().get(0).toString())
                .doesNotContain("s3cr3tvalue", "eyJhbGci")
                .contains("[redacted]", "b=1");
        assertThat(lines.toString()).doesNotContain("s3cr3tvalue");
        assertThat(lines.patterns()
                        .of("no-healthy-upstream")
                        .orElseThrow()
                        .examples()
                        .get(0))
                .doesNotContain("s3cr3tvalue", "eyJhbGci");
    }

    @Test
    void should_count_patterns_with_their_times() {
        var match = LogParser.read(ISTIO + "\n" + ISTIO.replace("03:04:05", "03:05:05") + "\nnoise\n")
                .patterns()
                .of("tls-failure")
                .orElseThrow();

        assertThat(match.count()).isEqualTo(2);
        assertThat(match.first()).contains(Instant.parse("2026-01-02T03:04:05.678Z"));
        assertThat(match.last()).contains(Instant.parse("2026-01-02T03:05:05.678Z"));
        assertThat(match.examples()).hasSize(2).first().asString().contains("03:05:05");
    }

    @Test
    void should_be_quick_with_a_large_log() {
        String log = (ISTIO + "\n").repeat(30_000);
        long start = System.nanoTime();

        assertThat(LogParser.read(log)
                        .patterns()
                        .of("tls-failure")
                        .orElseThrow()
                        .count())
                .isEqualTo(30_000);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }

    private static LogLine parse(String line) {
        LogLines lines = LogParser.read(List.of(line));
        assertThat(lines.size()).isEqualTo(1);
        return lines.all().get(0);
    }
}
