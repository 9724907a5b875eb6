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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Traces against what the real Envoy did with the same requests: where they went, and who refused them. */
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
            "scheme",
            "upstreamPath",
            "upstreamAuthority",
            "location",
            "responseCode",
            "responseCodeDetails",
            "responseFlags",
            "authorization");
    private static final List<String> CHAIN_ONLY = List.of("kind", "listener", "filterChain");

    @ParameterizedTest
    @ValueSource(strings = {"conformance/trace", "conformance/rbac"})
    void should_go_the_way_that_envoy_went(String corpus) throws IOException {
        Path folder = Shared.folder(corpus);
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
            Tracer tracer = Tracer.of(dump);
            for (Json request : test.at("requests").items()) {
                checked++;
                List<String> differences = differences(
                        request.at("expected"),
                        tracer.trace(HttpRequest.of(request)).fields());
                if (!differences.isEmpty()) {
                    String kind = request.at("expected", "kind").text("");
                    byKind.merge(kind, 1, Integer::sum);
                    wrong.add(test.at("name").text("") + "#" + request.at("id") + " " + kind + " " + differences + " "
                            + request);
                }
            }
        }
        Path report = Path.of("target", corpus.replace('/', '-') + "-misses.txt");
        Files.createDirectories(report.getParent());
        Files.write(report, wrong);

        assertThat(wrong).as("wrong of " + checked + " by kind " + byKind).isEmpty();
        assertThat(checked).isPositive();
    }

    private static List<String> differences(Json expected, Map<String, Object> found) {
        String kind = expected.at("kind").text("");
        boolean chainOnly = List.of("tlsError", "noRequest", "codecError").contains(kind);
        List<String> differences = new ArrayList<>();
        for (String field : chainOnly ? CHAIN_ONLY : COMPARED) {
            String want = Json.of(expected.at(field)).toString();
            String have = Json.of(found.get(field)).toString();
            // A route that was never looked for can be logged with a request that was refused before.
            boolean unsaid = want.equals("null")
                    && !List.of("cluster", "clusters").contains(field)
                    && field.startsWith("response");
            if (!want.equals(have) && !unsaid) {
                differences.add(field + ": want " + want + " have " + have);
            }
        }
        return differences;
    }
}
