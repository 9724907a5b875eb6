package dev.meshdx.examples;

import dev.meshdx.Mesh;
import dev.meshdx.diagnosis.Diagnosis;
import dev.meshdx.report.Documents;
import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.testkit.Scenario;

/** The main job: a full diagnosis of a broken workload, on the embedded fake mesh. */
public final class Demo {
    private Demo() {}

    /** Starts a fake mesh whose route differs from the requests in case only, and diagnoses the client. */
    public static void main(String[] args) {
        Scenario scenario = Scenario.byName(args.length > 0 ? args[0] : "path-case");
        System.out.println("A fake mesh in the state \"" + scenario.id() + "\": " + scenario.title());
        System.out.println();
        // #region main-job
        try (FakeMesh cluster = FakeMesh.start(scenario);
                Mesh mesh = cluster.connect()) {
            Diagnosis diagnosis =
                    mesh.namespace(scenario.namespace()).pod(scenario.pod()).diagnose();
            System.out.println(Documents.of(diagnosis));
        }
        // #endregion
    }
}
