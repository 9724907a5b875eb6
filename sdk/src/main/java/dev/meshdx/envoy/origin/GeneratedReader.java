package dev.meshdx.envoy.origin;

import dev.meshdx.annotation.Internal;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.internal.ConfigurationLoader;
import dev.meshdx.configuration.internal.LoadOptions;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import dev.meshdx.model.internal.Nearest;
import dev.meshdx.source.Session;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads what {@code pod.generatedFrom(…)} needs: one config dump, and of the mesh's configuration only the kinds that can matter. */
@Internal
public final class GeneratedReader {
    private static final Map<ResourceKind, Set<ResourceKind>> NEEDED = Map.of(
            ResourceKind.VIRTUAL_SERVICE,
            Set.of(ResourceKind.GATEWAY, ResourceKind.SIDECAR, ResourceKind.SERVICE, ResourceKind.SERVICE_ENTRY),
            ResourceKind.DESTINATION_RULE,
            Set.of(ResourceKind.SIDECAR, ResourceKind.SERVICE, ResourceKind.SERVICE_ENTRY),
            ResourceKind.GATEWAY,
            Set.of(ResourceKind.VIRTUAL_SERVICE, ResourceKind.SERVICE),
            ResourceKind.KUBERNETES_GATEWAY,
            Set.of(ResourceKind.SERVICE),
            ResourceKind.SERVICE,
            Set.of(ResourceKind.SIDECAR, ResourceKind.SERVICE_ENTRY),
            ResourceKind.SERVICE_ENTRY,
            Set.of(ResourceKind.SIDECAR, ResourceKind.SERVICE),
            ResourceKind.WORKLOAD_ENTRY,
            Set.of(ResourceKind.SERVICE_ENTRY));

    private GeneratedReader() {}

    /** Reads and finds out. */
    public static GeneratedConfiguration read(
            Session session, ResourceRef pod, ResourceKind kind, String namespace, String name) {
        return read(session, pod, ConfigDump.read(session, pod.namespace(), pod.name()), kind, namespace, name);
    }

    static GeneratedConfiguration read(
            Session session, ResourceRef pod, ConfigDump dump, ResourceKind kind, String namespace, String name) {
        Set<ResourceKind> kinds = new LinkedHashSet<>(NEEDED.getOrDefault(kind, Set.of()));
        kinds.add(kind);
        Configuration configuration =
                new ConfigurationLoader(session, Scope.namespace(pod.namespace()), LoadOptions.DEFAULT).load(kinds);
        return of(configuration, dump, ObstacleFinder.proxy(session, pod, dump), kind, namespace, name, session);
    }

    private static GeneratedConfiguration of(
            Configuration configuration,
            ConfigDump dump,
            ProxyFacts proxy,
            ResourceKind kind,
            String namespace,
            String name,
            Session session) {
        Optional<Resource> resource = configuration.find(kind, namespace, name);
        ResourceRef ref = resource.map(Resource::ref).orElse(ResourceRef.of(kind.kind(), namespace, name));
        List<GeneratedObject> objects = GeneratedObjects.of(configuration, dump, proxy, kind, ref, resource);
        List<Obstacle> reasons = new ArrayList<>();
        if (resource.isPresent()) {
            reasons.addAll(Obstacles.of(configuration, dump, proxy, resource.get(), objects));
        } else if (objects.isEmpty() && configuration.complete(kind, namespace)) {
            throw missing(configuration, kind, namespace, name);
        } else {
            reasons.add(
                    configuration.complete(kind, namespace)
                            ? new Obstacle(
                                    Obstacle.Type.GONE,
                                    ref + " does not exist any more, and the proxy still has what came from it.",
                                    ref,
                                    "",
                                    "")
                            : new Obstacle(
                                    Obstacle.Type.UNKNOWN,
                                    ref + " could not be read, so its metadata alone was looked for.",
                                    ref,
                                    "",
                                    ""));
        }
        return new GeneratedConfiguration(ref, proxy.pod(), objects, reasons, session.gaps());
    }

    private static MeshNotFoundException missing(
            Configuration configuration, ResourceKind kind, String namespace, String name) {
        List<String> near = new ArrayList<>();
        configuration.all(kind).stream()
                .filter(other -> other.name().equals(name))
                .map(configuration::qualifiedName)
                .limit(3)
                .forEach(near::add);
        near.addAll(Nearest.to(
                name,
                configuration.in(kind, namespace).stream().map(Resource::name).toList()));
        return new MeshNotFoundException(
                "There is no " + kind.kind() + " " + name + " in namespace " + namespace
                        + ", and nothing on the proxy came from one.",
                near.isEmpty()
                        ? "Check the name and the namespace: kubectl get " + kind.qualifiedPlural() + " -n " + namespace
                        : "Did you mean " + String.join(", ", near) + "?");
    }
}
