package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.MeshPod;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.model.Json;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import dev.meshdx.traffic.HttpRequest;
import dev.meshdx.traffic.Trace;
import dev.meshdx.traffic.Tracer;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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
            "  meshdx trace --config-dump dump.json --requests requests.json --format json"
        })
final class TraceCommand extends MeshCommand {
    @Parameters(
            paramLabel = "[POD] [METHOD] URL",
            arity = "0..3",
            description = "The pod that sends (not with --config-dump), the method (GET unless given), the URL.")
    List<String> words = new ArrayList<>();

    @Option(
            names = {"-H", "--header"},
            paramLabel = "NAME: VALUE",
            description = "A header. Repeatable.")
    List<String> headers = new ArrayList<>();

    @Option(names = "--config-dump", paramLabel = "FILE", description = "A /config_dump instead of a pod; - for stdin.")
    @Nullable
    String configDump;

    @Option(names = "--requests", paramLabel = "FILE", description = "A JSON array of requests; - for stdin.")
    @Nullable
    String requests;

    @Override
    @Nullable
    Document offline() throws IOException {
        int expected = (configDump == null ? 1 : 0);
        if (requests != null && words.size() != expected) {
            throw wrongUsage(
                    configDump == null
                            ? "with --requests trace takes a POD and nothing else"
                            : "with --config-dump and --requests trace takes no other arguments");
        }
        if (requests == null && (words.size() < expected + 1 || words.size() > expected + 2)) {
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
        MeshPod pod = mesh.namespace(name.namespace()).pod(name.name());
        List<String> request = words.subList(1, words.size());
        return requests == null
                ? Documents.of(pod.trace(request(request)), mesh.source(), mesh.now())
                : answer(pod.envoy().configDump(), request, mesh.source(), mesh.now());
    }

    private Document answer(ConfigDump dump, List<String> request, String source, Instant at) throws IOException {
        if (requests == null) {
            return Documents.of(Tracer.trace(dump, request(request)), source, at);
        }
        List<Trace> traces = new ArrayList<>();
        String remedy = "Write [{\"method\": \"GET\", \"url\": \"http://reviews:9080/\"}].";
        Json batch = Dumps.json(requests, in(), remedy);
        if (!batch.isArray()) {
            throw new MeshProtocolException(
                    Dumps.name(requests) + ": this is not a JSON array of requests.", remedy, null);
        }
        for (Json one : batch.items()) {
            traces.add(Tracer.trace(dump, HttpRequest.of(one)));
        }
        return Documents.ofTraces(traces, source, at);
    }

    private HttpRequest request(List<String> methodAndUrl) {
        HttpRequest request = methodAndUrl.size() == 1
                ? HttpRequest.get(methodAndUrl.get(0))
                : HttpRequest.of(methodAndUrl.get(0).toUpperCase(Locale.ROOT), methodAndUrl.get(1));
        for (String header : headers) {
            int colon = header.indexOf(':', 1);
            if (colon < 1) {
                throw wrongUsage("'" + header + "' is no header such as 'end-user: jason'");
            }
            request = request.header(
                    header.substring(0, colon).trim(),
                    header.substring(colon + 1).trim());
        }
        return request;
    }
}
