package dev.meshdx.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.Mesh;
import dev.meshdx.envoy.Cluster;
import dev.meshdx.envoy.origin.GeneratedConfiguration;
import dev.meshdx.envoy.origin.Obstacle;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the fake istiod makes of resources, asked over the wire. */
class LinksTest {
    @Test
    void should_find_every_resource_of_the_healthy_mesh() {
        try (FakeMesh cluster = FakeMesh.start(Scenario.HEALTHY);
                Mesh mesh = cluster.connect()) {
            List<String> wrong = new ArrayList<>();
            for (ResourceKind kind :
                    List.of(ResourceKind.VIRTUAL_SERVICE, ResourceKind.DESTINATION_RULE, ResourceKind.GATEWAY)) {
                for (var resource : cluster.objects(kind)) {
                    boolean somewhere = false;
                    for (var pod : cluster.objects(ResourceKind.POD)) {
                        if (!pod.spec().toString().contains("istio-proxy")) {
                            continue;
                        }
                        GeneratedConfiguration generated = mesh.namespace(pod.namespace())
                                .pod(pod.name())
                                .generatedFrom(kind, resource.namespace(), resource.name());
                        somewhere |= !generated.isEmpty();
                        if (generated.isEmpty() == generated.reasons().isEmpty()) {
                            wrong.add(generated.toString());
                        }
                    }
                    if (!somewhere) {
                        wrong.add(resource + " led to nothing");
                    }
                }
            }
            assertThat(wrong).isEmpty();
        }
    }

    @Test
    void should_not_find_the_subset_that_nobody_defines() {
        try (FakeMesh cluster = FakeMesh.start(Scenario.MISSING_SUBSET);
                Mesh mesh = cluster.connect()) {
            for (var rule : cluster.objects(ResourceKind.DESTINATION_RULE)) {
                assertThat(mesh.namespace(Scenario.MISSING_SUBSET.namespace())
                                .pod(Scenario.MISSING_SUBSET.pod())
                                .generatedFrom(ResourceKind.DESTINATION_RULE, rule.namespace(), rule.name())
                                .clusters())
                        .extracting(Cluster::subset)
                        .doesNotContain("v9");
            }
        }
    }

    @Test
    void should_explain_a_virtual_service_for_a_gateway_at_a_sidecar() {
        try (FakeMesh cluster = FakeMesh.start(Scenario.HEALTHY);
                Mesh mesh = cluster.connect()) {
            String pod = FakeMeshBuilder.podName(1, "production", "web", 0);
            for (var route : cluster.objects(ResourceKind.VIRTUAL_SERVICE)) {
                GeneratedConfiguration generated = mesh.namespace("production")
                        .pod(pod)
                        .generatedFrom(ResourceKind.VIRTUAL_SERVICE, route.namespace(), route.name());
                boolean bound = route.spec().at("gateways").size() > 0
                        && !route.spec().at("gateways").texts().contains("mesh");
                assertThat(generated.reasons())
                        .extracting(Obstacle::type)
                        .containsExactlyElementsOf(bound ? List.of(Obstacle.Type.OTHER_GATEWAY) : List.of());
            }
        }
    }
}
