package dev.meshdx.envoy.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.error.MeshConfigurationException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StatsTest {
    private static final String JSON = """
            {"stats":[
             {"name":"cluster_manager.cds.version_text","value":"2026/1"},
             {"name":"cluster.outbound|80||web.a.svc.cluster.local;.upstream_cx_total","value":7},
             {"name":"cluster.outbound|80||web.a.svc.cluster.local;.upstream_rq_5xx","value":0},
             {"name":"cluster.outbound|80||web.b.svc.cluster.local.upstream_cx_total","value":3},
             {"name":"cluster_manager.cds.version","value":18446744073709551615},
             {"name":"listener.0.0.0.0_15006.downstream_cx_total","value":5},
             {"name":"server.uptime","value":100},
             {"histograms":{"supported_quantiles":[0,50,99,99.5,100],"computed_quantiles":[
               {"name":"cluster.outbound|80||web.a.svc.cluster.local;.upstream_rq_time",
                "values":[{"cumulative":1,"interval":null},{"cumulative":2.05,"interval":3},{"cumulative":9,"interval":4},
                          {"cumulative":9.5,"interval":4},{"cumulative":10,"interval":null}]},
               {"name":"server.initialization_time_ms","values":[{"cumulative":null,"interval":null}]}]}}]}""";

    private static final String TEXT = """
            cluster_manager.cds.version_text: "2026/1"
            cluster.outbound|80||web.a.svc.cluster.local;.upstream_cx_total: 7
            cluster.outbound|80||web.a.svc.cluster.local;.upstream_rq_5xx: 0
            cluster.outbound|80||web.b.svc.cluster.local.upstream_cx_total: 3
            cluster_manager.cds.version: 18446744073709551615
            listener.0.0.0.0_15006.downstream_cx_total: 5
            server.uptime: 100
            cluster.outbound|80||web.a.svc.cluster.local;.upstream_rq_time: P0(nan,1) P50(3,2.05) P99(4,9) P99.5(4,9.5) P100(nan,10)
            server.initialization_time_ms: No recorded values
            """;

    private static Stats parse(String text) throws IOException {
        return Stats.parse(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static Stats parse(String text, String filter) throws IOException {
        return Stats.parse(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), filter);
    }

    @Test
    void should_read_json_and_text_alike() throws IOException {
        for (String page : List.of(JSON, TEXT)) {
            Stats stats = parse(page);

            assertThat(stats.size()).isEqualTo(9);
            assertThat(stats.number("server.uptime")).hasValue(100);
            assertThat(stats.find("cluster_manager.cds.version_text").flatMap(Stat::text))
                    .contains("2026/1");
            Stat version = stats.find("cluster_manager.cds.version").orElseThrow();
            assertThat(version.number()).hasValue(Long.MAX_VALUE);
            assertThat(version.text()).contains("18446744073709551615");
            StatHistogram time = stats.histogram("cluster.outbound|80||web.a.svc.cluster.local;.upstream_rq_time")
                    .orElseThrow();
            assertThat(time.cumulative(50)).hasValue(2.05);
            assertThat(time.interval(50)).hasValue(3);
            assertThat(time.interval(100)).isEmpty();
            assertThat(time.cumulative(99.5)).hasValue(9.5);
            assertThat(time).hasToString("P50=2.050 P99=9 P100=10");
            assertThat(stats.histogram("server.initialization_time_ms")
                            .orElseThrow()
                            .isEmpty())
                    .isTrue();
        }
    }

    @Test
    void should_find_names_with_and_without_the_semicolon() throws IOException {
        Stats stats = parse(JSON);

        assertThat(stats.number("cluster.outbound|80||web.a.svc.cluster.local.upstream_cx_total"))
                .hasValue(7);
        assertThat(stats.number("cluster.outbound|80||web.b.svc.cluster.local;.upstream_cx_total"))
                .hasValue(3);
        assertThat(stats.ofCluster("outbound|80||web.a.svc.cluster.local").size())
                .isEqualTo(3);
        assertThat(stats.ofCluster("outbound|80||web.b.svc.cluster.local").size())
                .isEqualTo(1);
        assertThat(stats.ofCluster("outbound|80||web.a").isEmpty()).isTrue();
        assertThat(stats.ofListener("0.0.0.0:15006").size()).isEqualTo(1);
        assertThat(stats.startingWith("cluster_manager.cds.").size()).isEqualTo(2);
    }

    @Test
    void should_say_that_absent_is_not_zero() throws IOException {
        Stats stats = parse(JSON);
        String missing = "cluster.outbound|80||web.c.svc.cluster.local;.upstream_cx_total";

        assertThat(stats.number(missing)).isEmpty();
        assertThat(stats.absence(missing).orElseThrow()).satisfies(absence -> {
            assertThat(absence.message())
                    .contains("does not mean that it is zero")
                    .contains("cluster.outbound|80||web.a.svc.cluster.local;.upstream_cx_total");
            assertThat(absence.remedy()).contains("proxyStatsMatcher", "\"upstream_cx_total\"");
        });
        assertThat(stats.absence("server.uptime")).isEmpty();
        assertThat(stats.ofCluster("none").toString()).contains("does not mean zero");
    }

    @Test
    void should_tell_two_readings_apart() throws IOException {
        Stats before = parse(JSON);
        Stats after = parse(JSON.replace("\"value\":7}", "\"value\":10}")
                .replace("\"value\":100}", "\"value\":160},{\"name\":\"cluster.new.upstream_cx_total\",\"value\":4}")
                .replace("2026/1", "2026/2"));

        Stats grown = after.since(before);

        assertThat(grown.number("cluster.outbound|80||web.a.svc.cluster.local;.upstream_cx_total"))
                .hasValue(3);
        assertThat(grown.number("cluster.outbound|80||web.a.svc.cluster.local;.upstream_rq_5xx"))
                .hasValue(0);
        assertThat(grown.number("cluster.new.upstream_cx_total")).hasValue(4);
        assertThat(grown.find("cluster_manager.cds.version_text").flatMap(Stat::text))
                .contains("2026/2");
        assertThat(grown.nonZero().size()).isEqualTo(4);
        assertThat(grown.gaps()).isEmpty();
        assertThat(grown.toString()).contains("GREW BY");
        // The other way round the proxy looks younger than before.
        assertThat(before.since(after).gaps())
                .singleElement()
                .satisfies(gap -> assertThat(gap.message()).contains("started anew"));
    }

    @Test
    void should_keep_only_what_was_asked_for() throws IOException {
        for (String page : List.of(JSON, TEXT)) {
            assertThat(parse(page, "outbound\\|80\\|").size()).isEqualTo(4);
            assertThat(parse(page, "^server\\.").size()).isEqualTo(2);
            assertThat(parse(page, "nothing").toString())
                    .contains("like nothing")
                    .contains("does not mean zero");
        }
        assertThat(parse("", "x").isEmpty()).isTrue();
        assertThatThrownBy(() -> parse(JSON, "*")).isInstanceOf(MeshConfigurationException.class);
    }

    @Test
    void should_use_what_was_read_until_the_page_was_cut_off() throws IOException {
        for (int length = 20; length < JSON.length() - 1; length++) {
            assertThat(parse(JSON.substring(0, length)).gaps()).hasSize(1);
        }
        assertThat(parse(JSON.substring(0, 300))
                        .number("cluster.outbound|80||web.a.svc.cluster.local;.upstream_cx_total"))
                .hasValue(7);
    }

    @Test
    void should_bear_odd_values() throws IOException {
        assertThat(parse("""
                {"stats": [5, null, {"name": 5, "value": 5}, {"name": "a"}, {"value": 5}, {"name": "b", "value": {"c": 1}},
                 {"name": "d", "value": -1.5}, {"name": "e", "value": null}, {"name": "f", "value": true},
                 {"histograms": []}, {"histograms": {"computed_quantiles": [5, {"name": "h", "values": 5},
                 {"name": "i", "values": [{"cumulative": "x", "interval": []}, 5]}], "supported_quantiles": [50]}}]}""").all()).extracting(Stat::name).containsExactly("d", "f", "h", "i");
        assertThat(parse("a: 1\nb: x\n: 5\nc: P50(\nd: P50(nan,nan) Px\n\"\ne: \"open\n")
                        .size())
                .isEqualTo(4);
    }

    @Test
    void should_hold_no_more_than_memory_should() throws IOException {
        Iterator<InputStream> chunks = IntStream.range(0, 400)
                .mapToObj(chunk -> {
                    StringBuilder text = new StringBuilder();
                    for (int i = 0; i < 1000; i++) {
                        text.append("cluster.c").append(chunk * 1000 + i).append(".upstream_cx_total: 1\n");
                    }
                    return (InputStream)
                            new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.UTF_8));
                })
                .iterator();

        Stats stats = Stats.parse(
                new SequenceInputStream(Collections.enumeration(new java.util.AbstractCollection<InputStream>() {
                    @Override
                    public Iterator<InputStream> iterator() {
                        return chunks;
                    }

                    @Override
                    public int size() {
                        return 400;
                    }
                })));

        assertThat(stats.size()).isEqualTo(250_000);
        assertThat(stats.gaps())
                .singleElement()
                .satisfies(gap -> assertThat(gap.remedy()).contains("filter"));
    }
}
