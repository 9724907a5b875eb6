package dev.meshdx.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.error.MeshException;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.source.Session;
import dev.meshdx.testing.Shared;
import dev.meshdx.traffic.NearMiss.Reason;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the configuration of recorded meshes says of requests there. */
class RecordedMeshNearMissTest {
    private record Asked(String pod, Trace trace, List<NearMiss> added) {
        @Override
        public String toString() {
            return pod + ": " + trace.request() + " " + trace.outcome() + " " + added + " " + trace.notes();
        }
    }

    private static Asked ask(Session session, String pod, HttpRequest request) {
        int slash = pod.indexOf('/');
        String namespace = pod.substring(0, slash);
        String name = pod.substring(slash + 1);
        Trace own = Tracer.of(session, namespace, name).trace(request);
        Trace whole = Tracer.trace(session, namespace, name, request);
        assertThat(whole.fields()).isEqualTo(own.fields());
        List<NearMiss> all = whole.nearMisses();
        assertThat(all.subList(0, own.nearMisses().size()))
                .usingRecursiveComparison()
                .isEqualTo(own.nearMisses());
        return new Asked(pod, whole, all.subList(own.nearMisses().size(), all.size()));
    }

    /** Every proxy asks for every port of every Service. */
    private static List<Asked> everybody(Session session) {
        List<Asked> all = new ArrayList<>();
        for (Resource pod : session.resources(ResourceKind.POD)) {
            if (!Pods.hasEnvoy(pod)) {
                continue;
            }
            for (Resource service : session.resources(ResourceKind.SERVICE)) {
                for (Json port : service.spec().at("ports").items()) {
                    String host = service.name() + "." + service.namespace() + ":"
                            + port.at("port").number(0);
                    try {
                        all.add(ask(
                                session, pod.namespace() + "/" + pod.name(), HttpRequest.get("http://" + host + "/x")));
                    } catch (MeshException e) {
                        // Not recorded.
                    }
                }
            }
        }
        return all;
    }

    @ParameterizedTest
    @CsvSource({
        "sidecar/healthy, 150",
        "ambient/ambient-healthy, 42",
        "ambient/sidecar-without-hbone, 14",
        "multicluster/multicluster-healthy/east, 33",
        "multicluster/multicluster-healthy/west, 30",
        "sidecar/route-case, 30",
        "sidecar/host-unknown, 30",
        "sidecar/scaled-to-zero, 30"
    })
    void should_say_nothing_where_nothing_is_missing(String recording, int requests) {
        List<Asked> all = everybody(Shared.recording(recording));

        assertThat(all).hasSize(requests);
        assertThat(all)
                // Its Sidecar imports two namespaces.
                .filteredOn(asked -> !asked.pod().startsWith("broken/"))
                .allSatisfy(asked -> {
                    assertThat(asked.added()).isEmpty();
                    assertThat(asked.trace().notes()).noneMatch(note -> note.contains("near misses"));
                });
    }

    @Test
    void should_name_the_sidecar_that_hides_hosts() {
        List<Asked> hidden = everybody(Shared.recording("sidecar/healthy")).stream()
                .filter(asked -> !asked.added().isEmpty())
                .toList();

        assertThat(hidden).hasSize(7).allSatisfy(asked -> {
            assertThat(asked.pod()).startsWith("broken/gadget");
            assertThat(asked.added()).singleElement().satisfies(miss -> {
                assertThat(miss.reason()).isEqualTo(Reason.NOT_IMPORTED);
                assertThat(miss.because()).contains("Sidecar broken/default");
            });
        });
        assertThat(hidden)
                .extracting(asked -> asked.added().get(0).resource().orElseThrow())
                .contains(
                        ResourceRef.of("VirtualService", "production", "reviews"),
                        ResourceRef.of("Service", "production", "ratings"));
    }

    @Test
    void should_find_a_route_of_a_gateway_that_a_sidecar_is_asked_for() {
        Session session = Shared.recording("sidecar/healthy");
        String pod = session.resources(ResourceKind.POD, "production").stream()
                .filter(found -> found.name().startsWith("sleep-"))
                .map(found -> found.namespace() + "/" + found.name())
                .findFirst()
                .orElseThrow();

        Asked wrong = ask(session, pod, HttpRequest.get("http://bookinfo.example.com/api/v1/Users"));
        Asked different = ask(session, pod, HttpRequest.get("http://bookinfo.example.com/api/v1/users"));
        Asked port = ask(session, pod, HttpRequest.get("http://ratings:9099/"));

        assertThat(wrong.added()).singleElement().satisfies(miss -> {
            assertThat(miss.reason()).isEqualTo(Reason.NOT_BOUND);
            assertThat(miss.where()).isEqualTo("spec.http[1].match[0]");
            assertThat(miss.because()).startsWith("it would take the request (prefix /api/v1/Users)");
        });
        assertThat(different.added()).singleElement().satisfies(miss -> {
            assertThat(miss.reason()).isEqualTo(Reason.NOT_BOUND);
            assertThat(miss.because()).contains("nor would it take the request").contains("upper and lower case");
        });
        assertThat(port.added()).singleElement().satisfies(miss -> {
            assertThat(miss.reason()).isEqualTo(Reason.OTHER_PORT);
            assertThat(miss.because()).contains("9080").contains("9099");
        });
    }

    @Test
    void should_say_that_a_route_has_a_parent_that_does_not_exist() {
        HttpRequest request = HttpRequest.get("http://catalog:9080/catalog/1");
        for (String recording : List.of("ambient/httproute-wrong-parent", "ambient/ambient-healthy")) {
            Session session = Shared.recording(recording);
            String address = session.resource(ResourceKind.SERVICE, "shop", "catalog")
                    .orElseThrow()
                    .spec()
                    .at("clusterIP")
                    .text("");
            Asked asked = ask(
                    session,
                    "shop/waypoint-gv97rmd9wt-px5mn",
                    request.to(address + ":9080").header("end-user", "jason"));

            if (recording.endsWith("healthy")) {
                assertThat(asked.added()).isEmpty();
            } else {
                assertThat(asked.added()).singleElement().satisfies(miss -> {
                    assertThat(miss.reason()).isEqualTo(Reason.NOT_BOUND);
                    assertThat(miss.resource()).contains(ResourceRef.of("HTTPRoute", "shop", "catalog"));
                    assertThat(miss.where()).isEqualTo("spec.rules[0].matches[0]");
                    assertThat(miss.because()).contains("shop/catalogue, which does not exist");
                });
            }
        }
    }
}
