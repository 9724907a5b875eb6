package consumer;

import dev.meshdx.Mesh;
import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.testkit.Scenario;

/** What a modular application does with meshdx. */
public final class Consumer {
    private Consumer() {}

    public static void main(String[] args) {
        try (FakeMesh cluster = FakeMesh.start(Scenario.byName("path-case"));
                Mesh mesh = cluster.connect()) {
            System.out.println(Mesh.class.getModule());
            System.out.println(mesh.version());
            System.out.println(mesh.namespace("production").diagnose().verdict());
        }
    }
}
