package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.MeshPod;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import dev.meshdx.traffic.HttpRequest;
import dev.meshdx.traffic.MeshTrace;
import dev.meshdx.traffic.Trace;
import dev.meshdx.traffic.Tracer;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "trace",
        description = "Which way a request goes through a proxy, and what nearly matched. Nothing is sent.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  meshdx trace web-7d4b9-x2x -n production http://reviews:9080/api/v1/users",
            "  meshdx trace web-7d4b9-x2x -n production POST http://reviews:9080/ -H 'end-user: jason'",
            "  meshdx trace web-7d4b9-x2x -n production http://reviews:9080/ --hops",
            "  meshdx trace --config-dump dump.json --requests requests.json --format json"
        })
final class TraceCommand extends MeshCommand {
    @Parameters(
            paramLabel = "[POD] [METHOD] URL",
            arity = "0..3",
            description = "The pod that sends (not with --config-dump), the method (GET unless given), the URL.")
    List<String> words = new ArrayList<>();

    @Option(names = "--config-dump", paramLabel = "FILE", description = "A /config_dump instead of a pod; - for stdin.")
    @Nullable
    String configDump;

    @Option(
            names = "--hops",
            description =
                    "The whole way through the mesh: client, waypoint or gateway, server, application. Asks each proxy on it.")
    boolean hops;

    @Option(names = "--mermaid", description = "The same as a Mermaid chart, to paste into Markdown.")
    boolean mermaid;

    @Mixin
    RequestOptions of = new RequestOptions();

    @Override
    @Nullable
    Document offline() throws IOException {
        int expected = (configDump == null ? 1 : 0);
        if ((hops || mermaid) && (configDump != null || of.requests != null)) {
            throw wrongUsage("--hops and --mermaid follow one request through a mesh: they go with a POD and a URL");
        }
        if (of.requests != null && words.size() != expected) {
            throw wrongUsage(
                    configDump == null
                            ? "with --requests trace takes a POD and nothing else"
                            : "with --config-dump and --requests trace takes no other arguments");
        }
        if (of.requests == null && (words.size() < expected + 1 || words.size() > expected + 2)) {
            throw wrongUsage("trace needs " + (configDump == null ? "POD [METHOD] URL" : "[METHOD] URL")
                    + " or --requests FILE");
        }
        if (configDump == null && words.get(0).contains("://")) {
            throw wrongUsage("trace needs the POD that sends before the URL, or --config-dump FILE");
        }
        return configDump == null
                ? null
                : answer(Dumps.read(configDump, in()), words, configDump, now == null ? Instant.now() : now);
    }

    @Override
    Document answer(Mesh mesh) throws IOException {
        PodName name = pod(mesh, words.get(0));
        if (hops || mermaid) {
            MeshTrace trace = mesh.trace(
                    mesh.namespace(name.namespace()).pod(name.name()), of.request(words.subList(1, words.size())));
            return mermaid
                    ? Documents.ofMermaid(trace, mesh.source(), mesh.now())
                    : Documents.of(trace, mesh.source(), mesh.now());
        }
        if (of.requests == null) {
            MeshPod pod = mesh.namespace(name.namespace()).pod(name.name());
            return Documents.of(pod.trace(of.request(words.subList(1, words.size()))), mesh.source(), mesh.now());
        }
        return answer(
                mesh.namespace(name.namespace()).pod(name.name()).envoy().configDump(),
                words.subList(1, words.size()),
                mesh.source(),
                mesh.now());
    }

    private Document answer(ConfigDump dump, List<String> request, String source, Instant at) throws IOException {
        if (of.requests == null) {
            return Documents.of(Tracer.trace(dump, of.request(request)), source, at);
        }
        Tracer tracer = Tracer.of(dump);
        List<Trace> traces = new ArrayList<>();
        for (HttpRequest one : of.batch(of.requests, in())) {
            traces.add(tracer.trace(one));
        }
        return Documents.ofTraces(traces, source, at);
    }
}
