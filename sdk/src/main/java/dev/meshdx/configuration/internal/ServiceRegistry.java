package dev.meshdx.configuration.internal;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The hosts that the mesh knows, by who may see them. Source: istio/istio, {@code pkg/config/analysis/analyzers/util},
 * {@code service_lookup.go} and {@code hosts.go}.
 */
public final class ServiceRegistry {
    /** Kubernetes' own suffix; istioctl does not support another one here either. */
    public static final String SUFFIX = ".svc.cluster.local";

    /**
     * A host that somebody offers.
     *
     * @param host fully qualified, or as a ServiceEntry writes it
     * @param resource the Service or ServiceEntry
     * @param ports its port numbers
     */
    public record Host(String host, Resource resource, List<Long> ports) {}

    private static final Set<ResourceKind> INPUTS = Set.of(ResourceKind.SERVICE, ResourceKind.SERVICE_ENTRY);

    private record Key(String scope, String host) {}

    private final Map<Key, Host> hosts = new LinkedHashMap<>();
    private final List<Map.Entry<Key, Host>> wildcards = new ArrayList<>();
    private final Map<String, Set<String>> namespacesByName = new HashMap<>();
    private final Map<String, Set<String>> namesByNamespace = new HashMap<>();
    private final Set<String> external = new TreeSet<>();

    private ServiceRegistry(Configuration configuration) {
        for (Resource entry : configuration.all(ResourceKind.SERVICE_ENTRY)) {
            addEntry(configuration.namespaceOf(entry), entry);
        }
        for (Resource service : configuration.all(ResourceKind.SERVICE)) {
            addService(configuration.namespaceOf(service), service);
        }
        hosts.entrySet().stream()
                .filter(entry -> entry.getKey().host().startsWith("*"))
                .forEach(wildcards::add);
    }

    /** The hosts of a configuration. */
    public static ServiceRegistry of(Configuration configuration) {
        return configuration.shared(ServiceRegistry.class, INPUTS, ServiceRegistry::new);
    }

    private void addEntry(String namespace, Resource entry) {
        List<String> exportTo = entry.spec().at("exportTo").texts();
        List<Long> ports = ports(entry);
        boolean everywhere = exportTo.isEmpty();
        for (String written : entry.spec().at("hosts").texts()) {
            Host host = new Host(qualify(namespace, written), entry, ports);
            external.add(written);
            if (everywhere) {
                hosts.put(new Key("*", host.host()), host);
                continue;
            }
            for (String item : exportTo) {
                if (item.equals("*")) {
                    everywhere = true;
                    hosts.put(new Key("*", host.host()), host);
                    break;
                }
                hosts.put(new Key(item.equals(".") ? namespace : item, host.host()), host);
            }
        }
    }

    private void addService(String namespace, Resource service) {
        Host host = new Host(qualify(namespace, service.name()), service, ports(service));
        String exportTo = service.annotation("networking.istio.io/exportTo").orElse("");
        for (String item : exportTo.isBlank() ? List.of("*") : List.of(exportTo.split(","))) {
            String scope = item.trim();
            hosts.put(new Key(scope.equals(".") ? namespace : scope, host.host()), host);
        }
        namespacesByName
                .computeIfAbsent(service.name(), name -> new TreeSet<>())
                .add(namespace);
        namesByNamespace.computeIfAbsent(namespace, name -> new TreeSet<>()).add(service.name());
    }

    private static List<Long> ports(Resource resource) {
        return resource.spec().at("ports").items().stream()
                .map(port -> port.at("port").exists() ? port.at("port") : port.at("number"))
                .filter(Json::exists)
                .map(port -> port.number(0))
                .toList();
    }

    /** A short name becomes a service of the namespace; everything else stands as it is written. */
    public static String qualify(String namespace, String host) {
        return host.contains(".") || host.startsWith("*") ? host : host + "." + namespace + SUFFIX;
    }

