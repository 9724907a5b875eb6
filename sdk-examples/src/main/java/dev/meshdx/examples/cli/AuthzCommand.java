package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import dev.meshdx.traffic.HttpRequest;
import dev.meshdx.traffic.authorization.Authorization;
import dev.meshdx.traffic.authorization.Peer;
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
        name = "authz",
        description = {
            "Whether a workload lets a request through, by which AuthorizationPolicy, and whether its proxy does what the"
                    + " policies say. Nothing is sent.",
            "Without a request: the policies that apply, in the order in which they are evaluated."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  meshdx authz payments-v1-lht-sqg -n payments                      # which policies apply",
            "  meshdx authz payments-v1-lht-sqg -n payments http://payments:8080/pay --peer production/sleep",
            "  meshdx authz payments-v1-lht-sqg -n payments POST http://payments:8080/pay -H 'x-user: jason' \\",
            "      --peer spiffe://cluster.local/ns/production/sa/sleep --from 10.0.0.5",
            "  meshdx authz --config-dump dump.json --requests requests.json --format json"
        })
final class AuthzCommand extends MeshCommand {
    @Parameters(
            paramLabel = "[POD] [METHOD] URL",
            arity = "0..3",
            description =
                    "The pod that is called (not with --config-dump), the method (GET unless given), the URL. Its port is"
                            + " the pod's, or that of a Service that selects it.")
    List<String> words = new ArrayList<>();

    @Option(
            names = "--peer",
            paramLabel = "WHO",
            description = "Who calls: NAMESPACE/SERVICEACCOUNT, or an identity such as"
                    + " spiffe://cluster.local/ns/production/sa/sleep. Without it the client has no identity.")
    @Nullable
    String peer;

    @Option(names = "--from", paramLabel = "IP", description = "The address of the client.")
    @Nullable
    String from;

    @Option(names = "--config-dump", paramLabel = "FILE", description = "A /config_dump instead of a pod; - for stdin.")
    @Nullable
    String configDump;

    @Mixin
    RequestOptions of = new RequestOptions();

    @Override
    @Nullable
    Document offline() throws IOException {
        int pods = configDump == null ? 1 : 0;
        if (words.size() < pods) {
            throw wrongUsage("authz needs the POD that is called, or --config-dump FILE");
        }
        if (configDump == null && words.get(0).contains("://")) {
            throw wrongUsage("authz needs the POD that is called before the URL, or --config-dump FILE");
        }
        if (of.requests != null && words.size() != pods) {
            throw wrongUsage(
                    configDump == null
                            ? "with --requests authz takes a POD and nothing else"
                            : "with --config-dump and --requests authz takes no other arguments");
        }
        if (words.size() > pods + 2
                || (words.size() == pods + 1 && !words.get(pods).contains("://"))) {
            throw wrongUsage("authz takes " + (configDump == null ? "POD " : "") + "[METHOD] URL");
        }
        if (words.size() == pods && of.requests == null && (peer != null || from != null || of.any())) {
            throw wrongUsage("--peer, --from and --header belong to a request, and there is none");
        }
        if (configDump == null) {
            return null;
        }
        Authorization authorization = Authorization.of(Dumps.read(configDump, in()));
        return answer(authorization, words, configDump, now == null ? Instant.now() : now);
    }

    @Override
    Document answer(Mesh mesh) throws IOException {
        PodName name = pod(mesh, words.get(0));
        return answer(
                mesh.namespace(name.namespace()).pod(name.name()).authorization(),
                words.subList(1, words.size()),
                mesh.source(),
                mesh.now());
    }

    private Document answer(Authorization authorization, List<String> request, String source, Instant at)
            throws IOException {
        if (request.isEmpty() && of.requests == null) {
            return Documents.of(authorization.policies(), source, at);
        }
        List<HttpRequest> all = of.requests == null ? List.of(of.request(request)) : of.batch(of.requests, in());
        if (from != null) {
            String address = (from.indexOf(':') >= 0 ? "[" + from + "]" : from) + ":0";
            all = all.stream().map(one -> one.from(address)).toList();
        }
        return Documents.ofAuthorization(
                peer == null ? authorization.check(all) : authorization.check(all, peer(peer)), source, at);
    }

    private Peer peer(String text) {
        int slash = text.indexOf('/');
        boolean workload = slash > 0 && slash == text.lastIndexOf('/') && slash < text.length() - 1;
        if (!workload && !text.contains("/ns/")) {
            throw wrongUsage(
                    "--peer takes NAMESPACE/SERVICEACCOUNT or spiffe://DOMAIN/ns/NAMESPACE/sa/SERVICEACCOUNT, not '"
                            + text + "'");
        }
        return workload ? Peer.workload(text.substring(0, slash), text.substring(slash + 1)) : Peer.identity(text);
    }
}
