package dev.meshdx.examples.cli;

import dev.meshdx.Mesh;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "from",
        description = "What a resource turned into on a proxy, and where that is nothing, why.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  meshdx proxy-config from vs/reviews web-7d4b9-x2x -n production",
            "  meshdx proxy-config from destinationrule/reviews.production web-7d4b9-x2x.shop",
            "  meshdx proxy-config from gateway/bookinfo.istio-system istio-ingressgateway-5d9-abc.istio-system"
        })
final class ProxyConfigFromCommand extends MeshCommand {
    /** As kubectl shortens them. */
    private static final Map<String, ResourceKind> SHORT = Map.ofEntries(
            Map.entry("vs", ResourceKind.VIRTUAL_SERVICE),
            Map.entry("dr", ResourceKind.DESTINATION_RULE),
            Map.entry("gw", ResourceKind.GATEWAY),
            Map.entry("se", ResourceKind.SERVICE_ENTRY),
            Map.entry("we", ResourceKind.WORKLOAD_ENTRY),
            Map.entry("svc", ResourceKind.SERVICE),
            Map.entry("ef", ResourceKind.ENVOY_FILTER),
            Map.entry("pa", ResourceKind.PEER_AUTHENTICATION),
            Map.entry("ap", ResourceKind.AUTHORIZATION_POLICY),
            Map.entry("ra", ResourceKind.REQUEST_AUTHENTICATION),
            Map.entry("kgw", ResourceKind.KUBERNETES_GATEWAY),
            Map.entry("kubernetesgateway", ResourceKind.KUBERNETES_GATEWAY));

    @Parameters(
            index = "0",
            paramLabel = "KIND/NAME[.NAMESPACE]",
            description =
                    "The resource: vs/reviews, gateway/web.istio-system, gateways.gateway.networking.k8s.io/web. Without"
                            + " a namespace the one of the pod.")
    String resource = "";

    @Parameters(index = "1", paramLabel = "POD", description = "Pod, or pod.namespace.")
    String pod = "";

    @Override
    Document answer(Mesh mesh) {
        int slash = resource.indexOf('/');
        if (slash < 1 || slash == resource.length() - 1) {
            throw wrongUsage("'" + resource + "' is no KIND/NAME[.NAMESPACE] such as vs/reviews.production");
        }
        PodName on = pod(mesh, pod);
        String name = resource.substring(slash + 1);
        String in = on.namespace();
        int other = name.indexOf('/');
        int dot = name.lastIndexOf('.');
        if (other > 0) {
            in = name.substring(0, other);
            name = name.substring(other + 1);
        } else if (dot > 0) {
            in = name.substring(dot + 1);
            name = name.substring(0, dot);
        }
        return Documents.of(
                mesh.namespace(on.namespace())
                        .pod(on.name())
                        .generatedFrom(kind(resource.substring(0, slash)), in, name),
                mesh.source(),
                mesh.now());
    }

    private ResourceKind kind(String written) {
        String name = written.toLowerCase(Locale.ROOT);
        ResourceKind known = SHORT.get(name);
        if (known != null) {
            return known;
        }
        List<ResourceKind> found = ResourceKind.known().stream()
                .filter(kind -> name.equals(kind.kind().toLowerCase(Locale.ROOT))
                        || name.equals(kind.plural())
                        || name.equals(kind.qualifiedPlural()))
                .toList();
        if (found.isEmpty()) {
            throw wrongUsage("'" + written + "' is no kind that meshdx knows, such as vs, dr, gateway, se, service");
        }
        return found.get(0);
    }
}
