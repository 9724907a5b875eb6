package dev.meshdx.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.Mesh;
import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.source.Session;
import dev.meshdx.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole ways through recorded meshes, against what became of the requests that were sent there. */
class RecordedMeshTraceTest {
    private static final String SLEEP = "production/sleep-v1-gj4j8s7g7h-nftvm";

    private static MeshTrace trace(Session session, String from, HttpRequest request) {
        String[] names = from.split("/");
        return MeshTrace.of(session, names[0], names[1], request);
    }

    private static HttpRequest request(Json recorded) {
        HttpRequest request = HttpRequest.of(
                recorded.at("method").text("GET"), recorded.at("url").text(""));
        for (Map.Entry<String, String> header : recorded.at("headers").textMap().entrySet()) {
            request = request.header(header.getKey(), header.getValue());
        }
        return request;
    }

    /** Tokens are not in the recordings; ztunnel's own configuration, which is older there, is not read. */
    private static boolean isKnown(String scenario, Json recorded) {
        return !recorded.at("headers").toString().toLowerCase(Locale.ROOT).contains("authorization")
                && !scenario.equals("ambient/ztunnel-disconnected")
                // A node's ztunnel that crashes is no matter of configuration.
                && !scenario.equals("ambient/ztunnel-down")
                // The proxy's hosts were recorded after the last request.
                && !scenario.equals("sidecar/envoy-hung");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sidecar", "ambient"})
    void should_reach_the_application_where_requests_did(String kind) throws IOException {
        List<String> wrong = new ArrayList<>();
        int checked = 0;
        List<Path> scenarios;
        try (Stream<Path> list = Files.list(Shared.folder("real/" + kind))) {
            scenarios = list.filter(folder -> Files.exists(folder.resolve("requests.json")))
                    .sorted()
                    .toList();
        }
        for (Path folder : scenarios) {
            String scenario = kind + "/" + folder.getFileName();
            Session session = Shared.recording(scenario);
            for (Json recorded : Json.parse(Files.readString(folder.resolve("requests.json")))
                    .items()) {
                boolean fromPod = recorded.at("from").text("").contains("/");
                if (!fromPod || recorded.at("status").number(0) != 200 || !isKnown(scenario, recorded)) {
                    continue;
                }
                checked++;
                MeshTrace trace = trace(session, recorded.at("from").text(""), request(recorded));
                boolean byChance = trace.hops().stream()
                        .flatMap(hop -> hop.trace().stream())
                        .flatMap(one -> one.filters().stream())
                        .anyMatch(effect -> effect.effect() == FilterEffect.Effect.MAY_REFUSE);
                if (!trace.isServed() && !byChance) {
                    wrong.add(scenario + " " + trace.verdict());
                }
            }
        }

        assertThat(checked).isGreaterThan(kind.equals("sidecar") ? 30 : 20);
        assertThat(wrong).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "sidecar/authz-denied, /pay/admin/keys, SERVER, 403, AuthorizationPolicy payments/deny-admin",
        "sidecar/authz-denied, /other, SERVER, 403, AuthorizationPolicy payments/allow-production",
        "sidecar/mtls-disabled-vs-strict, /pay/1, SERVER, 503, DestinationRule production/payments-plain",
        "sidecar/host-unknown, /details/1, CLIENT, 503, VirtualService production/details",
        "sidecar/subset-missing, /reviews/1, CLIENT, 503, VirtualService production/reviews",
        "sidecar/scaled-to-zero, /ratings/1, CLIENT, 503, Service production/ratings",
        "sidecar/fault-injection, /ratings/1, CLIENT, 418, VirtualService production/ratings",
        "ambient/ambient-healthy, DELETE, WAYPOINT, 403, AuthorizationPolicy shop/catalog-readers",
        "ambient/l4-denied, /orders/1, ZTUNNEL, 0, AuthorizationPolicy shop/orders-no-frontend",
        "ambient/l7-policy-without-waypoint, /orders/1, ZTUNNEL, 0, AuthorizationPolicy shop/orders-callers",
        "ambient/strict-vs-plaintext, /orders/1, ZTUNNEL, 0, PeerAuthentication shop/default",
        "ambient/sidecar-without-hbone, /orders/1, ZTUNNEL, 503, PeerAuthentication shop/default",
    })
    void should_end_where_the_request_ended(String scenario, String part, Hop.Role role, int code, String by)
            throws IOException {
        Session session = Shared.recording(scenario);
        Json recorded =
                Json.parse(Files.readString(Shared.folder("real/" + scenario).resolve("requests.json")))
                        .items()
                        .stream()
                        .filter(one -> one.at("status").number(0) != 200)
                        .filter(one ->
                                (one.at("method").text("") + " " + one.at("url").text("")).contains(part))
                        .findFirst()
                        .orElseThrow();

        MeshTrace trace = trace(session, recorded.at("from").text(""), request(recorded));

        assertThat(trace.isServed()).isFalse();
        assertThat(trace.failure().map(Hop::role)).contains(role);
        assertThat(trace.responseCode()).isEqualTo(code).isEqualTo((int)
                recorded.at("status").number(0));
        assertThat(trace.endedBy().map(ResourceRef::toString)).contains(by);
        assertThat(trace.verdict()).contains(by);
    }

