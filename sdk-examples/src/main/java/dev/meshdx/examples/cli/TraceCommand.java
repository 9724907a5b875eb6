package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.error.MeshConfigurationException;
import dev.meshdx.model.Json;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import dev.meshdx.traffic.HttpRequest;
import dev.meshdx.traffic.Trace;
import dev.meshdx.traffic.Tracer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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

    @Option(names = "--requests", paramLabel = "FILE", description = "A JSON array of requests.")
    @Nullable
    Path requests;

    @Override
    public Integer call() throws Exception {
        if (configDump == null) {
            return super.call();
        }
        Instant at = now == null ? Instant.now() : now;
        try (InputStream in = Dumps.open(configDump)) {
            return print(answer(Dumps.read(in), configDump, at));
        }
    }

    @Override
    Document answer(Mesh mesh) throws IOException {
        if (words.isEmpty()) {
            throw new MeshConfigurationException("trace needs a POD or --config-dump FILE.", "");
        }
        PodName name = pod(mesh, words.remove(0));
        return answer(
                mesh.namespace(name.namespace()).pod(name.name()).envoy().configDump(), mesh.source(), mesh.now());
    }

    private Document answer(ConfigDump dump, String source, Instant at) throws IOException {
        if (requests == null) {
            return Documents.of(Tracer.trace(dump, request()), source, at);
        }
        List<Trace> traces = new ArrayList<>();
        for (Json request : Json.parse(Files.readString(requests)).items()) {
            traces.add(Tracer.trace(dump, HttpRequest.of(request)));
        }
        return Documents.ofTraces(traces, source, at);
    }

    private HttpRequest request() {
        if (words.isEmpty() || words.size() > 2) {
            throw new MeshConfigurationException("trace needs one request: [METHOD] URL.", "");
        }
        HttpRequest request =
                words.size() == 1 ? HttpRequest.get(words.get(0)) : HttpRequest.of(words.get(0), words.get(1));
        for (String header : headers) {
            int colon = header.indexOf(':');
            if (colon < 1) {
                throw new MeshConfigurationException("\"" + header + "\" is no header such as 'end-user: jason'.", "");
            }
            request = request.header(
                    header.substring(0, colon).trim(),
                    header.substring(colon + 1).trim());
        }
        return request;
    }
}
