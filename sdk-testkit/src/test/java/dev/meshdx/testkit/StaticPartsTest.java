package dev.meshdx.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.model.Json;
import dev.meshdx.testing.Shared;
import dev.meshdx.testkit.internal.ClusterState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What a proxy has without a control plane's doing, against a recorded proxy: static resources, secrets, the sections of the
 * dump. (What istiod sends is compared field by field in {@code RealMeshTest}.) Skipped where there is no recording.
 */
class StaticPartsTest {
    private static List<Json> elements(Json dump, String list) {
        return dump.at("configs").items().stream()
                .flatMap(config -> config.at(list).items().stream())
                .toList();
    }

    private static Set<String> rows(Json dump) {
        Set<String> rows = new TreeSet<>();
        dump.at("configs").items().forEach(config -> rows.add(config.at("@type").text("")));
        for (Json each : elements(dump, "static_clusters")) {
            Json cluster = each.at("cluster");
            rows.add("cluster " + cluster.at("name").text("") + " "
                    + cluster.at("type").text("STATIC"));
        }
        for (Json each : elements(dump, "static_listeners")) {
            Json socket = each.at("listener", "address", "socket_address");
            rows.add("listener " + each.at("listener", "name").text("") + " "
                    + socket.at("address").text("") + ":"
                    + socket.at("port_value").text(""));
        }
        for (Json each : elements(dump, "static_route_configs")) {
            Json host = each.at("route_config", "virtual_hosts").at(0);
            rows.add("route " + each.at("route_config", "name").text("") + " "
                    + host.at("name").text("") + " "
                    + host.at("domains").texts() + " "
                    + host.at("routes").at(0).at("route", "cluster").text(""));
        }
        for (Json each : elements(dump, "static_endpoint_configs")) {
            rows.add("endpoint " + each.at("endpoint_config", "cluster_name").text("") + " "
                    + each.at("endpoint_config", "endpoints")
                            .at(0)
                            .at("lb_endpoints")
                            .at(0)
                            .at("endpoint", "address"));
        }
        for (Json each : elements(dump, "dynamic_active_secrets")) {
            rows.add("secret " + each.at("name").text("") + " "
                    + each.at("secret").names());
        }
        for (Json each : elements(dump, "dynamic_warming_secrets")) {
            rows.add("warming secret " + each.at("name").text(""));
        }
        return rows;
    }

    @Test
    void should_have_what_a_real_sidecar_has() throws IOException {
        Path pods = Shared.folder("real/sidecar/healthy/envoy/production");
        Path recorded;
        try (Stream<Path> folders = Files.list(pods)) {
            recorded = folders.filter(pod -> pod.getFileName().toString().startsWith("ratings-v1"))
                    .findFirst()
                    .orElseThrow();
        }
        Json real = Json.parse(Files.readString(recorded.resolve("config_dump.json")));
        ClusterState state = FakeMeshBuilder.create()
                .namespace(
                        "production",
                        production -> production
                                .injected()
                                .workload(
                                        "ratings-v1",
                                        ratings -> ratings.app("ratings")
                                                .version("v1")
                                                .port("http", 9080))
                                .service("ratings", ratings -> ratings.port("http", 9080)))
                .build();
        Json made = Fakes.json(state, Fakes.pod(state, "production", "ratings-v1"), 15000, "/config_dump?include_eds");

        assertThat(rows(made)).isEqualTo(rows(real));
    }
}
