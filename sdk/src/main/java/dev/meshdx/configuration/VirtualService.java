package dev.meshdx.configuration;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import java.util.ArrayList;
import java.util.List;

/**
 * Which way requests to hosts go. Source: Istio, "Virtual Service".
 *
 * @param resource the resource
 */
public record VirtualService(Resource resource) implements TypedResource {
    /** The hosts, as written. */
    public List<String> hosts() {
        return resource.spec().at("hosts").texts();
    }

    /** The gateways that it is bound to; {@code mesh}, the sidecars, where it names none. */
    public List<String> gateways() {
        List<String> gateways = resource.spec().at("gateways").texts();
        return gateways.isEmpty() ? List.of("mesh") : gateways;
    }

    /** The namespaces that see it; empty where the mesh's default holds. */
    public List<String> exportTo() {
        return resource.spec().at("exportTo").texts();
    }

    /** Its rules: HTTP, then TLS, then TCP, each in the order in which they are tried. */
    public List<RouteRule> rules() {
        List<RouteRule> rules = new ArrayList<>();
        for (String protocol : List.of("http", "tls", "tcp")) {
            List<Json> written = resource.spec().at(protocol).items();
            for (int i = 0; i < written.size(); i++) {
                rules.add(new RouteRule(protocol, "spec." + protocol + "[" + i + "]", written.get(i)));
            }
        }
        return List.copyOf(rules);
    }

    /** One line. */
    @Override
    public String toString() {
        return ref() + ": " + String.join(", ", hosts()) + " via " + String.join(", ", gateways()) + ", "
                + rules().size() + (rules().size() == 1 ? " rule" : " rules");
    }
}
