package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.ENVOY_FILTER;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Patches whose operation does nothing for what they apply to, or depends on what else is in the proxy's configuration.
 * Source: istio/istio, {@code envoyfilter/envoyfilter.go}; Istio, "Envoy Filter", operations.
 */
public final class EnvoyFilterPatchCheck implements ConfigurationCheck {
    static final FindingCode RELATIVE = new FindingCode(
            "IST0151",
            "EnvoyFilterUsesRelativeOperation",
            Severity.WARNING,
            "A patch without priority depends on what is already in the proxy's configuration.");

    static final FindingCode REPLACE = new FindingCode(
            "IST0152",
            "EnvoyFilterUsesReplaceOperationIncorrectly",
            Severity.ERROR,
            "REPLACE does nothing for what the patch applies to.");

    static final FindingCode ADD = new FindingCode(
            "IST0153",
            "EnvoyFilterUsesAddOperationIncorrectly",
            Severity.ERROR,
            "ADD does nothing for what the patch applies to.");

    static final FindingCode REMOVE = new FindingCode(
            "IST0154",
            "EnvoyFilterUsesRemoveOperationIncorrectly",
            Severity.ERROR,
            "REMOVE does nothing for what the patch applies to.");

    static final FindingCode RELATIVE_WITH_VERSION = new FindingCode(
            "IST0155",
            "EnvoyFilterUsesRelativeOperationWithProxyVersion",
            Severity.WARNING,
            "A patch without priority depends on another one that holds for some proxy versions only.");

    private static final Set<String> CANNOT_ADD_OR_REMOVE = Set.of("ROUTE_CONFIGURATION", "HTTP_ROUTE");
    private static final Set<String> CAN_REPLACE = Set.of("NETWORK_FILTER", "HTTP_FILTER", "VIRTUAL_HOST");

    @Override
    public List<FindingCode> codes() {
        return List.of(RELATIVE, REPLACE, ADD, REMOVE, RELATIVE_WITH_VERSION);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(ENVOY_FILTER);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        // Across all EnvoyFilters, as upstream does.
        Set<String> versioned = new HashSet<>();
        for (Resource filter : configuration.all(ENVOY_FILTER)) {
            Map<FindingCode, List<Field>> found = new TreeMap<>();
            for (Field item : Field.spec(filter).at("configPatches").items()) {
                if (!item.at("patch").exists()) {
                    break;
                }
                String name = name(item);
                FindingCode code = judge(item, filter.spec().at("priority").number(0) == 0, versioned.contains(name));
                if (code != null) {
                    found.computeIfAbsent(code, unused -> new ArrayList<>()).add(item);
                }
                if (!item.at("match", "proxy", "proxyVersion").text().isEmpty()) {
                    versioned.add(name);
                }
            }
            found.forEach((code, items) -> report.accept(finding(filter, code, items)));
        }
    }

    private static @Nullable FindingCode judge(Field item, boolean noPriority, boolean versioned) {
        String applyTo = item.at("applyTo").text();
        FindingCode relative = !noPriority ? null : versioned ? RELATIVE_WITH_VERSION : RELATIVE;
        return switch (item.at("patch", "operation").text()) {
            case "ADD" -> CANNOT_ADD_OR_REMOVE.contains(applyTo) ? ADD : null;
            case "REMOVE" -> CANNOT_ADD_OR_REMOVE.contains(applyTo) ? REMOVE : relative;
            case "REPLACE" -> CAN_REPLACE.contains(applyTo) ? relative : REPLACE;
            case "INSERT_BEFORE", "INSERT_AFTER" -> relative;
            default -> null;
        };
    }

    /** What a patch is about; names of what it adds and of what it looks for are told apart. */
    private static String name(Field item) {
        Field value = item.at("patch", "value");
        if (value.value().size() == 0) {
            return "";
        }
        if (value.value().names().contains("name")) {
            return "value " + value.at("name").value();
        }
        return item.at("match", "listener", "filterChain", "filter", "name").text();
    }

    /** One for a code and an EnvoyFilter: how many of its patches are alike does not matter. */
    private static Finding finding(Resource filter, FindingCode code, List<Field> items) {
        Finding.Builder finding = Finding.of(code, filter);
        for (Field item : items) {
            finding.evidence(
                    item.at("patch", "operation").path(),
                    filter.toString(),
                    item.at("patch", "operation").text() + " with applyTo "
                            + item.at("applyTo").quoted());
        }
        List<String> kinds =
                items.stream().map(item -> item.at("applyTo").text()).distinct().toList();
        String applyTo = String.join(", ", kinds);
        String edit = ReferencedResources.edit(filter);
        if (code.equals(ADD) || code.equals(REMOVE)) {
            return finding.message("The operation " + (code.equals(ADD) ? "ADD" : "REMOVE") + " is ignored for applyTo "
                            + applyTo + ": the patch does nothing.")
                    .remedy((code.equals(ADD)
                                    ? "Use INSERT_FIRST for a route"
                                    : "Take the route out of its VirtualService")
                            + ", or apply the patch to VIRTUAL_HOST: " + edit)
                    .build();
        }
        if (code.equals(REPLACE)) {
            return finding.message("The operation REPLACE is ignored for applyTo " + applyTo
                            + ": only NETWORK_FILTER, HTTP_FILTER and VIRTUAL_HOST can be replaced.")
                    .remedy("Use MERGE, or REMOVE and ADD: " + edit)
                    .build();
        }
        String operations = String.join(
                ", ",
                items.stream()
                        .map(item -> item.at("patch", "operation").text())
                        .distinct()
                        .toList());
        if (code.equals(RELATIVE_WITH_VERSION)) {
            return finding.message("The operation " + operations
                            + " refers to what an earlier patch puts in for some proxy versions only (proxyVersion):"
                            + " after an upgrade of the proxies it may find nothing, and is dropped without a word.")
                    .remedy("Use INSERT_FIRST or MERGE, or set spec.priority, and widen proxyVersion: " + edit)
                    .build();
        }
        return finding.message("The operation " + operations
                        + " refers to what is already in the proxy's configuration, and the EnvoyFilter has no priority:"
                        + " whether it finds that depends on the order in which EnvoyFilters were created, and on the"
                        + " version of Istio.")
                .remedy("Use INSERT_FIRST or ADD, or set spec.priority so that the order is fixed: " + edit)
                .build();
    }
}
