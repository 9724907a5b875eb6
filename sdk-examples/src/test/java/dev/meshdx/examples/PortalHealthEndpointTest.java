package dev.meshdx.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.Mesh;
import dev.meshdx.MeshOptions;
import dev.meshdx.model.Json;
import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.testkit.Scenario;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PortalHealthEndpointTest {
    private static HttpResponse<String> get(PortalHealthEndpoint portal, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://localhost:" + portal.port() + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void should_answer_200_for_a_healthy_namespace() throws Exception {
        try (FakeMesh cluster = FakeMesh.start(Scenario.HEALTHY);
                Mesh mesh = cluster.connect();
                PortalHealthEndpoint portal = new PortalHealthEndpoint(mesh, 0)) {
            HttpResponse<String> answer = get(portal, "/mesh/production");

            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
            assertThat(Json.parse(answer.body()).at("result", "verdict").text(""))
                    .contains("Nothing is wrong");
        }
    }

    @Test
    void should_answer_503_with_the_report_and_keep_it_for_a_while() throws Exception {
        try (FakeMesh cluster = FakeMesh.start(Scenario.MISSING_SUBSET);
                Mesh mesh = cluster.connect();
                PortalHealthEndpoint portal = new PortalHealthEndpoint(mesh, 0)) {
            HttpResponse<String> answer = get(portal, "/mesh/production");

            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(Json.parse(answer.body()).at("findings").items()).isNotEmpty();
            int requests = cluster.requests().size();
            assertThat(get(portal, "/mesh/production").body()).isEqualTo(answer.body());
            assertThat(cluster.requests()).hasSize(requests);
        }
    }

    @Test
    void should_answer_504_where_nothing_can_be_said() throws Exception {
        try (FakeMesh cluster = FakeMesh.start(Scenario.HEALTHY)) {
            MeshOptions options = cluster.options().toBuilder()
                    .deadline(Duration.ofSeconds(3))
                    .build();
            try (Mesh mesh = Mesh.connect(options);
                    PortalHealthEndpoint portal = new PortalHealthEndpoint(mesh, 0)) {
                cluster.down();
                HttpResponse<String> answer = get(portal, "/mesh/production");

                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(504);
                assertThat(answer.body()).containsAnyOf("UNREACHABLE", "TIMEOUT");
            }
        }
    }

    @Test
    void should_answer_400_to_what_is_no_namespace() throws Exception {
        try (FakeMesh cluster = FakeMesh.start(Scenario.HEALTHY);
                Mesh mesh = cluster.connect();
                PortalHealthEndpoint portal = new PortalHealthEndpoint(mesh, 0)) {
            assertThat(get(portal, "/mesh/").statusCode()).isEqualTo(400);
            assertThat(get(portal, "/mesh/a/b").statusCode()).isEqualTo(400);
            assertThat(cluster.requests()).isEmpty();
        }
    }
}
