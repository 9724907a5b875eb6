package dev.meshdx.examples.cli;

import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.testkit.Scenario;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "fake",
        description = "Runs the embedded fake cluster until interrupted, for kubectl and other clients.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example:",
            "  meshdx fake --scenario path-case --write-kubeconfig fake.yaml &",
            "  kubectl --kubeconfig fake.yaml get pods -A"
        })
final class FakeCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    CommandSpec spec;

    @Option(names = "--scenario", paramLabel = "NAME", description = "The state that it is in; healthy unless given.")
    String scenario = "healthy";

    @Option(names = "--recording", paramLabel = "PATH", description = "Serve a recording instead.")
    @Nullable
    Path recording;

    @Option(names = "--write-kubeconfig", paramLabel = "FILE", description = "Write a kubeconfig for it.")
    @Nullable
    Path kubeconfig;

    @Option(names = "--list", description = "List the scenarios instead.")
    boolean list;

    @Override
    public Integer call() throws Exception {
        var out = spec.commandLine().getOut();
        if (list) {
            Scenario.all().forEach(known -> out.printf("%-22s %s%n", known.id(), known.title()));
            out.flush();
            return 0;
        }
        try (FakeMesh mesh =
                recording == null ? FakeMesh.start(Scenario.byName(scenario)) : FakeMesh.fromRecording(recording)) {
            if (kubeconfig != null) {
                mesh.writeKubeconfig(kubeconfig);
            }
            out.println("ready: " + mesh.url() + (kubeconfig == null ? "" : " (kubeconfig " + kubeconfig + ")"));
            out.flush();
            Thread.currentThread().join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return 0;
    }
}
