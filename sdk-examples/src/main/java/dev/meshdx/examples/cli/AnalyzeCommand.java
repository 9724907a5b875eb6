package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.analysis.AnalysisOptions;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "analyze",
        description = "What is wrong in the configuration, before any traffic flows.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  meshdx analyze -n production",
            "  meshdx analyze -f deploy/ --fail-on warning",
            "  helm template chart | meshdx analyze -f -"
        })
final class AnalyzeCommand extends MeshCommand {
    @Parameters(paramLabel = "PATH", arity = "0..*", description = "Files and folders, as with --manifests.")
    List<String> paths = new ArrayList<>();

    @Option(names = "--only", paramLabel = "CODE", split = ",", description = "Only these codes. Repeatable.")
    List<String> only = new ArrayList<>();

    @Option(
            names = "--suppress",
            paramLabel = "CODE=Kind name.namespace",
            description = "Leave out findings of a code about a resource; * stands for anything. Repeatable.")
    List<String> suppress = new ArrayList<>();

    @Option(names = "--list", description = "List the codes instead.")
    boolean list;

    @Option(names = "--revision", paramLabel = "NAME", description = "Only what concerns this revision.")
    @Nullable
    String revision;

    @Option(names = "--mesh-config", paramLabel = "FILE", description = "Mesh configuration to judge by.")
    @Nullable
    Path meshConfig;

    @Option(names = "--mesh-networks", paramLabel = "FILE", description = "Networks of the mesh to judge by.")
    @Nullable
    Path meshNetworks;

    @Override
    public Integer call() throws Exception {
        if (list) {
            for (FindingCode code : AnalysisOptions.known()) {
                out().printf("%-8s %-8s %-36s %s%n", code.code(), code.severity(), code.name(), code.title());
            }
            out().flush();
            return 0;
        }
        manifests.addAll(paths);
        return super.call();
    }

    @Override
    Document answer(Mesh mesh) throws IOException {
        AnalysisOptions options = AnalysisOptions.DEFAULT;
        if (!only.isEmpty()) {
            options = options.only(only);
        }
        for (String rule : suppress) {
            options = options.suppress(rule);
        }
        if (revision != null) {
            options = options.revision(revision);
        }
        if (meshConfig != null) {
            options = options.meshConfig(Files.readString(meshConfig));
        }
        if (meshNetworks != null) {
            options = options.meshNetworks(Files.readString(meshNetworks));
        }
        return Documents.of(
                namespace == null || allNamespaces
                        ? mesh.analyze(options)
                        : mesh.namespace(namespace).analyze(options),
                mesh.source(),
                mesh.now());
    }
}
