package dev.meshdx.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.Mesh;
import dev.meshdx.diagnosis.Diagnosis;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a diagnosis asks for: everything once. {@code docs/performance.md} has the formula. */
class DiagnosisRequestsTest {
    private static final int PODS = 40;

    @Test
    void should_ask_for_everything_once_to_diagnose_a_mesh() {
        try (FakeMesh fake = FakeMesh.builder().workloads(PODS).start();
                Mesh mesh = fake.connect()) {
            Diagnosis diagnosis = mesh.diagnose();

            assertThat(diagnosis.inconclusive()).isEmpty();
            assertNothingTwice(fake);
            assertThat(podPages(fake))
                    .containsEntry("15000/config_dump?include_eds", PODS)
                    .containsEntry("15000/clusters?format=json", PODS)
                    .containsEntry("15014/debug/syncz", 1)
                    // Sidecars bind no ports but Istio's own: what they are bound to shows nothing more.
                    .doesNotContainKey("15000/listeners?format=json")
                    .doesNotContainKey("15000/certs");
            assertThat(apiRequests(fake))
                    .containsEntry("get pods/log", PODS)
                    // One of the whole mesh, one of istiod's pods.
                    .containsEntry("list pods", 2)
                    .containsEntry("list services", 1);
            // A tunnel to each pod is used for both of its pages; istiod's pages are asked for at the same time.
            assertThat(apiRequests(fake).get("get pods/portforward")).isBetween(PODS + 1, PODS + 6);
            assertThat(fake.requests().size()).isLessThan(2 * PODS + 65);
        }
    }

    @Test
    void should_ask_for_everything_once_to_diagnose_a_namespace() {
        try (FakeMesh fake = FakeMesh.builder().workloads(5).start();
                Mesh mesh = fake.connect()) {
            Diagnosis diagnosis = mesh.namespace("scale").diagnose();

            assertThat(diagnosis.inconclusive()).isEmpty();
            assertNothingTwice(fake);
            assertThat(podPages(fake)).containsEntry("15000/config_dump?include_eds", 5);
        }
    }

    @Test
    void should_ask_one_proxy_only_to_diagnose_a_pod() {
        try (FakeMesh fake = FakeMesh.builder().workloads(20).start();
                Mesh mesh = fake.connect()) {
            String pod = fake.objects(ResourceKind.POD).stream()
                    .map(Resource::name)
                    .filter(name -> name.startsWith("app-0007-"))
                    .findFirst()
                    .orElseThrow();

            Diagnosis diagnosis = mesh.namespace("scale").pod(pod).diagnose();

            assertThat(diagnosis.inconclusive()).isEmpty();
            assertNothingTwice(fake);
            assertThat(podPages(fake))
                    .containsEntry("15000/config_dump?include_eds", 1)
                    .containsEntry("15000/clusters?format=json", 1);
            assertThat(apiRequests(fake)).containsEntry("get pods/log", 1);
        }
    }

    /** A gateway binds the ports of its Gateways: whether it could is worth one more page, of a few hundred bytes. */
    @Test
    void should_ask_gateways_what_they_are_bound_to() {
        try (FakeMesh fake = FakeMesh.start(Scenario.byName("healthy"));
                Mesh mesh = fake.connect()) {
            Diagnosis diagnosis = mesh.diagnose();

            assertThat(diagnosis.findings()).isEmpty();
            assertNothingTwice(fake);
            assertThat(fake.podRequests().stream()
                            .filter(request -> request.path().equals("/listeners?format=json"))
                            .map(request -> request.pod()))
                    .isNotEmpty()
                    .allSatisfy(pod -> assertThat(pod).contains("gateway"));
        }
    }

    /** Tunnels are connections, not questions. */
    private static void assertNothingTwice(FakeMesh fake) {
        Map<String, Long> counts = Stream.concat(
                        fake.requests().stream()
                                .filter(request -> !request.resource().equals("pods/portforward"))
                                .map(request -> request.method() + " " + request.path()),
                        fake.podRequests().stream()
                                .map(request ->
                                        request.method() + " " + request.pod() + ":" + request.port() + request.path()))
                .collect(Collectors.groupingBy(request -> request, TreeMap::new, Collectors.counting()));

        assertThat(counts)
                .allSatisfy((request, count) -> assertThat(count).as(request).isEqualTo(1));
    }

    private static Map<String, Integer> podPages(FakeMesh fake) {
        Map<String, Integer> counts = new TreeMap<>();
        fake.podRequests().forEach(request -> counts.merge(request.port() + request.path(), 1, Integer::sum));
        return counts;
    }

    private static Map<String, Integer> apiRequests(FakeMesh fake) {
        Map<String, Integer> counts = new TreeMap<>();
        fake.requests().forEach(request -> counts.merge(request.verb() + " " + request.resource(), 1, Integer::sum));
        return counts;
    }
}