    /**
     * A host in full, as applications write it: {@code reviews}, {@code reviews.production}, {@code reviews.production.svc}
     * mean the Service where there is one; everything else stands as it is. Source: Kubernetes, "DNS for Services and Pods".
     */
    public static String resolve(Configuration configuration, String namespace, String host) {
        String[] labels = host.split("\\.", -1);
        boolean service = labels.length == 2 || (labels.length == 3 && labels[2].equals("svc"));
        if (service
                && configuration
                        .find(ResourceKind.SERVICE, labels[1], labels[0])
                        .isPresent()) {
            return labels[0] + "." + labels[1] + SUFFIX;
        }
        return qualify(namespace, host);
    }

    /**
     * Looks a host up as the proxies of a namespace see it.
     *
     * @param namespace the namespace of the resource that names the host
     * @param exportTo that resource's own {@code exportTo}
     */
    public Optional<Host> find(String namespace, List<String> exportTo, String host) {
        String qualified = qualify(namespace, host);
        Host found = hosts.get(new Key("*", qualified));
        if (found != null) {
            return Optional.of(found);
        }
        for (String item : exportTo.isEmpty() ? List.of(namespace) : exportTo) {
            found = hosts.get(new Key(item.equals(".") ? namespace : item, qualified));
            if (found != null) {
                return Optional.of(found);
            }
        }
        String bare = host.startsWith("*") ? host.substring(1) : host;
        for (Map.Entry<Key, Host> wildcard : wildcards) {
            Key key = wildcard.getKey();
            if ((key.scope().equals("*") || key.scope().equals(namespace))
                    && bare.endsWith(key.host().substring(1))) {
                return Optional.of(wildcard.getValue());
            }
        }
        return Optional.empty();
    }

    /**
     * Whether the configuration was read far enough to say that a host does not exist. Where only one namespace could be
     * read, that can be said of its services only.
     */
    public static boolean canTell(Configuration configuration, String namespace, String host) {
        Optional<String> owner = namespaceOf(qualify(namespace, host));
        return owner.isPresent()
                ? configuration.complete(ResourceKind.SERVICE, owner.get())
                        && configuration.complete(ResourceKind.SERVICE_ENTRY, owner.get())
                : configuration.complete(ResourceKind.SERVICE) && configuration.complete(ResourceKind.SERVICE_ENTRY);
    }

    /** The namespace in {@code reviews.production.svc.cluster.local}. */
    public static Optional<String> namespaceOf(String host) {
        if (!host.endsWith(SUFFIX)) {
            return Optional.empty();
        }
        String name = host.substring(0, host.length() - SUFFIX.length());
        int dot = name.lastIndexOf('.');
        return dot <= 0 ? Optional.empty() : Optional.of(name.substring(dot + 1));
    }

    /** Names that were probably meant, written as the caller would write them. */
    public List<String> near(Configuration configuration, String namespace, String host) {
        Set<String> suggestions = new LinkedHashSet<>();
        String qualified = qualify(namespace, host);
        String name = host;
        String owner = namespace;
        Optional<String> inHost = namespaceOf(qualified);
        if (inHost.isPresent()) {
            owner = inHost.get();
            name = qualified.substring(0, qualified.length() - SUFFIX.length() - owner.length() - 1);
        } else if (host.chars().filter(c -> c == '.').count() == 1) {
            // reviews.production: Kubernetes' DNS knows it, Istio does not.
            int dot = host.indexOf('.');
            String service = host.substring(0, dot);
            String wanted = host.substring(dot + 1);
            if (namesByNamespace.getOrDefault(wanted, Set.of()).contains(service)) {
                return List.of(host + SUFFIX);
            }
        }
        for (String other : configuration.near(name, namesByNamespace.getOrDefault(owner, Set.of()))) {
            suggestions.add(owner.equals(namespace) ? other : other + "." + owner + SUFFIX);
        }
        for (String other : namespacesByName.getOrDefault(name, Set.of())) {
            suggestions.add(name + "." + other + SUFFIX);
        }
        suggestions.addAll(configuration.near(host, external));
        suggestions.remove(host);
        return suggestions.stream().limit(3).toList();
    }
}
