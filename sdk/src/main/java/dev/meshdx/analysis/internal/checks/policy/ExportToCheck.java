package dev.meshdx.analysis.internal.checks.policy;

import static dev.meshdx.model.ResourceKind.DESTINATION_RULE;
import static dev.meshdx.model.ResourceKind.NAMESPACE;
import static dev.meshdx.model.ResourceKind.SERVICE;
import static dev.meshdx.model.ResourceKind.SERVICE_ENTRY;
import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Namespaces that {@code exportTo} names and that do not exist. Source: Istio, "Virtual Service", "Destination Rule" and
 * "Service Entry" (field {@code exportTo}: {@code .} is the own namespace, {@code *} all of them); Istio, "Resource
 * Annotations" ({@code networking.istio.io/exportTo}); istio/istio, {@code pkg/config/visibility} ({@code ~} is nobody).
 */
public final class ExportToCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0205", "UnknownExportToNamespace", Severity.WARNING, "exportTo names a namespace that does not exist.");

    private static final String ANNOTATION = "networking.istio.io/exportTo";

    /** What is no name of a namespace at all is IST0106's business. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(VIRTUAL_SERVICE, DESTINATION_RULE, SERVICE_ENTRY, SERVICE, NAMESPACE);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Set<String> namespaces = new TreeSet<>();
        configuration.all(NAMESPACE).forEach(namespace -> namespaces.add(namespace.name()));
        boolean canTell = configuration.complete(NAMESPACE) && !namespaces.isEmpty();
        // What lies in a namespace shows that it exists, whether the Namespace was read or not.
        List.of(VIRTUAL_SERVICE, DESTINATION_RULE, SERVICE_ENTRY, SERVICE)
                .forEach(kind ->
                        namespaces.addAll(configuration.byNamespace(kind).keySet()));
        for (ResourceKind kind : List.of(VIRTUAL_SERVICE, DESTINATION_RULE, SERVICE_ENTRY)) {
            for (Resource resource : configuration.all(kind)) {
                for (Field item : Field.spec(resource).at("exportTo").items()) {
                    if (canTell) {
                        check(configuration, resource, item, item.text(), namespaces, report);
                    }
                }
            }
        }
        for (Resource service : configuration.all(SERVICE)) {
            String value = service.annotation(ANNOTATION).orElse("");
            Field field = new Field("metadata.annotations." + ANNOTATION, Json.of(value));
            for (String item : List.of(value.split(","))) {
                if (canTell) {
                    check(configuration, service, field, item.trim(), namespaces, report);
                }
            }
        }
    }

    private static void check(
            Configuration configuration,
            Resource resource,
            Field field,
            String item,
            Set<String> namespaces,
            Consumer<Finding> report) {
        if (!NAME.matcher(item).matches() || namespaces.contains(item) || item.equals(configuration.istioNamespace())) {
            return;
        }
        List<String> near = configuration.near(item, namespaces);
        boolean files = configuration.fromFiles();
        if (files && near.isEmpty()) {
            // Of files that know nothing of it, only a slip is worth a word.
            return;
        }
        report.accept(configuration
                .finding(CODE, resource, field)
                .severity(files ? Severity.INFO : Severity.WARNING)
                .message("exportTo names namespace \"" + item + "\", "
                        + (files
                                ? "which is not in these files: if it does not exist, nobody sees "
                                : "which does not exist, so nobody sees ")
                        + resource + " there." + ReferencedResources.didYouMean(near))
                .remedy((near.isEmpty() ? "Create the namespace or correct the name" : "Write " + near.get(0))
                        + " (kubectl get namespaces): " + ReferencedResources.edit(resource))
                .build());
    }
}
