package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.envoy.Secrets;
import dev.meshdx.envoy.diff.RootComparison;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "rootca-compare",
        description = "Whether two proxies trust the same root certificates.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Exit codes: 0 the same roots, or some in common; 1 none in common, so the proxies refuse each other;",
            "3 the roots of one of them are not known.",
            "",
            "Examples:",
            "  meshdx proxy-config rootca-compare web-7d4b9-x2x.production sleep-5f7c-abc.default",
            "  meshdx proxy-config rootca-compare --config-dump web.json --config-dump sleep.json"
        })
final class RootCaCompareCommand extends MeshCommand {
    @Parameters(paramLabel = "POD", arity = "0..2", description = "Two pods, or pod.namespace.")
    List<String> pods = new ArrayList<>();

    @Option(
            names = "--config-dump",
            paramLabel = "FILE",
            description = "A /config_dump instead of a pod, given twice; - for stdin.")
    List<String> configDumps = new ArrayList<>();

    private boolean different;
    private boolean unknown;

    @Override
    @Nullable
    Document offline() throws IOException {
        if (configDumps.isEmpty() ? pods.size() != 2 : configDumps.size() != 2 || !pods.isEmpty()) {
            throw wrongUsage("either two PODs or two --config-dump FILEs");
        }
        if (configDumps.isEmpty()) {
            return null;
        }
        if (configDumps.get(0).equals("-") && configDumps.get(1).equals("-")) {
            throw wrongUsage("only one --config-dump can be standard input");
        }
        Instant at = now == null ? Instant.now() : now;
        String first = shortName(configDumps.get(0));
        String second = shortName(configDumps.get(1));
        boolean alike = first.equals(second);
        return answer(
                alike ? configDumps.get(0) : first,
                Dumps.read(configDumps.get(0), in()).secrets(at),
                alike ? configDumps.get(1) : second,
                Dumps.read(configDumps.get(1), in()).secrets(at),
                String.join(", ", configDumps),
                at);
    }

    private static String shortName(String file) {
        Path name = Path.of(file).getFileName();
        return name == null || file.equals("-") ? Dumps.name(file) : name.toString();
    }

    @Override
    Document answer(Mesh mesh) {
        PodName first = pod(mesh, pods.get(0));
        PodName second = pod(mesh, pods.get(1));
        return answer(
                first.name() + "." + first.namespace(),
                secrets(mesh, first),
                second.name() + "." + second.namespace(),
                secrets(mesh, second),
                mesh.source(),
                mesh.now());
    }

    private static Secrets secrets(Mesh mesh, PodName pod) {
        return mesh.namespace(pod.namespace()).pod(pod.name()).envoy().secrets();
    }

    private Document answer(
            String firstName, Secrets first, String secondName, Secrets second, String source, Instant at) {
        RootComparison comparison = RootComparison.between(firstName, first, secondName, second);
        different = comparison.verdict() == RootComparison.Verdict.DIFFERENT;
        unknown = comparison.verdict() == RootComparison.Verdict.UNKNOWN;
        return Documents.of(comparison, source, at);
    }

    @Override
    int exitCode(Document document) {
        if (unknown) {
            return Meshdx.NO_ANSWER;
        }
        return different && failOn != FailOn.NEVER ? Meshdx.FINDINGS : super.exitCode(document);
    }
}
