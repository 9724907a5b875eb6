package dev.meshdx.analysis.internal.checks.policy;

import static dev.meshdx.model.ResourceKind.AUTHORIZATION_POLICY;
import static dev.meshdx.model.ResourceKind.NAMESPACE;
import static dev.meshdx.model.ResourceKind.SERVICE;
import static dev.meshdx.model.ResourceKind.SERVICE_ENTRY;
import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Hosts in AuthorizationPolicies that can be nothing but services of the mesh, and are none. Source: Istio, "Authorization
 * Policy", {@code operation.hosts} (compared with the request's authority, case-insensitively); Kubernetes, "DNS for Services
 * and Pods" (the names that callers may use for a service).
 */
public final class OperationHostCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0207",
            "UnknownOperationHost",
            Severity.WARNING,
            "An AuthorizationPolicy names a host that the mesh does not know.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(AUTHORIZATION_POLICY, SERVICE, SERVICE_ENTRY, VIRTUAL_SERVICE, NAMESPACE);
    }

    private static final class Known {
        final Set<String> hosts = new HashSet<>();
        final Set<String> anywhere = new HashSet<>();
        final Set<String> namespaces = new TreeSet<>();

        Known(Configuration configuration) {
            configuration.all(NAMESPACE).forEach(namespace -> namespaces.add(namespace.name()));
            for (Resource service : configuration.all(SERVICE)) {
                String namespace = configuration.namespaceOf(service);
                namespaces.add(namespace);
                anywhere.add(service.name());
                hosts.add(service.name() + "." + namespace);
            }
            for (ResourceKind kind : List.of(SERVICE_ENTRY, VIRTUAL_SERVICE)) {
                for (Resource resource : configuration.all(kind)) {
                    resource.spec().at("hosts").texts().forEach(host -> {
                        hosts.add(host.toLowerCase(Locale.ROOT));
                        anywhere.add(host.toLowerCase(Locale.ROOT));
                    });
                }
            }
        }
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Known known = new Known(configuration);
        ServiceRegistry registry = ServiceRegistry.of(configuration);
        for (Resource policy : configuration.all(AUTHORIZATION_POLICY)) {
            for (Field rule : AuthorizationRules.rules(policy)) {
                for (Field operation : AuthorizationRules.operations(rule)) {
                    for (String list : List.of("hosts", "notHosts")) {
                        for (Field item : operation.at(list).items()) {
                            check(configuration, known, registry, policy, item, report);
                        }
                    }
                }
            }
        }
    }

    private static void check(
            Configuration configuration,
            Known known,
            ServiceRegistry registry,
            Resource policy,
            Field item,
            Consumer<Finding> report) {
        String text = item.text().toLowerCase(Locale.ROOT);
        int colon = text.indexOf(':');
        String host = colon > 0 ? text.substring(0, colon) : text;
        if (host.isEmpty()
                || host.contains("*")
                || host.equals("localhost")
                || !host.matches("[a-z0-9.-]*[a-z][a-z0-9.-]*")) {
            return;
        }
        String own = configuration.namespaceOf(policy);
        String name = host;
        String owner = own;
        int dot = host.indexOf('.');
        if (dot >= 0) {
            String rest = host.substring(dot + 1);
            if (rest.endsWith(ServiceRegistry.SUFFIX)) {
                rest = rest.substring(0, rest.length() - ServiceRegistry.SUFFIX.length());
            } else if (rest.endsWith(".svc")) {
                rest = rest.substring(0, rest.length() - 4);
            }
            // Everything else may be a name outside that callers put into their Host header.
            if (!known.namespaces.contains(rest)) {
                return;
            }
            name = host.substring(0, dot);
            owner = rest;
        }
        // In the root namespace a policy is for all, and a bare name may be that of any namespace.
        boolean anyNamespace =
                dot < 0 && (own.equals(configuration.mesh().rootNamespace()) || AuthorizationRules.hasTarget(policy));
        boolean found = anyNamespace
                ? known.anywhere.contains(name)
                : known.hosts.contains(name + "." + owner) || known.hosts.contains(host);
        if (found
                || !configuration.complete(VIRTUAL_SERVICE)
                || !configuration.complete(SERVICE_ENTRY)
                || !configuration.complete(SERVICE)
                || !configuration.knows(SERVICE, anyNamespace ? "" : owner)) {
            return;
        }
        List<String> near =
                registry.near(configuration, own, dot < 0 ? host : name + "." + owner + ServiceRegistry.SUFFIX);
        String suffix = dot < 0 ? "" : host.substring(dot);
        // A name alone is another host than one with its namespace.
        near = near.stream()
                .map(other -> other.contains(".") ? other : other + suffix)
                .toList();
        report.accept(configuration
                .finding(CODE, policy, item)
                .message((anyNamespace
                                ? "No namespace has a Service " + name
                                : "Namespace " + owner + " has no Service " + name)
                        + ", and no ServiceEntry or VirtualService has the host \"" + host
                        + "\", so probably no request matches it." + ReferencedResources.didYouMean(near))
                .remedy((near.isEmpty() ? "Correct the host" : "Write " + near.get(0)) + " (kubectl -n " + owner
                        + " get services): " + ReferencedResources.edit(policy))
                .build());
    }
}
