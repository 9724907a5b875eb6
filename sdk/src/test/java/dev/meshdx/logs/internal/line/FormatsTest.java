package dev.meshdx.logs.internal.line;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.LineKind;
import dev.meshdx.logs.LogFormat;
import dev.meshdx.logs.LogLine;
import dev.meshdx.logs.LogLines;
import dev.meshdx.logs.LogParser;
import dev.meshdx.logs.ResponseFlag;
import dev.meshdx.logs.internal.LogFormats;
import dev.meshdx.model.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Access logs in formats that a mesh defines, ztunnel's lines, and messages that go on over several lines. */
class FormatsTest {
    private static LogLine one(String line, LogFormat format) {
        LogLines lines = LogParser.read(List.of(line), format);
        assertThat(lines.size()).isEqualTo(1);
        return lines.all().get(0);
    }

    @Test
    void should_read_a_text_format_of_the_mesh() {
        LogFormat format = LogFormat.usual()
                .withText("ts=%START_TIME% m=%REQ(:METHOD)% p=\"%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%\" c=%RESPONSE_CODE%"
                        + " f=%RESPONSE_FLAGS% d=%DURATION%ms x=%DYNAMIC_METADATA(a:b)% %UPSTREAM_CLUSTER%\n");

        AccessLogEntry entry = one(
                        "ts=2026-01-02T03:04:05.678Z m=GET p=\"/a b?x=1\" c=503 f=UF,URX d=12ms x=- outbound|80||web.shop.svc.cluster.local",
                        format)
                .access()
                .orElseThrow();

        assertThat(entry.time()).contains(Instant.parse("2026-01-02T03:04:05.678Z"));
        assertThat(entry.method()).isEqualTo("GET");
        assertThat(entry.path()).isEqualTo("/a b?x=1");
        assertThat(entry.responseCode()).isEqualTo(503);
        assertThat(entry.has(ResponseFlag.UPSTREAM_CONNECTION_FAILURE)).isTrue();
        assertThat(entry.duration()).isEqualTo(Duration.ofMillis(12));
        assertThat(entry.upstreamCluster()).isEqualTo("outbound|80||web.shop.svc.cluster.local");
        assertThat(one("ts=2026 m=GET", format).kind()).isEqualTo(LineKind.OTHER);
    }

    @Test
    void should_prefer_the_format_of_the_mesh_where_a_line_looks_like_the_usual_one() {
        // The usual beginning, but the duration stands where the usual format has the details.
        LogFormat format = LogFormat.usual()
                .withText("[%START_TIME%] \"%REQ(:METHOD)% %REQ(:PATH)% %PROTOCOL%\" %RESPONSE_CODE% %RESPONSE_FLAGS%"
                        + " %DURATION% %RESPONSE_CODE_DETAILS% %ROUTE_NAME%");

        AccessLogEntry entry = one("[2026-01-02T03:04:05.678Z] \"GET /x HTTP/2\" 404 NR 7 route_not_found -", format)
                .access()
                .orElseThrow();

        assertThat(entry.details()).isEqualTo("route_not_found");
        assertThat(entry.duration()).isEqualTo(Duration.ofMillis(7));
        assertThat(entry.bytesReceived()).isZero();
    }

    @Test
    void should_read_a_json_format_of_the_mesh() {
        LogFormat format = LogFormat.usual()
                .withJson(Map.of(
                        "status", "%RESPONSE_CODE%",
                        "why", "%RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS%",
                        "req.line", "%REQ(:METHOD)% %REQ(:PATH)%",
                        "at", "%START_TIME%"));

        LogLine line = one(
                "{\"at\":\"2026-01-02T03:04:05.678Z\",\"status\":404,\"why\":\"NR route_not_found\",\"req\":{\"line\":\"GET /\\u00fc\"},\"n\":[1,{}]}",
                format);
        AccessLogEntry entry = line.access().orElseThrow();

        assertThat(line.kind()).isEqualTo(LineKind.ACCESS);
        assertThat(entry.responseCode()).isEqualTo(404);
        assertThat(entry.flags()).containsExactly("NR");
        assertThat(entry.details()).isEqualTo("route_not_found");
        assertThat(entry.path()).isEqualTo("/ü");
        assertThat(entry.time()).contains(Instant.parse("2026-01-02T03:04:05.678Z"));
    }

