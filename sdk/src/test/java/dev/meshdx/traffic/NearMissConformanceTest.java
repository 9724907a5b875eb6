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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Near misses of requests that were made to satisfy one route, and then changed in one thing. */
class NearMissConformanceTest {
    @Test
    void should_name_the_route_that_was_missed_by_one_thing() throws IOException {
        Path folder = Shared.folder("conformance/trace");
        List<Path> files;
        try (Stream<Path> list = Files.list(folder)) {
            files = list.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
        int asked = 0;
        List<String> unnamed = new ArrayList<>();
        for (Path file : files) {
            Json test = Json.parse(Files.readString(file));
            ConfigDump dump = ConfigDump.parse(
                    new ByteArrayInputStream(test.at("configDump").toString().getBytes(StandardCharsets.UTF_8)));
            for (Json request : test.at("requests").items()) {
                Json origin = request.at("derivedFrom");
                String route = origin.at("route").text("");
                String changed = origin.at("changed").text("");
                boolean missed = request.at("expected", "kind").text("").equals("noRoute")
                        && !route.isEmpty()
                        && !changed.isEmpty()
                        // A CONNECT misses all ordinary routes alike.
                        && !request.at("method").text("").equals("CONNECT")
                        && sameHost(
                                dump,
                                route,
                                request.at("expected", "virtualHost").text(""));
                if (missed) {
                    asked++;
                    Trace trace = Tracer.trace(dump, HttpRequest.of(request));
                    boolean named = trace.nearMisses().stream()
                            .anyMatch(miss -> miss.what().startsWith("route " + route));
                    if (!named) {
                        unnamed.add(changed + " (" + origin.at("change").text("") + ") " + request.at("path") + " "
                                + route + " " + trace.nearMisses());
                    }
                }
            }
        }
        Files.write(Path.of("target", "near-misses.txt"), unnamed);

        assertThat(asked).isPositive();
        assertThat(unnamed).as("unnamed of " + asked).hasSizeLessThan(asked / 30);
    }

    private static boolean sameHost(ConfigDump dump, String route, String virtualHost) {
        return dump.routes().stream()
                .flatMap(config -> config.virtualHosts().stream())
                .filter(host -> host.name().equals(virtualHost))
                .anyMatch(host -> host.routes().stream()
                        .anyMatch(candidate -> candidate.name().equals(route)));
    }
}
