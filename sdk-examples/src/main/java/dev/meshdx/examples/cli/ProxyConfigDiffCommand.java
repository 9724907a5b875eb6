package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.diff.ConfigDiff;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "diff",
        description = {
            "What two proxies, or two states of one, do not hold alike.",
            "Times and versions of updates are no difference, nor is another way of writing the same."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Exit codes: 0 no difference, 1 differences, 2 wrong usage, 3 nothing could be compared;",
            "4 --strict and something could not be seen.",
            "",
            "Examples:",
            "  meshdx proxy-config diff web-7d4b9-x2x web-7d4b9-k8w -n production --alike",
            "  meshdx proxy-config diff --before monday.json --after tuesday.json",
            "  meshdx proxy-config diff --before monday.json web-7d4b9-x2x -n production   # and now",
            "  meshdx proxy-status web-7d4b9-x2x --diff    # what istiod would send against what the proxy has"
        })
final class ProxyConfigDiffCommand extends MeshCommand {
    @Parameters(
            paramLabel = "POD",
            arity = "0..2",
            description = "Two pods, or pod.namespace; with --before, the one to compare with.")
    List<String> pods = new ArrayList<>();

    @Option(names = "--before", paramLabel = "FILE", description = "The earlier /config_dump?include_eds; - for stdin.")
    @Nullable
    String before;

    @Option(names = "--after", paramLabel = "FILE", description = "The later /config_dump?include_eds; - for stdin.")
    @Nullable
    String after;

    @Option(
            names = "--alike",
            description = "For two replicas: own addresses, pod names and certificates are no difference.")
    boolean alike;

    @Option(names = "--patch", description = "Text in the form of a unified diff, nothing cut.")
    boolean patch;

    private @Nullable ConfigDiff diff;

    @Override
    @Nullable
    Document offline() throws IOException {
        if (!spec.parent().commandLine().getParseResult().matchedArgs().isEmpty()) {
            throw wrongUsage("options stand behind diff");
        }
        boolean twoPods = before == null && after == null && pods.size() == 2;
        boolean twoFiles = before != null && after != null && pods.isEmpty();
        boolean both = before != null && after == null && pods.size() == 1;
        if (!twoPods && !twoFiles && !both) {
            throw wrongUsage("two PODs, --before FILE --after FILE, or --before FILE and a POD");
        }
        if (before != null && before.equals("-") && "-".equals(after)) {
            throw wrongUsage("only one of --before and --after can be standard input");
        }
        return twoFiles
                ? compare(
                        Dumps.read(Objects.requireNonNull(before), in()),
                        "before",
                        Dumps.read(Objects.requireNonNull(after), in()),
                        "after",
                        before + " and " + after,
                        now == null ? Instant.now() : now)
                : null;
    }

    @Override
    Document answer(Mesh mesh) throws IOException {
        String first = before == null ? pods.get(0) : "before";
        String second = pods.get(pods.size() - 1);
        return compare(
                before == null ? dump(mesh, first) : Dumps.read(before, in()),
                first,
                dump(mesh, second),
                second,
                mesh.source(),
                mesh.now());
    }

    private ConfigDump dump(Mesh mesh, String given) {
        PodName name = pod(mesh, given);
        return mesh.namespace(name.namespace()).pod(name.name()).envoy().configDump();
    }

    private Document compare(
            ConfigDump one, String oneName, ConfigDump other, String otherName, String source, Instant at) {
        ConfigDiff found =
                (alike ? ConfigDiff.alike(one, other) : ConfigDiff.between(one, other)).named(oneName, otherName);
        diff = found;
        return Documents.of(found, patch ? found.patch() : found.text(), source, at);
    }

    @Override
    int exitCode(Document document) {
        return exitCode(diff, super.exitCode(document));
    }

    /** As {@code diff} does; an answer without a comparison is none. */
    static int exitCode(@Nullable ConfigDiff diff, int otherwise) {
        if (diff == null) {
            return otherwise;
        }
        if (!diff.isEmpty()) {
            return Meshdx.FINDINGS;
        }
        return diff.compared().isEmpty() && otherwise == 0 ? Meshdx.NO_ANSWER : otherwise;
    }
}
