package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.analysis.AnalysisOptions;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.model.Json;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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
            "  meshdx analyze -f change.yaml --context prod-eu   # what if it were applied?",
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

    @Override
    Set<String> judgesBy() {
        return Set.of("--revision", "--mesh-config", "--mesh-networks");
    }

    @Override
    @Nullable
    Document offline() {
        manifests.addAll(paths);
        for (String code : only) {
            if (AnalysisOptions.known().stream().noneMatch(known -> known.code().equalsIgnoreCase(code.trim()))) {
                note("there is no check for " + code + "; the codes: meshdx analyze --list");
            }
        }
        return list ? listing() : null;
    }

    private static Document listing() {
        StringBuilder text = new StringBuilder();
        List<Json> codes = new ArrayList<>();
        for (FindingCode code : AnalysisOptions.known()) {
            text.append(String.format("%-8s %-8s %-36s %s%n", code.code(), code.severity(), code.name(), code.title()));
            codes.add(Json.object(
                    "code", code.code(),
                    "severity", code.severity().toString(),
                    "name", code.name(),
                    "title", code.title()));
        }
        return new Document(
                "analyze",
                "codes",
                Instant.now(),
                Json.object("codes", Json.array(codes)),
                text.toString(),
                List.of(),
                List.of());
    }

    /** Files of which nothing could be read are no answer, and must not look like a clean one. */
    @Override
    int exitCode(Document document) {
        int code = super.exitCode(document);
        if (manifests.isEmpty()
                || sources() > 0
                || document.result().at("resources").number(1) > 0) {
            return code;
        }
        note("there is no resource in " + String.join(", ", manifests) + ".");
        return code == 0 && !document.inconclusive().isEmpty() ? Meshdx.NO_ANSWER : code;
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
        String limit = limitedTo();
        return Documents.of(
                limit == null ? mesh.analyze(options) : mesh.namespace(limit).analyze(options),
                mesh.source(),
                mesh.now());
    }
}