    @Test
    void should_take_the_formats_from_the_mesh_configuration() {
        LogFormat format = LogFormats.of(Json.parse(
                "{\"accessLogFormat\":\"%RESPONSE_CODE%|%ROUTE_NAME%\\n\",\"extensionProviders\":[{\"name\":\"a\",\"envoyFileAccessLog\":"
                        + "{\"logFormat\":{\"text\":\"<%RESPONSE_FLAGS%>\"}}},{\"name\":\"b\",\"envoyFileAccessLog\":{\"logFormat\":"
                        + "{\"labels\":{\"c\":\"%RESPONSE_CODE%\"}}}},{\"name\":\"c\",\"zipkin\":{}}]}"));

        assertThat(one("503|default", format).access().orElseThrow().routeName())
                .isEqualTo("default");
        assertThat(one("<UH>", format).access().orElseThrow().flags()).containsExactly("UH");
        assertThat(one("{\"c\":418}", format).access().orElseThrow().responseCode())
                .isEqualTo(418);
        // An encoded JSON format stands in the same field.
        assertThat(one(
                                "{\"x\":418}",
                                LogFormats.of(
                                        Json.parse("{\"accessLogFormat\":\"{\\\"x\\\":\\\"%RESPONSE_CODE%\\\"}\"}")))
                        .access()
                        .orElseThrow()
                        .responseCode())
                .isEqualTo(418);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "%",
                "%%",
                "%RESPONSE_CODE",
                "no operator",
                "%REQ(%",
                "%START_TIME%",
                "%RESPONSE_CODE%%ROUTE_NAME%",
                "%A(B%C)%"
            })
    void should_survive_formats_that_are_none(String format) {
        LogFormat odd = LogFormat.usual().withText(format).withJson(Map.of("k", format));

        assertThat(one("[2026-01-02T03:04:05.678Z] \"GET / HTTP/1.1\" 200 - via_upstream", odd)
                        .access()
                        .orElseThrow()
                        .responseCode())
                .isEqualTo(200);
        assertThat(one("{\"k\":\"v\"}", odd).text()).isEqualTo("{\"k\":\"v\"}");
    }

    @Test
    void should_read_the_connections_of_ztunnel() {
        LogLine line = one(
                "2026-01-02T03:04:05.678901Z\terror\taccess\tconnection complete\tsrc.addr=10.0.0.5:4000 src.workload=\"a\\\" error=x\""
                        + " dst.addr=10.0.0.9:15008 dst.hbone_addr=10.0.0.9:8080 dst.service=\"orders.shop.svc.cluster.local\""
                        + " direction=\"outbound\" bytes_sent=7 bytes_recv=9 duration=\"12ms\" error=\"http status: 401 Unauthorized\"",
                LogFormat.usual());
        AccessLogEntry entry = line.access().orElseThrow();

        assertThat(line.kind()).isEqualTo(LineKind.ZTUNNEL);
        assertThat(line.level()).isEqualTo("error");
        assertThat(entry.direction()).isEqualTo(AccessLogEntry.Direction.OUTBOUND);
        assertThat(entry.authority()).isEqualTo("orders.shop.svc.cluster.local");
        assertThat(entry.downstreamRemoteAddress()).isEqualTo("10.0.0.5:4000");
        assertThat(entry.upstreamHost()).isEqualTo("10.0.0.9:15008");
        assertThat(entry.duration()).isEqualTo(Duration.ofMillis(12));
        assertThat(entry.bytesSent()).isEqualTo(7);
        assertThat(entry.transportFailureReason()).isEqualTo("http status: 401 Unauthorized");
        assertThat(entry.failed()).isTrue();

        LogLine json = one(
                "{\"level\":\"info\",\"time\":\"2026-01-02T03:04:05.678Z\",\"scope\":\"access\",\"message\":\"connection complete\",\"src.addr\":\"10.0.0.5:1\",\"duration\":\"3ms\",\"direction\":\"inbound\"}",
                LogFormat.usual());
        assertThat(json.kind()).isEqualTo(LineKind.ZTUNNEL);
        assertThat(json.access().orElseThrow().duration()).isEqualTo(Duration.ofMillis(3));
        assertThat(json.access().orElseThrow().failed()).isFalse();

        assertThat(one("2026-01-02T03:04:05.678901Z\tinfo\txds:xds{id=3}\thandling update", LogFormat.usual())
                        .kind())
                .isEqualTo(LineKind.ZTUNNEL);
    }

    @Test
    void should_keep_a_message_of_several_lines_together() {
        LogLines lines = LogParser.read("""
                2026-01-02T03:04:05.678901Z\terror\tenvoy main x.cc:1\tCaught Segmentation fault
                #0: a::b [0x1]
                #1: c::d [0x2]
                [2026-01-02T03:04:05.700Z] "GET / HTTP/1.1" 200 - via_upstream
                  indented, after another writer's line
                not indented
                2026-01-02T03:04:06.678901Z\tinfo\tnext
                """);

        assertThat(lines.all())
                .extracting(LogLine::kind)
                .containsExactly(LineKind.ENVOY, LineKind.ACCESS, LineKind.OTHER, LineKind.AGENT);
        assertThat(lines.all().get(0).message())
                .isEqualTo(
                        "Caught Segmentation fault\n#0: a::b [0x1]\n#1: c::d [0x2]\n  indented, after another writer's line");
        assertThat(lines.summary().continuations()).isEqualTo(3);
        assertThat(lines.summary().notUnderstoodExamples()).containsExactly("not indented");
    }

    @Test
    void should_show_nothing_that_steers_a_terminal() {
        LogLine line = one(
                "[2026-01-02T03:04:05.678Z] \"GET /\u001b[2J\u202egpj HTTP/1.1\" 200 - via_upstream - \"-\" 0 1 2 3 \"-\" \"\u009b31m\" \"-\" \"-\" \"-\" - - - - - -",
                LogFormat.usual());

        assertThat(line.text() + line.access().orElseThrow().path() + line)
                .doesNotContain("\u001b", "\u202e", "\u009b")
                .contains("\\x1b[2J\\u202egpj");
        assertThat(line.access().orElseThrow().userAgent()).isEqualTo("\\x9b31m");
        assertThat(line.access().orElseThrow().bytesSent()).isEqualTo(1);
    }

    @Test
    void should_take_out_tokens_wherever_they_stand() {
        LogLine line = one(
                "2026-01-02T03:04:05.678901Z\tdebug\tenvoy http x.cc:1\t':path', '/x?api_key=abc123'\n'authorization', 'Bearer abcdefghijk'",
                LogFormat.usual());

        assertThat(line.text() + line.message())
                .doesNotContain("abc123", "abcdefghijk")
                .contains("[redacted]");
        String hostile = "?a".repeat(200_000) + "eyJ".repeat(100_000) + "cookie" + " ".repeat(100_000);
        assertThat(one(hostile, LogFormat.usual()).text()).hasSizeLessThan(70_000);
    }
}
