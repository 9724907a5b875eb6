package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.GATEWAY;
import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.SERVICE;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.Selectors;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Ports on which Gateways listen, and whether traffic can reach them: through a port of a Service (IST0162), and on the
 * workload that the Service leads to (IST0104). Source for the first: istio/istio, {@code gateway/gateway.go}.
 *
 * <p>The second is a retired number of istioctl's, back with its old meaning: the port is not on the workload. Where a
 * Service's target port is a name, Kubernetes looks it up among the ports of the pod's containers and sends nothing where
 * there is none of that name (source: Kubernetes, "Service", field targetPort); and a proxy that runs without privileges
 * skips listeners below 1024 (source: istio/istio, {@code pilot/pkg/networking/core/gateway.go}, {@code IsUnprivileged}).
 */
public final class GatewayPortCheck implements ConfigurationCheck {
    static final FindingCode NOT_ON_SERVICE = new FindingCode(
            "IST0162",
            "GatewayPortNotDefinedOnService",
            Severity.WARNING,
            "No Service of the gateway's pods exposes a port on which the Gateway listens.");

    static final FindingCode NOT_ON_WORKLOAD = new FindingCode(
            "IST0104",
            "GatewayPortNotOnWorkload",
            Severity.WARNING,
            "The gateway's pods do not offer a port on which the Gateway listens.");

    @Override
    public List<FindingCode> codes() {
        return List.of(NOT_ON_WORKLOAD, NOT_ON_SERVICE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(GATEWAY, POD, SERVICE);
    }

    /** A Service's port that leads to one of the gateway's pods. */
    private record Way(Resource service, Json port, Resource pod) {}

    /** What the pods of one selector can be reached on. Gateways share selectors: computed once for each. */
    private record Offer(Set<Long> numbers, List<Way> ways) {}

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Map<String, Offer> offers = new LinkedHashMap<>();
        for (Resource gateway : configuration.all(GATEWAY)) {
            Map<String, String> selector = gateway.spec().at("selector").textMap();
            List<Resource> pods = configuration.matching(POD, selector, "");
            if (pods.isEmpty()) {
                continue;
            }
            String text = Configuration.text(selector);
            Offer offer = offers.computeIfAbsent(text, unused -> offer(configuration, pods));
            Set<Long> told = new HashSet<>();
            for (Field server : Field.spec(gateway).at("servers").items()) {
                Field number = server.at("port", "number");
                long port = number.value().number(0);
                if (!server.at("port").exists() || !told.add(port)) {
                    // Several servers on one port have one problem.
                    continue;
                }
                if (offer.numbers().contains(port)) {
                    checkWorkload(configuration, gateway, number, port, offer, report);
                } else if (pods.stream()
                        .allMatch(pod -> configuration.complete(SERVICE, configuration.namespaceOf(pod)))) {
                    report.accept(configuration
                            .finding(NOT_ON_SERVICE, gateway, number)
                            .message("Port " + port + " is not exposed by any Service of the pods \"" + text
                                    + "\"; they offer " + offer.numbers() + ".")
                            .evidence(
                                    "ports of its Services",
                                    "pods with " + text,
                                    offer.numbers().toString())
                            .remedy("Add the port to the gateway's Service, or listen on one that it has: "
                                    + ReferencedResources.edit(gateway))
                            .build());
                }
            }
        }
    }

    private static Offer offer(Configuration configuration, List<Resource> pods) {
        Set<Long> numbers = new TreeSet<>();
        List<Way> ways = new ArrayList<>();
        for (Resource pod : pods) {
            for (Resource service : configuration.in(SERVICE, configuration.namespaceOf(pod))) {
                if (!Selectors.matchesMap(service.spec().at("selector").textMap(), pod.labels())) {
                    continue;
                }
                for (Json port : service.spec().at("ports").items()) {
                    if (!port.at("protocol").text("").equals("TCP")) {
                        continue;
                    }
                    long target = port.at("targetPort").number(0);
                    // A Gateway may name the Service's port or, as older ones do, the pod's own.
                    numbers.add(port.at("port").number(0));
                    if (target > 0) {
                        numbers.add(target);
                    }
                    ways.add(new Way(service, port, pod));
                }
            }
        }
        return new Offer(numbers, ways);
    }

    private static void checkWorkload(
            Configuration configuration,
            Resource gateway,
            Field number,
            long port,
            Offer offer,
            Consumer<Finding> report) {
        for (Way way : offer.ways()) {
            if (way.port().at("port").number(0) != port) {
                continue;
            }
            Json target = way.port().at("targetPort");
            String problem = "";
            long listening = listeningPort(way, port);
            if (listening == 0) {
                problem = way.service() + " leads port " + port + " to the container port \"" + target.text("")
                        + "\", which " + way.pod() + " does not have.";
            } else if (listening < 1024 && isUnprivileged(way.pod())) {
                problem = way.service() + " leads port " + port + " to port " + listening + ", on which " + way.pod()
                        + " cannot listen: it runs without privileges.";
            }
            if (!problem.isEmpty()) {
                report.accept(configuration
                        .finding(NOT_ON_WORKLOAD, gateway, number)
                        .message("Port " + port + " is not on the workload: " + problem)
                        .evidence("spec.ports[].targetPort", way.service().toString(), target.toString())
                        .evidence("containers[].ports", way.pod().toString(), ports(way.pod()))
                        .remedy("Correct the Service's targetPort: " + ReferencedResources.edit(way.service()))
                        .build());
                return;
            }
        }
    }

    /** The pod's port that a Service's port leads to; 0 where a name leads nowhere. */
    private static long listeningPort(Way way, long port) {
        Json target = way.port().at("targetPort");
        if (!target.isText() || target.number(0) > 0) {
            long number = target.number(0);
            return number > 0 ? number : port;
        }
        return way.pod().spec().at("containers").items().stream()
                .flatMap(container -> container.at("ports").items().stream())
                .filter(one -> one.at("name").text("").equals(target.text("")))
                .mapToLong(one -> one.at("containerPort").number(0))
                .findFirst()
                .orElse(0);
    }

    private static String ports(Resource pod) {
        List<String> ports = new ArrayList<>();
        for (Json container : pod.spec().at("containers").items()) {
            for (Json port : container.at("ports").items()) {
                ports.add(port.at("name").text("unnamed") + "="
                        + port.at("containerPort").number(0));
            }
        }
        return ports.isEmpty() ? "none" : String.join(", ", ports);
    }

    /** Set by injection where the proxy may not bind low ports. */
    private static boolean isUnprivileged(Resource pod) {
        return pod.spec().at("containers").items().stream()
                .flatMap(container -> container.at("env").items().stream())
                .anyMatch(env -> env.at("name").text("").equals("ISTIO_META_UNPRIVILEGED_POD")
                        && env.at("value").text("").equals("true"));
    }
}
