package dev.meshdx.envoy.origin;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.internal.PortProtocol;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.configuration.internal.Visibility;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Hosts;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Why a proxy has nothing of the hosts of a Service or a ServiceEntry, or does not follow a Sidecar in which hosts it sees. */
final class HostObstacles {
    private final ObstacleContext context;
    private final Configuration configuration;
    private final ConfigDump dump;
    private final ProxyFacts proxy;
    private final Resource resource;
    private final ResourceRef ref;
    private final String owner;
    private final List<GeneratedObject> objects;

    HostObstacles(ObstacleContext context) {
        this.context = context;
        this.configuration = context.configuration;
        this.dump = context.dump;
        this.proxy = context.proxy;
        this.resource = context.resource;
        this.ref = context.ref;
        this.owner = context.owner;
        this.objects = context.objects;
    }

    void service() {
        hosts(List.of(Hosts.ofService(resource.name(), owner)), "port", PortProtocol::ofService);
    }

    void serviceEntry() {
        List<String> hosts = context.spec("hosts").texts();
        hosts(hosts, "number", PortProtocol::ofServiceEntry);
        if (!context.noneFound()) {
            return;
        }
        String resolution = context.spec("resolution").text("NONE");
        boolean wild = hosts.stream().anyMatch(host -> host.startsWith("*"));
        if (wild
                && resolution.startsWith("DNS")
                && !resolution.equals("DYNAMIC_DNS")
                && context.spec("endpoints").size() == 0) {
            context.add(
                    Obstacle.Type.NO_ENDPOINTS,
                    ref + " resolves by DNS, and a host with a wildcard has no address there.",
                    "spec.resolution",
                    context.spec("resolution"));
        }
        boolean endpoints = objects.stream().anyMatch(object -> object.type() == GeneratedObject.Type.ENDPOINT);
        if (resolution.equals("STATIC") && !endpoints && !dump.endpoints().isEmpty()) {
            boolean selector = context.spec("workloadSelector").exists();
            context.add(
                    Obstacle.Type.NO_ENDPOINTS,
                    ref
                            + (selector
                                    ? " selects no pod and no WorkloadEntry that the proxy knows of"
                                    : " has resolution STATIC and no endpoint on the proxy")
                            + ": requests answer 503 UH.",
                    selector ? "spec.workloadSelector" : "spec.endpoints",
                    selector ? context.spec("workloadSelector") : context.spec("endpoints"));
        }
    }

    @FunctionalInterface
    private interface ProtocolOf {
        PortProtocol of(Json port);
    }

    private void hosts(List<String> hosts, String number, ProtocolOf protocolOf) {
        if (!context.exported() || !context.imported(hosts, owner)) {
            return;
        }
        List<Json> ports = context.spec("ports").items();
        if (ports.isEmpty()) {
            context.noPorts(resource);
            return;
        }
        ports.forEach(port -> context.listensAt(Set.of((int) port.at(number).number(0))));
        if (ports.stream().allMatch(port -> protocolOf.of(port) == PortProtocol.UDP)) {
            context.add(
                    Obstacle.Type.PROTOCOL,
                    ref + " has ports for UDP only, which proxies leave alone.",
                    "spec.ports",
                    context.spec("ports"));
            return;
        }
        if (context.madeNothing()) {
            for (String host : hosts) {
                Optional<ServiceRegistry.Host> other = context.known(host);
                if (other.isPresent() && !other.get().resource().equals(resource)) {
                    context.add(
                            Obstacle.Type.OVERRULED,
                            "Host " + host + " is that of "
                                    + other.get().resource().ref() + " as well, which counts.",
                            other.get().resource().ref(),
                            "spec.hosts",
                            Json.of(host));
                }
            }
        }
    }

    void sidecar() {
        if (!proxy.isSidecar()) {
            context.add(
                    Obstacle.Type.PROXY_TYPE,
                    ref + " is for sidecars, and " + context.who() + " is " + proxy.what() + ".",
                    "",
                    Json.MISSING);
            return;
        }
        Optional<Resource> decides = Visibility.of(configuration)
                .imports(proxy.namespace(), proxy.labels())
                .sidecar();
        if (decides.filter(resource::equals).isPresent()) {
            return;
        }
        if (!owner.equals(proxy.namespace())
                && !owner.equals(configuration.mesh().rootNamespace())) {
            context.otherNamespace();
            return;
        }
        Map<String, String> selector =
                context.spec("workloadSelector", "labels").textMap();
        if (!selector.isEmpty() && !context.selected(selector, "spec.workloadSelector.labels")) {
            return;
        }
        decides.ifPresent(other -> context.overruled(
                other,
                "one that selects the pod comes before that of the namespace, and that before the root namespace's"));
    }
}
