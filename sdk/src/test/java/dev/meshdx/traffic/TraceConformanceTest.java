package dev.meshdx.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.model.Json;
import dev.meshdx.testing.Shared;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Traces against what the real Envoy did with the same requests. */
class TraceConformanceTest {
    private static final List<String> COMPARED = List.of(
            "kind",
            "listener",
            "filterChain",
            "routeConfig",
            "virtualHost",
            "route",
            "cluster",
            "clusters",
            "matchedPath",
            "upstreamPath",
            "location",
            "responseCode");
    private static final List<String> CHAIN_ONLY = List.of("kind", "listener", "filterChain");

    @Test
    void should_go_the_way_that_envoy_went() throws IOException {
        Path folder = Shared.folder("conformance/trace");
        List<String> wrong = new ArrayList<>();
        Map<String, Integer> byKind = new TreeMap<>();
        int checked = 0;
        List<Path> files;
        try (Stream<Path> list = Files.list(folder)) {
            files = list.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
        for (Path file : files) {
            Json test = Json.parse(Files.readString(file));
            ConfigDump dump = ConfigDump.parse(
                    new ByteArrayInputStream(test.at("configDump").toString().getBytes(StandardCharsets.UTF_8)));
            for (Json request : test.at("requests").items()) {
                checked++;
                Json expected = request.at("expected");
                String kind = expected.at("kind").text("");
                Map<String, Object> found =
                        Tracer.trace(dump, HttpRequest.of(request)).fields();
                boolean chainOnly =
                        List.of("tlsError", "noRequest", "codecError").contains(kind);
                List<String> differences = new ArrayList<>();
                for (String field : chainOnly ? CHAIN_ONLY : COMPARED) {
                    String want = Json.of(expected.at(field)).toString();
                    String have = Json.of(found.get(field)).toString();
                    if (!want.equals(have)) {
                        differences.add(field + ": want " + want + " have " + have);
                    }
                }
                if (!differences.isEmpty()) {
                    byKind.merge(kind, 1, Integer::sum);
                    wrong.add(test.at("name").text("") + "#" + request.at("id") + " " + kind + " " + differences + " "
                            + request);
                }
            }
        }
        Path report = Path.of("target", "trace-misses.txt");
        Files.createDirectories(report.getParent());
        Files.write(report, wrong);

        assertThat(wrong).as("wrong of " + checked + " by kind " + byKind).isEmpty();
    }
}
