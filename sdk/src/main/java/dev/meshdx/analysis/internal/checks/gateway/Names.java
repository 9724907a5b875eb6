package dev.meshdx.analysis.internal.checks.gateway;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The names of a kind, for suggestions: collected once a run. */
final class Names {
    private final Configuration configuration;
    private final Map<String, Set<String>> byNamespace = new HashMap<>();
    private final Map<String, Set<String>> namespaces = new HashMap<>();

    Names(Configuration configuration, ResourceKind kind) {
        this.configuration = configuration;
        for (Resource resource : configuration.all(kind)) {
            String namespace = configuration.namespaceOf(resource);
            byNamespace.computeIfAbsent(namespace, any -> new TreeSet<>()).add(resource.name());
            namespaces.computeIfAbsent(resource.name(), any -> new TreeSet<>()).add(namespace);
        }
    }

    /** The namespaces that have one of this name. */
    Set<String> namespaces(String name) {
        return Collections.unmodifiableSet(namespaces.getOrDefault(name, Set.of()));
    }

    /** Names of a namespace that were probably meant: a route names a Service without namespace and domain. */
    List<String> near(String namespace, String name) {
        Set<String> names = byNamespace.getOrDefault(namespace, Set.of());
        int dot = name.indexOf('.');
        return dot > 0 && names.contains(name.substring(0, dot))
                ? List.of(name.substring(0, dot))
                : configuration.near(name, names);
    }
}
