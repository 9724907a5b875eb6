package dev.meshdx.analysis.internal.checks.routing;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.Field;
import dev.meshdx.model.Resource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the checks of VirtualServices have in common. */
final class Routes {
    private Routes() {}

    /** All routes: HTTP, TLS, TCP. */
    static List<Field> of(Resource virtualService) {
        List<Field> routes = new ArrayList<>();
        for (String protocol : List.of("http", "tls", "tcp")) {
            routes.addAll(Field.spec(virtualService).at(protocol).items());
        }
        return routes;
    }

    /** A destination in words: {@code reviews, subset v1, port 9080}. */
    static String text(Field destination) {
        String subset = destination.at("subset").text();
        String port = destination.at("port", "number").text();
        return destination.at("host").text()
                + (subset.isEmpty() ? "" : ", subset " + subset)
                + (port.isEmpty() ? "" : ", port " + port);
    }

    /** The gateways of a VirtualService in full, {@code mesh} included, and how each is written. */
    static Map<String, String> gateways(Configuration configuration, Resource virtualService) {
        Map<String, String> gateways = new LinkedHashMap<>();
        String namespace = configuration.namespaceOf(virtualService);
        for (String written : virtualService.spec().at("gateways").texts()) {
            gateways.put(gateway(namespace, written), written);
        }
        if (gateways.isEmpty()) {
            gateways.put("mesh", "mesh");
        }
        return gateways;
    }

    /**
     * A gateway as {@code namespace/name}; {@code mesh} stands as it is. Source: istio/istio,
     * {@code pilot/pkg/model/virtualservice.go}, {@code resolveGatewayName}, which also reads the old form
     * {@code name.namespace.svc.cluster.local}.
     */
    static String gateway(String namespace, String written) {
        if (written.equals("mesh")) {
            return written;
        }
        if (written.startsWith("./")) {
            return namespace + written.substring(1);
        }
        if (written.contains("/")) {
            return written;
        }
        List<String> parts = List.of(written.split("\\.", 3));
        return parts.size() == 1 ? namespace + "/" + written : parts.get(1) + "/" + parts.get(0);
    }
}
