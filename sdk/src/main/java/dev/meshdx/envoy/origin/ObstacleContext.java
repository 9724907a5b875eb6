package dev.meshdx.envoy.origin;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.configuration.internal.Visibility;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.origin.GeneratedObject.Link;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Hosts;
import dev.meshdx.model.internal.Selectors;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The resource, the proxy and what is known of both, with the checks that several kinds share; gathers what they find. */
final class ObstacleContext {
    final Configuration configuration;
    final ConfigDump dump;
    final ProxyFacts proxy;
    final Resource resource;
    final ResourceRef ref;

    /** The namespace of the resource. */
    final String owner;

    /** What the resource turned into. */
    final List<GeneratedObject> objects;

    private final List<Obstacle> found = new ArrayList<>();
    private final Set<Integer> listening = new TreeSet<>();

    ObstacleContext(
            Configuration configuration,
            ConfigDump dump,
            ProxyFacts proxy,
            Resource resource,
            List<GeneratedObject> objects) {
        this.configuration = configuration;
        this.dump = dump;
        this.proxy = proxy;
        this.resource = resource;
        this.ref = resource.ref();
        this.owner = configuration.namespaceOf(resource);
        this.objects = objects;
    }

    /** Whether the proxy has nothing that was made of the resource; what merely uses it does not count. */
    boolean madeNothing() {
        return objects.stream().allMatch(object -> object.link() == Link.USE);
    }

    // --- what was found

    /** What stands in the way, each once, in the order in which it was found. */
    List<Obstacle> found() {
        return found.stream().distinct().toList();
    }

    boolean noneFound() {
        return found.isEmpty();
    }

    void add(Obstacle.Type type, String message, String field, Json value) {
        add(type, message, ref, field, value);
    }

    void add(Obstacle.Type type, String message, ResourceRef decides, String field, Json value) {
        String text = value.exists() ? value.text().orElseGet(value::toString) : "";
        found.add(new Obstacle(
                type, message, decides, field, text.length() > 300 ? text.substring(0, 297) + "..." : text));
    }

    void add(Obstacle obstacle) {
        found.add(obstacle);
    }

    /** Takes back all of a type: another host showed that it does not stand in the way. */
    void withdraw(Obstacle.Type type) {
        found.removeIf(obstacle -> obstacle.type() == type);
    }

    /** Notes the ports of listeners that would hold what is missing. */
    void listensAt(Collection<Integer> ports) {
        listening.addAll(ports);
    }

    /** The ports of listeners that would hold what is missing. */
    Set<Integer> listening() {
        return Collections.unmodifiableSet(listening);
    }

    // --- words and fields

    Json spec(String... path) {
        return resource.spec().at(path);
    }

    String who() {
        return "the proxy of " + proxy.pod().qualifiedName();
    }

    // --- who sees it

    /** Whether the proxy's namespace is among those that it is offered to; says so where it is not. */
    boolean exported() {
        Visibility visibility = Visibility.of(configuration);
        if (visibility.isExported(resource, owner, proxy.namespace())) {
            return true;
        }
        boolean service = resource.kind().equals(ResourceKind.SERVICE);
        Json own = service
                ? Json.of(resource.annotation("networking.istio.io/exportTo").orElse(""))
                : spec("exportTo");
        boolean written = service ? !own.text("").isEmpty() : own.size() > 0;
        add(
                Obstacle.Type.NOT_EXPORTED,
                ref + " is exported to " + String.join(", ", visibility.exportTo(resource)) + " only"
                        + (written ? "" : " (the mesh's default)") + ", and the proxy is in namespace "
                        + proxy.namespace() + ".",
                !written ? "" : service ? "metadata.annotations[networking.istio.io/exportTo]" : "spec.exportTo",
                own);
        return false;
    }

