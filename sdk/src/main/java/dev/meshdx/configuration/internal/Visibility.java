package dev.meshdx.configuration.internal;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.MeshConfig;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who sees what: {@code exportTo} on the side of the owner, Sidecar on the side of the client. Sources: Istio, "Sidecar"
 * (reference: the most specific one counts, that with a {@code workloadSelector}, else that of the namespace, else that of
 * the root namespace; of several the oldest), "Virtual Service", "Destination Rule" and "Service Entry" (field
 * {@code exportTo}), "Global Mesh Options" (the defaults of it).
 */
public final class Visibility {
    private final MeshConfig mesh;

    /** Those for some workloads of a namespace, oldest first. */
    private final Map<String, SelectorIndex<Imports>> selecting = new HashMap<>();

    private final Map<String, Imports> whole = new HashMap<>();

    private Visibility(Configuration configuration) {
        this.mesh = configuration.mesh();
        for (Resource sidecar : configuration.all(ResourceKind.SIDECAR).stream()
                .sorted(Ages.OLDEST_FIRST)
                .toList()) {
            String namespace = configuration.namespaceOf(sidecar);
            Map<String, String> selector =
                    sidecar.spec().at("workloadSelector", "labels").textMap();
            if (selector.isEmpty()) {
                whole.putIfAbsent(namespace, new Imports(sidecar));
            } else {
                selecting
                        .computeIfAbsent(namespace, any -> new SelectorIndex<>())
                        .add(selector, new Imports(sidecar));
            }
        }
    }

    /** Of a configuration. */
    public static Visibility of(Configuration configuration) {
        return configuration.shared(Visibility.class, Set.of(ResourceKind.SIDECAR), Visibility::new);
    }

    /** Whether a resource that has {@code exportTo} is offered to a namespace. */
    public boolean isExported(Resource resource, String owner, String client) {
        return DestinationRules.visible(exportTo(resource), owner, client);
    }

    /** Its {@code exportTo}, or the mesh's default for its kind; empty for everybody. */
    public List<String> exportTo(Resource resource) {
        return exportTo(mesh, resource);
    }

    /** The namespaces that a resource is offered to; {@code *} for all of them. */
    public static Set<String> audience(Configuration configuration, Resource resource) {
        Set<String> audience = new LinkedHashSet<>();
        for (String item : exportTo(configuration.mesh(), resource)) {
            audience.add(item.equals(".") ? configuration.namespaceOf(resource) : item);
        }
        return audience.isEmpty() || audience.contains("*") ? Set.of("*") : audience;
    }

    private static List<String> exportTo(MeshConfig mesh, Resource resource) {
        if (resource.kind().equals(ResourceKind.SERVICE)) {
            List<String> own = List.of(resource.annotation("networking.istio.io/exportTo")
                    .orElse("")
                    .split("\\s*,\\s*"));
            return own.get(0).isBlank() ? mesh.serviceExportTo() : own;
        }
        List<String> own = resource.spec().at("exportTo").texts();
        if (!own.isEmpty()) {
            return own;
        }
        return resource.kind().equals(ResourceKind.VIRTUAL_SERVICE)
                ? mesh.virtualServiceExportTo()
                : resource.kind().equals(ResourceKind.DESTINATION_RULE)
                        ? mesh.destinationRuleExportTo()
                        : mesh.serviceExportTo();
    }

    /** What the proxies of a namespace import that no Sidecar selects by their labels. */
    public Imports imports(String namespace) {
        Imports own = whole.get(namespace);
        Imports root = whole.get(mesh.rootNamespace());
        return own != null ? own : root != null ? root : Imports.EVERYTHING;
    }

    /** What a workload's proxy imports. */
    public Imports imports(String namespace, Map<String, String> labels) {
        SelectorIndex<Imports> own = selecting.get(namespace);
        return (own == null ? Optional.<Imports>empty() : own.first(labels)).orElseGet(() -> imports(namespace));
    }

    /** What one Sidecar lets through. */
    public static final class Imports {
        static final Imports EVERYTHING = new Imports(null);

        private record Host(Field field, String namespace, String name) {}

        private final @Nullable Resource sidecar;
        private final List<Host> hosts = new ArrayList<>();

        private Imports(@Nullable Resource sidecar) {
            this.sidecar = sidecar;
            if (sidecar == null) {
                return;
            }
            for (Field listener : Field.spec(sidecar).at("egress").items()) {
                for (Field host : listener.at("hosts").items()) {
                    int slash = host.text().indexOf('/');
                    if (slash >= 0) {
                        hosts.add(new Host(
                                host,
                                host.text().substring(0, slash),
                                host.text().substring(slash + 1)));
                    }
                }
            }
        }

        /** The Sidecar; empty where everything is imported because there is none. */
        public Optional<Resource> sidecar() {
            return Optional.ofNullable(sidecar);
        }

        /** Whether it lets everything through. A Sidecar without {@code egress} does. */
        public boolean everything() {
            return sidecar == null || sidecar.spec().at("egress").size() == 0;
        }

        /**
         * Whether hosts that the mesh does not know cannot be reached. Source: Istio, "Sidecar", field outboundTrafficPolicy,
         * whose mode is REGISTRY_ONLY where it is left out; without the field the mesh's own counts.
         */
        public boolean registryOnly(MeshConfig mesh) {
            Json own = sidecar == null ? Json.MISSING : sidecar.spec().at("outboundTrafficPolicy");
            return own.exists()
                    ? own.at("mode").text("REGISTRY_ONLY").equals("REGISTRY_ONLY")
                    : !mesh.allowsUnknownHosts();
        }

        /**
         * Whether a host is imported.
         *
         * @param host fully qualified, or a wildcard
         * @param owner the namespace of the Service, ServiceEntry or VirtualService that offers it
         * @param client the namespace of the workload
         */
        public boolean include(String host, String owner, String client) {
            return everything()
                    || hosts.stream()
                            .anyMatch(imported -> (imported.namespace.equals("*")
                                            || imported.namespace.equals(owner)
                                            || (imported.namespace.equals(".") && owner.equals(client)))
                                    && HostNames.overlap(imported.name, host));
        }

        /** The lines that import something, for evidence. */
        public List<Field> fields() {
            return hosts.stream().map(Host::field).toList();
        }
    }
}
