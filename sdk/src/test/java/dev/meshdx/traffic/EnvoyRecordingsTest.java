package dev.meshdx.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.model.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The recordings in {@code traffic/envoy} can be read, and speak only of what is in their dumps. */
class EnvoyRecordingsTest {
    private static final List<String> NAMES =
            List.of("listener", "filterChain", "routeConfig", "virtualHost", "route", "cluster");

    static Stream<Path> recordings() throws IOException, URISyntaxException {
        URL folder = Objects.requireNonNull(EnvoyRecordingsTest.class.getResource("/traffic/envoy"));
        return Files.list(Path.of(folder.toURI()))
                .filter(file -> file.toString().endsWith(".json"))
                .sorted();
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void should_speak_of_what_is_in_the_dump(Path file) throws IOException {
        Json recording = Json.parse(Files.readString(file));
        Json configDump = recording.at("configDump");
        ConfigDump dump =
                ConfigDump.parse(new ByteArrayInputStream(configDump.toString().getBytes(StandardCharsets.UTF_8)));
        Set<String> named = new HashSet<>();
        collectNames(configDump, named);

        assertThat(dump.listeners()).isNotEmpty();
        assertThat(recording.at("name").text("") + ".json")
                .isEqualTo(file.getFileName().toString());
        assertThat(recording.at("requests").items()).isNotEmpty();
        for (Json request : recording.at("requests").items()) {
            Json expected = request.at("expected");
            assertThat(expected.at("kind").text("")).isNotEmpty();
            for (String name : NAMES) {
                expected.at(name).text().ifPresent(value -> assertThat(named).contains(value));
            }
        }
    }

    /** Values of {@code name}, and of the fields that ask for a route configuration. */
    private static void collectNames(Json json, Set<String> names) {
        json.at("name").text().ifPresent(names::add);
        json.at("route_config_name").text().ifPresent(names::add);
        json.items().forEach(item -> collectNames(item, names));
        json.names().forEach(field -> collectNames(json.at(field), names));
    }
}
