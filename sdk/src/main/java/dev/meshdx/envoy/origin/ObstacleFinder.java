package dev.meshdx.envoy.origin;

import dev.meshdx.annotation.Internal;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.error.MeshException;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.source.Session;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Says of many resources why a proxy has nothing of them, or not all: what {@code pod.generatedFrom(…)} says of one. */
@Internal
public final class ObstacleFinder {
    private final Configuration configuration;
    private final ConfigDump dump;
    private final ProxyFacts proxy;

    private ObstacleFinder(Configuration configuration, ConfigDump dump, ProxyFacts proxy) {
        this.configuration = configuration;
        this.dump = dump;
        this.proxy = proxy;
    }

    /**
     * Reads the pod, which tells its labels, and nothing else; where it cannot be read, the proxy says of itself what its pod
     * says, and the session has a gap.
     */
    public static ObstacleFinder read(Session session, Configuration configuration, ConfigDump dump, ResourceRef pod) {
        return new ObstacleFinder(configuration, dump, proxy(session, pod, dump));
    }

    static ProxyFacts proxy(Session session, ResourceRef pod, ConfigDump dump) {
        Optional<Resource> resource = Optional.empty();
        try {
            resource = session.resource(ResourceKind.POD, pod.namespace(), pod.name());
        } catch (MeshException e) {
            // The proxy says of itself what its pod says.
            session.gap("pod", pod, e);
        }
        return ProxyFacts.of(pod, resource, dump.bootstrap(), session.now());
    }

    /** What a resource turned into on the proxy, and why not into more. */
    public Result of(Resource resource) {
        List<GeneratedObject> objects =
                GeneratedObjects.of(configuration, dump, proxy, resource.kind(), resource.ref(), Optional.of(resource));
        return new Result(objects, Obstacles.of(configuration, dump, proxy, resource, objects));
    }

    /**
     * Why one alternative of a rule of a VirtualService is left out on this proxy: it is for clients elsewhere, with other
     * labels, or for gateways; empty where it is not.
     *
     * @param protocol {@code http}, {@code tls} or {@code tcp}
     * @param rule the rule's index
     * @param match the index of its alternative
     */
    public Optional<Obstacle> leftOut(Resource virtualService, String protocol, int rule, int match) {
        ObstacleContext context = new ObstacleContext(configuration, dump, proxy, virtualService, List.of());
        return new VirtualServiceObstacles(context).leftOut(protocol, rule, match);
    }

    /** The proxy's namespace. */
    public String namespace() {
        return proxy.namespace();
    }

    /** Whether it is a gateway. */
    public boolean isGateway() {
        return proxy.isGateway();
    }

    /** Whether it stands beside an application. */
    public boolean isSidecar() {
        return proxy.isSidecar();
    }

    /** What a resource turned into, and why not into more. */
    @Internal
    public static final class Result {
        private final List<GeneratedObject> objects;
        private final List<Obstacle> obstacles;

        private Result(List<GeneratedObject> objects, List<Obstacle> obstacles) {
            this.objects = objects.stream()
                    .filter(object -> object.link() != GeneratedObject.Link.USE)
                    .toList();
            this.obstacles = obstacles;
        }

        /** Whether nothing came from it. */
        public boolean isNothing() {
            return objects.isEmpty();
        }

        /** Whether something of it stands in a virtual host of a route configuration. */
        public boolean standsIn(String routeConfiguration, String virtualHost) {
            return objects.stream()
                    .anyMatch(object -> object.type() == GeneratedObject.Type.VIRTUAL_HOST
                            && object.in().equals(routeConfiguration)
                            && object.name().equals(virtualHost));
        }

        /** The names of the route configurations in which something of it stands. */
        public Set<String> routeConfigurations() {
            Set<String> names = new LinkedHashSet<>();
            for (GeneratedObject object : objects) {
                if (object.type() == GeneratedObject.Type.VIRTUAL_HOST) {
                    names.add(object.in());
                }
            }
            return names;
        }

        /** What stands in the way, the likeliest first. */
        public List<Obstacle> obstacles() {
            return new ArrayList<>(obstacles);
        }
    }
}
