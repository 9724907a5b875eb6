package dev.meshdx.testkit.internal.istiod;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.testkit.internal.mesh.Registry;
import dev.meshdx.testkit.internal.mesh.Registry.Port;
import dev.meshdx.testkit.internal.mesh.Registry.Service;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one outbound cluster is made of.
 *
 * @param name the cluster's name
 * @param service the service
 * @param port the service's port
 * @param subset the subset; empty for the whole service
 * @param labels the subset's labels
 * @param rule the DestinationRule that counts, if any
 * @param tls its {@code tls}
 * @param connectionPool its {@code connectionPool}
 * @param outlierDetection its {@code outlierDetection}
 * @param loadBalancer its {@code loadBalancer}
 */
record Upstream(
        String name,
        Service service,
        Port port,
        String subset,
        Map<String, String> labels,
        Optional<Resource> rule,
        Json tls,
        Json connectionPool,
        Json outlierDetection,
        Json loadBalancer) {

    /** What a DestinationRule sets, after its levels are merged. */
    private record Policy(Json tls, Json connectionPool, Json outlierDetection, Json loadBalancer) {
        static final Policy NONE = new Policy(Json.MISSING, Json.MISSING, Json.MISSING, Json.MISSING);

        static Policy of(Json settings) {
            return new Policy(
                    settings.at("tls"),
                    settings.at("connectionPool"),
                    settings.at("outlierDetection"),
                    settings.at("loadBalancer"));
        }

        /**
         * A level over this one: it overrides field by field, but its settings of a port replace everything.
         *
         * <p>Source: Istio, "Destination Rule", TrafficPolicy.portLevelSettings.
         */
        Policy with(Json trafficPolicy, int port) {
            for (Json atPort : trafficPolicy.at("portLevelSettings").items()) {
                if (atPort.at("port", "number").number(0) == port) {
                    return of(atPort);
                }
            }
            Policy set = of(trafficPolicy);
            return new Policy(
                    set.tls.exists() ? set.tls : tls,
                    set.connectionPool.exists() ? set.connectionPool : connectionPool,
                    set.outlierDetection.exists() ? set.outlierDetection : outlierDetection,
                    set.loadBalancer.exists() ? set.loadBalancer : loadBalancer);
        }
    }

    /** The upstreams that proxies of a namespace know. */
    static List<Upstream> of(Registry registry, String client) {
        return of(registry, registry.services(), client);
    }

    /** The upstreams of some services as proxies of a namespace know them. */
    static List<Upstream> of(Registry registry, List<Service> services, String client) {
        List<Upstream> upstreams = new ArrayList<>();
        for (Service service : services) {
            List<Resource> rules = registry.destinationRules(service, client);
            Optional<Resource> rule = rules.stream().findFirst();
            for (Port port : service.ports()) {
                Json base = rule.map(first -> first.spec().at("trafficPolicy")).orElse(Json.MISSING);
                Policy policy = Policy.NONE.with(base, port.number());
                upstreams.add(of(service, port, "", Map.of(), rule, policy));
                for (Resource each : rules) {
                    for (Json subset : each.spec().at("subsets").items()) {
                        upstreams.add(of(
                                service,
                                port,
                                subset.at("name").text(""),
                                subset.at("labels").textMap(),
                                rule,
                                policy.with(subset.at("trafficPolicy"), port.number())));
                    }
                }
            }
        }
        return upstreams;
    }

    private static Upstream of(
            Service service,
            Port port,
            String subset,
            Map<String, String> labels,
            Optional<Resource> rule,
            Policy policy) {
        return new Upstream(
                name(port.number(), subset, service.host()),
                service,
                port,
                subset,
                labels,
                rule,
                policy.tls,
                policy.connectionPool,
                policy.outlierDetection,
                policy.loadBalancer);
    }

    /** The name of an outbound cluster. */
    static String name(int port, String subset, String host) {
        return "outbound|" + port + "|" + subset + "|" + host;
    }

    /** The rule's TLS mode; empty where it leaves it to auto mTLS. */
    String tlsMode() {
        return tls.at("mode").text("");
    }

    /** Whether Envoy sends to the address that the application asked for. */
    boolean originalDestination() {
        return service.headless() || service.resolution().equals("NONE");
    }
}