    /** Whether the Sidecar in force lets one of the hosts through; says so where it does not. */
    boolean imported(List<String> hosts, String offeredBy) {
        if (!proxy.isSidecar()) {
            return true;
        }
        Visibility.Imports imports = Visibility.of(configuration).imports(proxy.namespace(), proxy.labels());
        if (hosts.isEmpty() || hosts.stream().anyMatch(host -> imports.include(host, offeredBy, proxy.namespace()))) {
            return true;
        }
        Resource sidecar = imports.sidecar().orElse(resource);
        add(
                Obstacle.Type.NOT_IMPORTED,
                sidecar.ref() + " decides what " + who() + " sees, and none of its egress hosts imports "
                        + String.join(", ", hosts) + " from namespace " + offeredBy + ".",
                sidecar.ref(),
                "spec.egress[].hosts",
                Json.array(imports.fields().stream().map(Field::text).toList()));
        return false;
    }

    /** The host as the proxy sees it. */
    Optional<ServiceRegistry.Host> known(String host) {
        return ServiceRegistry.of(configuration).find(proxy.namespace(), List.of(), host);
    }

    /** Says why the proxy does not see a host: it is hidden from it, or is nowhere. */
    void unknown(String host, String field) {
        if (!ServiceRegistry.canTell(configuration, owner, host)) {
            return;
        }
        Optional<Resource> hidden = Stream.of(ResourceKind.SERVICE, ResourceKind.SERVICE_ENTRY)
                .flatMap(kind -> configuration.all(kind).stream())
                .filter(other -> offers(other, host))
                .findFirst();
        if (hidden.isPresent()) {
            add(
                    Obstacle.Type.NOT_EXPORTED,
                    hidden.get().ref() + " has host " + host + ", but is not exported to namespace " + proxy.namespace()
                            + ".",
                    hidden.get().ref(),
                    hidden.get().kind().equals(ResourceKind.SERVICE)
                            ? "metadata.annotations[networking.istio.io/exportTo]"
                            : "spec.exportTo",
                    Json.array(Visibility.of(configuration).exportTo(hidden.get())));
            return;
        }
        List<String> near = ServiceRegistry.of(configuration).near(configuration, owner, host);
        add(
                Obstacle.Type.HOST_UNKNOWN,
                "There is neither a Service nor a ServiceEntry for host " + host + " that " + who() + " can see"
                        + (near.isEmpty() ? "." : "; nearest: " + String.join(", ", near) + "."),
                field,
                Json.of(host));
    }

    private boolean offers(Resource other, String host) {
        return other.kind().equals(ResourceKind.SERVICE)
                ? Hosts.ofService(other.name(), configuration.namespaceOf(other))
                        .equals(host)
                : other.spec().at("hosts").texts().contains(host);
    }

    // --- whom it is for, and what comes before it

    /** Whether labels fit; says so where they do not. */
    boolean selected(Map<String, String> selector, String field) {
        if (Selectors.matchesMap(selector, proxy.labels())) {
            return true;
        }
        List<String> differences = new ArrayList<>();
        selector.forEach((label, value) -> {
            String own = proxy.labels().get(label);
            if (!value.equals(own)) {
                differences.add(own == null ? "no label " + label : label + "=" + own);
            }
        });
        add(
                Obstacle.Type.NOT_SELECTED,
                ref + " selects pods with " + Configuration.text(selector) + "; "
                        + proxy.pod().qualifiedName() + " has " + String.join(", ", differences) + ".",
                field,
                Json.of(Configuration.text(selector)));
        return false;
    }

    void otherNamespace() {
        add(
                Obstacle.Type.OTHER_NAMESPACE,
                ref + " holds for namespace " + owner + ", and " + who() + " is in " + proxy.namespace() + ".",
                "metadata.namespace",
                Json.of(owner));
    }

    void overruled(Resource by, String because) {
        add(Obstacle.Type.OVERRULED, by.ref() + " decides instead: " + because + ".", by.ref(), "", Json.MISSING);
    }

    void noPorts(Resource offers) {
        add(
                Obstacle.Type.NO_PORTS,
                offers.ref() + " has no ports, so it has no clusters.",
                offers.ref(),
                "spec.ports",
                Json.MISSING);
    }
}
