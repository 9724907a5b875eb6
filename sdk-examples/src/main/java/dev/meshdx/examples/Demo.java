package dev.meshdx.examples;

import dev.meshdx.Mesh;
import dev.meshdx.diagnosis.Diagnosis;
import dev.meshdx.report.Documents;
import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.testkit.Scenario;
import java.io.PrintStream;
import java.util.stream.Collectors;

/** The main job: a full diagnosis of a broken workload, on the embedded fake mesh. */
public final class Demo {
    private Demo() {}

    /** Starts a fake mesh in a known state, and diagnoses the client as an operator would. */
    public static void main(String[] args) {
        run(Scenario.byName(args.length > 0 ? args[0] : "path-case"), System.out);
    }

    static void run(Scenario scenario, PrintStream out) {
        String rule = "-".repeat(100);
        out.println(rule);
        out.println(
                "A fake mesh, embedded in this JVM. Its state \"" + scenario.id() + "\": " + scenario.title() + ".");
        out.println(
                "Asked: mesh.namespace(\"" + scenario.namespace() + "\").pod(\"" + scenario.pod() + "\").diagnose()");
        out.println(rule);
        // #region main-job
        try (FakeMesh cluster = FakeMesh.start(scenario);
                Mesh mesh = cluster.connect()) {
            Diagnosis diagnosis =
                    mesh.namespace(scenario.namespace()).pod(scenario.pod()).diagnose();
            out.println(Documents.of(diagnosis));
        }
        // #endregion
        String jar = "java -jar sdk-examples/target/meshdx.jar";
        out.println(rule);
        out.println("To type these commands yourself, against the same mesh:");
        out.println("  ./mvnw -q package -DskipTests");
        out.println("  " + jar + " fake --scenario " + scenario.id() + " --write-kubeconfig fake.yaml &");
        out.println("  export KUBECONFIG=$PWD/fake.yaml; alias meshdx='" + jar + "'");
        out.println("On your own mesh:  " + jar + " diagnose -n NAMESPACE");
        out.println("Other states:      ./mvnw -q -Pdemo -Dexec.args=NAME, with NAME one of");
        out.println(Scenario.all().stream().map(Scenario::id).collect(Collectors.joining(", ", "  ", "")));
        out.println(rule);
    }
}
