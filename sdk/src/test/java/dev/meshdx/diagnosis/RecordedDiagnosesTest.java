package dev.meshdx.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.Mesh;
import dev.meshdx.MeshPod;
import dev.meshdx.error.MeshConfigurationException;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Severity;
import dev.meshdx.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a diagnosis says of recordings of real meshes, whose right diagnosis is known. The columns: recording; code of the
 * first root cause ({@code -} where there must be none); how its subject begins; words that the verdict must hold.
 */
class RecordedDiagnosesTest {
    private static final String NOTHING = "-";

    private static Mesh mesh(String recording) {
        return Mesh.snapshot(Shared.folder("real/" + recording));
    }

    @ParameterizedTest
    @CsvSource({
        "admin-unreachable, -, -, details-v1 could not be seen UNREACHABLE refused",
        "app-port-closed, MDX0401, Pod production/details-v1-, does not listen on port 9080",
        "authz-denied, MDX0408, Pod payments/payments-v1-, deny-admin require-jwt ALLOW policies apply to it Jwt is expired",
        "cert-expired, MDX0502, Pod production/details-v1-, expired 47 h ago",
        "cert-other-root, MDX0504, Pod production/details-v1-, other.example.com refuse each other",
        "circuit-breaker, MDX0406, Pod production/sleep-v1-, is full DestinationRule production/ratings",
        "client-cancelled, -, -, Nothing is wrong went away before they had the answer",
        "envoy-hung, MDX0107, Pod production/reviews-v1-, Envoy hangs",
        "external-unreachable, MDX0401, Pod production/sleep-v1-, no route to host ServiceEntry production/external",
        "fault-injection, MDX0410, Pod production/sleep-v1-, 418 VirtualService production/ratings",
        "gateway-cert-missing, IST0101, Gateway istio-system/bookinfo-gateway, bookinfo-credential-2 does not exist",
        "healthy, -, -, Nothing is wrong with the mesh.",
        "host-unknown, IST0101, VirtualService production/details, details-v2 does not exist",
        "istiod-down, MDX0101, Pod istio-system/istiod-, No istiod CrashLoopBackOff",
        "mtls-disabled-vs-strict, IST0113, DestinationRule production/payments-plain, STRICT plain text",
        "proxy-nack, MDX0105, Pod broken/gadget-v1-, EnvoyFilter broken/bad-listener",
        "proxy-restarted, MDX0108, Pod production/details-v1-, OOMKilled",
        "proxy-stale, MDX0104, Pod production/details-v1-, has not acknowledged",
        "rate-limited, MDX0409, Pod production/ratings-v1-, EnvoyFilter production/ratings-limit",
        "route-case, MDX0301, VirtualService production/bookinfo, upper and lower case /api/v1/Users",
        "scaled-to-zero, MDX0109, Service production/ratings, Broken: scaled to zero",
        "subset-missing, IST0101, VirtualService production/reviews, v9 does not exist",
        "upstream-timeout, MDX0407, Pod production/sleep-v1-, within the timeout VirtualService production/details",
    })
    void should_name_the_cause_in_the_mesh(String recording, String code, String subject, String words) {
        try (Mesh mesh = mesh("sidecar/" + recording)) {
            Diagnosis diagnosis = mesh.diagnose();

            check(diagnosis, code, subject, words);
            assertThat(diagnosis.steps()).hasSize(5);
            assertThat(diagnosis.toString())
                    .hasSizeLessThan(2000)
                    .startsWith(diagnosis.verdict().substring(0, 31));
        }
    }