    @Test
    void should_say_how_the_hops_speak_to_each_other() {
        MeshTrace trace =
                trace(Shared.recording("sidecar/healthy"), SLEEP, HttpRequest.get("http://reviews:9080/reviews/1"));

        assertThat(trace.isServed()).isTrue();
        assertThat(trace.responseCode()).isEqualTo(200);
        assertThat(trace.first().role()).isEqualTo(Hop.Role.CLIENT);
        assertThat(trace.first().next()).hasSize(3).allSatisfy(hop -> {
            assertThat(hop.role()).isEqualTo(Hop.Role.SERVER);
            assertThat(hop.crossing().map(Crossing::sent)).contains(Crossing.Sent.MTLS);
            assertThat(hop.crossing().map(Crossing::verdict)).contains(Crossing.Verdict.MTLS);
            assertThat(hop.next()).singleElement().satisfies(end -> {
                assertThat(end.role()).isEqualTo(Hop.Role.APPLICATION);
                assertThat(end.name()).endsWith("port 9080");
            });
        });
        assertThat(trace.tree()).contains("├─ ").contains("└─ ").contains("application production/reviews-v1-");
        assertThat(trace.mermaid())
                .startsWith("flowchart LR\n")
                .contains("client sidecar<br/>" + SLEEP)
                .contains("|\"50% mTLS\"|");
    }

    @Test
    void should_go_through_the_waypoint() {
        MeshTrace trace = trace(
                Shared.recording("ambient/ambient-healthy"),
                "shop/frontend-v1-tnh9dc5rgf-56qlc",
                HttpRequest.get("http://catalog:9080/catalog/1").header("end-user", "jason"));

        assertThat(trace.isServed()).isTrue();
        assertThat(trace.hops().stream().map(Hop::role).distinct())
                .containsExactly(Hop.Role.ZTUNNEL, Hop.Role.WAYPOINT, Hop.Role.APPLICATION);
        assertThat(trace.ends())
                .singleElement()
                .satisfies(hop -> assertThat(hop.name()).startsWith("shop/catalog-v2-"));
        assertThat(trace.hops().stream()
                        .flatMap(hop -> hop.sources().stream())
                        .map(source -> source.resource().toString()))
                .contains("HTTPRoute shop/catalog");
    }

    @Test
    void should_say_that_a_proxy_could_not_be_asked() {
        MeshTrace trace = trace(
                Shared.recording("sidecar/admin-unreachable"), SLEEP, HttpRequest.get("http://details:9080/details/1"));

        assertThat(trace.verdict()).contains("could not be read");
        assertThat(trace.gaps()).isNotEmpty();
        assertThat(trace.hops()).hasSize(2);
    }

    @Test
    void should_name_file_and_line_of_what_decides(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("reviews.yaml");
        Files.writeString(file, """
                # the split
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: reviews, namespace: production}
                spec: {hosts: [reviews]}
                """);
        try (Mesh mesh = Mesh.snapshot(Shared.folder("real/sidecar/healthy"));
                Mesh overlaid = mesh.whatIf(file)) {
            String[] sleep = SLEEP.split("/");
            MeshTrace trace = overlaid.trace(
                    overlaid.namespace(sleep[0]).pod(sleep[1]), HttpRequest.get("http://reviews:9080/reviews/1"));

            assertThat(trace.first().sources())
                    .filteredOn(source -> source.resource().kind().equals("VirtualService"))
                    .singleElement()
                    .satisfies(source -> {
                        assertThat(source.origin().file()).endsWith("reviews.yaml");
                        assertThat(source.origin().line()).isEqualTo(3);
                    });
            assertThat(trace.tree()).contains("reviews.yaml:3");
        }
    }

    @Test
    void should_name_each_resource_once_a_hop() {
        MeshTrace trace = trace(
                Shared.recording("sidecar/healthy"), SLEEP, HttpRequest.get("http://productpage:9080/productpage"));

        trace.hops().forEach(hop -> assertThat(Set.copyOf(hop.sources())).hasSameSizeAs(hop.sources()));
    }
}
