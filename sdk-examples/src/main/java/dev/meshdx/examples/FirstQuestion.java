package dev.meshdx.examples;

import dev.meshdx.Mesh;
import dev.meshdx.diagnosis.Diagnosis;

/** The first question that one asks. */
public final class FirstQuestion {
    private FirstQuestion() {}

    /** Diagnoses the pods behind a service. */
    public static void main(String[] args) {
        // #region ask
        try (Mesh mesh = Mesh.connect("prod-eu")) {
            Diagnosis diagnosis = mesh.namespace("production").service("web").diagnose();
            System.out.println(diagnosis.verdict());
            diagnosis.findings().forEach(System.out::println);
        }
        // #endregion
    }
}
