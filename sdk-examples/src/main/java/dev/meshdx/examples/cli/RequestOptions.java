package dev.meshdx.examples.cli;

import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.model.Json;
import dev.meshdx.traffic.HttpRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What a request is like, beside its method and its URL: the same for all commands that ask about requests. */
final class RequestOptions {
    @Spec(Spec.Target.MIXEE)
    @Nullable
    CommandSpec command;

    @Option(
            names = {"-H", "--header"},
            paramLabel = "NAME: VALUE",
            description = "A header. Repeatable.")
    List<String> headers = new ArrayList<>();

    @Option(names = "--requests", paramLabel = "FILE", description = "A JSON array of requests; - for stdin.")
    @Nullable
    String requests;

    @Option(
            names = "--to",
            paramLabel = "IP:PORT",
            description = "The address that is asked, instead of what the host resolves to.")
    @Nullable
    String to;

    @Option(names = "--grpc", description = "A gRPC call: POST, HTTP/2, content-type application/grpc.")
    boolean grpc;

    @Option(names = "--http2", description = "Over HTTP/2.")
    boolean http2;

    /** Whether something is said of a request. */
    boolean any() {
        return !headers.isEmpty() || to != null || grpc || http2;
    }

    /** The request of a method (GET unless given) and a URL. */
    HttpRequest request(List<String> methodAndUrl) {
        boolean plain = methodAndUrl.size() == 1;
        String url = methodAndUrl.get(plain ? 0 : 1);
        String method = plain ? grpc ? "POST" : "GET" : methodAndUrl.get(0).toUpperCase(Locale.ROOT);
        HttpRequest request = (grpc ? HttpRequest.grpc(url) : HttpRequest.get(url)).method(method);
        if (http2) {
            request = request.protocol(HttpRequest.Protocol.HTTP_2);
        }
        if (to != null) {
            request = request.to(to);
        }
        for (String header : headers) {
            int colon = header.indexOf(':', 1);
            if (colon < 1) {
                throw new ParameterException(
                        java.util.Objects.requireNonNull(command).commandLine(),
                        "'" + header + "' is no header such as 'end-user: jason'");
            }
            request = request.header(
                    header.substring(0, colon).trim(),
                    header.substring(colon + 1).trim());
        }
        return request;
    }

    /** The requests of the file. */
    List<HttpRequest> batch(String file, InputStream in) throws IOException {
        String remedy = "Write [{\"method\": \"GET\", \"url\": \"http://reviews:9080/\"}].";
        Json batch = Dumps.json(file, in, remedy);
        if (!batch.isArray()) {
            throw new MeshProtocolException(Dumps.name(file) + ": this is not a JSON array of requests.", remedy, null);
        }
        return batch.items().stream().map(HttpRequest::of).toList();
    }
}