    /** The cause may lie elsewhere: then it is named all the same, and the next thing to type leads there. */
    @ParameterizedTest
    @CsvSource({
        "admin-unreachable, production/details, -, -, details-v1 could not be seen UNREACHABLE, ''",
        "admin-unreachable, production/sleep, -, -, Nothing is wrong, ''",
        "app-port-closed, production/details, MDX0401, Pod production/details-v1-, does not listen, ''",
        "app-port-closed, production/sleep, MDX0401, Pod production/details-v1-, does not listen, details-v1",
        "authz-denied, payments/payments, MDX0408, Pod payments/payments-v1-, deny-admin require-jwt Jwt is expired, ''",
        "authz-denied, production/details, MDX0408, Pod payments/payments-v1-, none of them matches, payments-v1",
        "authz-denied, production/sleep, MDX0408, Pod payments/payments-v1-, deny-admin require-jwt, payments-v1",
        "cert-expired, production/details, MDX0502, Pod production/details-v1-, expired, ''",
        "cert-expired, production/sleep, MDX0502, Pod production/details-v1-, expired, details-v1",
        "cert-other-root, production/details, MDX0504, Pod production/details-v1-, other.example.com, ''",
        "cert-other-root, production/sleep, MDX0504, Pod production/details-v1-, other.example.com, details-v1",
        "circuit-breaker, production/sleep, MDX0406, Pod production/sleep-v1-, DestinationRule production/ratings, ''",
        "circuit-breaker, production/ratings, -, -, Nothing is wrong, ''",
        "client-cancelled, production/sleep, -, -, went away, ''",
        "envoy-hung, production/reviews, MDX0107, Pod production/reviews-v1-, hangs, ''",
        "envoy-hung, production/sleep, MDX0107, Pod production/reviews-v1-, hangs, reviews-v1",
        "external-unreachable, production/sleep, MDX0401, Pod production/sleep-v1-, ServiceEntry production/external, ''",
        "fault-injection, production/sleep, MDX0410, Pod production/sleep-v1-, VirtualService production/ratings, ''",
        "gateway-cert-missing, istio-system/istio-ingressgateway, IST0101, Gateway istio-system/, bookinfo-credential-2, ''",
        "host-unknown, production/sleep, IST0101, VirtualService production/details, details-v2, ''",
        "istiod-down, production/sleep, MDX0101, Pod istio-system/istiod-, CrashLoopBackOff, control-plane",
        "istiod-down, production/reviews, MDX0101, Pod istio-system/istiod-, CrashLoopBackOff, control-plane",
        "mtls-disabled-vs-strict, production/sleep, IST0113, DestinationRule production/payments-plain, STRICT, ''",
        "mtls-disabled-vs-strict, payments/payments, IST0113, DestinationRule production/payments-plain, STRICT, ''",
        "proxy-nack, broken/gadget, MDX0105, Pod broken/gadget-v1-, EnvoyFilter broken/bad-listener, ''",
        "proxy-nack, production/sleep, -, -, Nothing is wrong, ''",
        "proxy-restarted, production/details, MDX0108, Pod production/details-v1-, OOMKilled, ''",
        "proxy-restarted, production/sleep, MDX0108, Pod production/details-v1-, OOMKilled, details-v1",
        "proxy-stale, production/details, MDX0104, Pod production/details-v1-, has not acknowledged, ''",
        "proxy-stale, production/sleep, -, -, Nothing is wrong, ''",
        "rate-limited, production/ratings, MDX0409, Pod production/ratings-v1-, EnvoyFilter, ''",
        "route-case, istio-system/istio-ingressgateway, MDX0301, VirtualService production/bookinfo, case, ''",
        "route-case, production/productpage, -, -, Nothing is wrong, ''",
        "scaled-to-zero, production/sleep, MDX0109, Service production/ratings, Broken: scaled to zero, --service ratings",
        "scaled-to-zero, production/productpage, MDX0109, Service production/ratings, scaled to zero, --service ratings",
        "subset-missing, production/sleep, IST0101, VirtualService production/reviews, v9, ''",
        "upstream-timeout, production/sleep, MDX0407, Pod production/sleep-v1-, VirtualService production/details, details-v1",
        "upstream-timeout, production/details, -, -, went away, ''",
    })
    void should_name_the_cause_for_a_pod(
            String recording, String pod, String code, String subject, String words, String next) {
        try (Mesh mesh = mesh("sidecar/" + recording)) {
            String namespace = pod.substring(0, pod.indexOf('/'));
            String name = pod.substring(pod.indexOf('/') + 1);
            MeshPod found = mesh.namespace(namespace).pods("").stream()
                    .filter(candidate -> candidate.name().startsWith(name + "-"))
                    .findFirst()
                    .orElseThrow();

            Diagnosis diagnosis = found.diagnose();

            check(diagnosis, code, subject, words);
            if (next.isEmpty()) {
                assertThat(diagnosis.next()).noneMatch(command -> command.startsWith("meshdx diagnose"));
            } else {
                assertThat(diagnosis.next().get(0)).startsWith("meshdx ").contains(next, "--snapshot ");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "authz-denied, production, MDX0408, Pod payments/payments-v1-, deny-admin",
        "mtls-disabled-vs-strict, payments, IST0113, DestinationRule production/payments-plain, STRICT",
        "route-case, istio-system, MDX0301, VirtualService production/bookinfo, case",
        "route-case, payments, -, -, Nothing is wrong with namespace payments.",
        "healthy, legacy, -, -, No pod of namespace legacy has a proxy: it is outside the mesh. Nothing is wrong",
        "healthy, kube-system, -, -, There are no pods in namespace kube-system. Nothing is wrong",
    })
    void should_name_the_cause_for_a_namespace(
            String recording, String namespace, String code, String subject, String words) {
        try (Mesh mesh = mesh("sidecar/" + recording)) {
            check(mesh.namespace(namespace).diagnose(), code, subject, words);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "app-port-closed, details, MDX0401, Pod production/details-v1-, does not listen",
        "envoy-hung, reviews, MDX0107, Pod production/reviews-v1-, hangs",
        "scaled-to-zero, ratings, MDX0109, Service production/ratings, scaled to zero",
        "healthy, reviews, -, -, Nothing is wrong with service production/reviews.",
    })
    void should_name_the_cause_for_a_service(
            String recording, String service, String code, String subject, String words) {
        try (Mesh mesh = mesh("sidecar/" + recording)) {
            check(mesh.namespace("production").service(service).diagnose(), code, subject, words);
        }
    }

    /** Full support comes later; until then nobody innocent is accused, and what is not seen is said. */
    @ParameterizedTest
    @CsvSource({
        "ambient-healthy, -, -, traffic of 4 ambient pods could not be seen",
        "sidecar-without-hbone, MDX0412, Pod production/sleep-v1-, orders.shop.svc.cluster.local closed the connection",
        "waypoint-down, MDX0109, Service shop/waypoint, scaled to zero",
        "ztunnel-disconnected, MDX0106, Pod istio-system/ztunnel-, connected to no istiod",
        "ztunnel-down, MDX0107, Pod istio-system/ztunnel-, CrashLoopBackOff",
        "app-port-closed-ambient, -, -, ambient pods could not be seen",
        "hbone-blocked, -, -, ambient pods could not be seen",
        "httproute-wrong-parent, IST0171, HTTPRoute shop/catalog, catalogue",
        "l4-denied, -, -, ambient pods could not be seen",
        "l7-policy-without-waypoint, MDX0246, AuthorizationPolicy shop/orders-callers, allows nobody",
        "l7-targetref-without-waypoint, MDX0245, AuthorizationPolicy shop/orders-get-only, no waypoint explains another",
        "not-enrolled, MDX0262, Pod shop/orders-v1-, without having been captured explains another",
        "strict-vs-plaintext, -, -, ambient pods could not be seen",
        "waypoint-missing, MDX0249, Service shop/orders, orders-waypoint explains another",
    })
    void should_be_honest_about_ambient_mode(String recording, String code, String subject, String words) {
        try (Mesh mesh = mesh("ambient/" + recording)) {
            check(mesh.diagnose(), code, subject, words);
        }
    }

    /** Each cluster by itself, without looking at the other. */
    @ParameterizedTest
    @CsvSource({
        "multicluster-healthy/east, -, -, Nothing is wrong with the mesh.",
        "multicluster-healthy/west, -, -, Nothing is wrong with the mesh.",
        "remote-secret-repaired/east, -, -, Nothing is wrong with the mesh.",
        "remote-secret-missing/east, MDX0109, Service sample/orders, Broken:",
        "remote-api-unreachable/east, MDX0109, Service sample/orders, Broken:",
        "cluster-id-clash/east, MDX0109, Service sample/orders, Broken:",
        "mtls-disabled-across-networks/east, MDX0303, Service sample/orders, has no endpoint",
        "eastwest-gateway-down/east, MDX0401, Pod sample/sleep-v1-, 198.51.100.20:15443 connection refused",
        "eastwest-gateway-down/west, MDX0107, Pod istio-system/istio-eastwestgateway-, CrashLoopBackOff",
        "eastwest-gateway-wrong-hosts/east, MDX0401, Pod sample/sleep-v1-, 198.51.100.20:15443 connection refused",
        "network-label-wrong/east, MDX0401, Pod istio-system/istio-eastwestgateway-, 10.98.2.20:5000",
        "root-mismatch/east, MDX0403, Pod sample/sleep-v1-, comes from a CA that this proxy does not trust",
        "root-mismatch/west, -, -, Nothing is wrong with the mesh.",
    })
    void should_see_one_of_several_clusters(String recording, String code, String subject, String words) {
        try (Mesh mesh = mesh("multicluster/" + recording)) {
            check(mesh.diagnose(), code, subject, words);
        }
    }

    static Stream<Path> recordings() throws IOException {
        Stream.Builder<Path> all = Stream.builder();
        for (String kind : List.of("sidecar", "ambient", "multicluster")) {
            Path folder = Shared.root().resolve("real").resolve(kind);
            if (Files.isDirectory(folder)) {
                try (Stream<Path> found = Files.walk(folder, 2)) {
                    found.filter(path -> Files.isDirectory(path.resolve("api")))
                            .sorted()
                            .forEach(all);
                }
            }
        }
        List<Path> found = all.build().toList();
        // One that is not there: the test is then skipped, visibly.
        return found.isEmpty() ? Stream.of(Shared.root().resolve("real/sidecar/healthy")) : found.stream();
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void should_answer_for_every_pod_and_namespace(Path recording) {
        Shared.folder(Shared.root().relativize(recording).toString());
        try (Mesh mesh = Mesh.snapshot(recording)) {
            boolean healthy = recording.toString().contains("healthy");
            for (String namespace : namespaces(recording)) {
                Diagnosis whole = mesh.namespace(namespace).diagnose();
                assertThat(whole.rootCauses().isEmpty() || !healthy)
                        .as(whole.verdict())
                        .isTrue();
                for (MeshPod pod : mesh.namespace(namespace).pods("")) {
                    Diagnosis diagnosis = pod.diagnose();
                    assertThat(diagnosis.verdict()).matches("(?s)(Broken: |Degraded: |.*Nothing is wrong).*");
                    assertThat(diagnosis.rootCauses().isEmpty() || !healthy)
                            .as(diagnosis.verdict())
                            .isTrue();
                }
            }
        }
    }

    private static List<String> namespaces(Path recording) {
        Path envoy = recording.resolve("envoy");
        try (Stream<Path> found = Files.list(envoy)) {
            return found.map(path -> path.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    @Test
    void should_ask_which_cluster_is_meant() {
        Path several = Shared.folder("real/multicluster/root-mismatch");

        assertThatThrownBy(() -> Mesh.snapshot(several))
                .isInstanceOf(MeshConfigurationException.class)
                .hasMessageContaining("several recordings: east, west");
    }

    /** Somebody asked a gateway for a name that it does not have: no cause of anything. */
    @Test
    void should_not_make_much_of_a_stray_connection() {
        try (Mesh mesh = mesh("sidecar/route-case")) {
            Diagnosis diagnosis = mesh.diagnose();

            assertThat(diagnosis.rootCauses()).extracting(Finding::code).containsExactly("MDX0301");
            assertThat(diagnosis.findings())
                    .filteredOn(finding -> finding.code().equals("MDX0413"))
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Severity.INFO));
        }
    }

    private static void check(Diagnosis diagnosis, String code, String subject, String words) {
        assertThat(diagnosis.verdict()).contains(words(words));
        if (code.equals(NOTHING)) {
            assertThat(diagnosis.rootCauses()).isEmpty();
            // The recordings' EnvoyFilters for the public Envoy earn advice, which is no cause of anything.
            assertThat(diagnosis.findings())
                    .filteredOn(finding -> finding.severity() != Severity.INFO)
                    .allSatisfy(finding -> assertThat(finding.subject().kind()).isEqualTo("EnvoyFilter"));
            return;
        }
        assertThat(diagnosis.rootCauses()).isNotEmpty();
        Finding first = diagnosis.rootCauses().get(0);
        assertThat(first.code()).isEqualTo(code);
        assertThat(first.subject().toString()).startsWith(subject);
        assertThat(diagnosis.verdict()).contains("[" + code + ", " + subject);
        assertThat(diagnosis.next()).anyMatch(command -> command.equals("meshdx explain " + code));
        assertThat(first.evidence()).isNotEmpty();
        assertThat(first.remedy()).isNotEmpty();
    }

    private static String[] words(String words) {
        return words.split(" ");
    }
}
