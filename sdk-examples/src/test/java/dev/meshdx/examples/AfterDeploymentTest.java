package dev.meshdx.examples;

import static dev.meshdx.testkit.MeshAssertions.assertThat;

import dev.meshdx.Mesh;
import dev.meshdx.finding.Severity;
import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.testkit.Scenario;
import org.junit.jupiter.api.Test;

/** The recipe of an integration test: assert the state of the mesh after a deployment. Here the mesh is a fake one. */
class AfterDeploymentTest {
    // #region healthy
    @Test
    void should_leave_the_mesh_healthy() {
        try (FakeMesh cluster = FakeMesh.start(Scenario.byName("healthy"));
                Mesh mesh = cluster.connect()) {
            assertThat(mesh.namespace("production").diagnose()).isHealthy();
            assertThat(mesh.proxyStatus()).allSynced();
        }
    }
    // #endregion

    // #region caught
    @Test
    void should_catch_a_route_to_a_subset_that_was_forgotten() {
        try (FakeMesh cluster = FakeMesh.start(Scenario.byName("missing-subset"));
                Mesh mesh = cluster.connect()) {
            assertThat(mesh.namespace("production").analyze()).hasFinding("IST0101");
            assertThat(mesh.namespace("production").diagnose())
                    .hasFindingsAtLeast(Severity.ERROR)
                    .hasRootCause("IST0101");
        }
    }
    // #endregion
}
