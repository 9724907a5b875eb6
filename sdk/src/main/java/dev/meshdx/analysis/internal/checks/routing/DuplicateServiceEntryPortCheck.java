package dev.meshdx.analysis.internal.checks.routing;

import static dev.meshdx.model.ResourceKind.SERVICE_ENTRY;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
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
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Several ServiceEntries with the same host and port where both can be seen, the protocols agreeing (IST0177 is for those that
 * do not). A client takes one service a host: its own namespace's, else the oldest; endpoints of entries of one namespace are added
 * up. Source: istio/istio, {@code pilot/pkg/serviceregistry/serviceentry/controller.go} (instances by host and namespace),
 * {@code pilot/pkg/model/push_context.go} ({@code initServiceRegistry}, sorted by age) and {@code sidecar.go}
 * ({@code serviceSelector}); Kiali, KIA1211.
 */
public final class DuplicateServiceEntryPortCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0232",
            "DuplicateServiceEntryPort",
            Severity.WARNING,
            "Several ServiceEntries define the same host and port.");

    private static final int SHOWN = 5;

    private static final List<String> ENDPOINTS = List.of("endpoints", "workloadSelector", "addresses");

    private record Key(String scope, String host, long port) {}

    private record Port(Resource entry, Field field) {
        String protocol() {
            return field.at("protocol").text().toUpperCase(Locale.ROOT);
        }
    }

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(SERVICE_ENTRY);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Map<Key, List<Port>> ports = new LinkedHashMap<>();
        for (Resource entry : configuration.all(SERVICE_ENTRY)) {
            Set<String> scopes = scopes(configuration, entry);
            for (String host : new LinkedHashSet<>(entry.spec().at("hosts").texts())) {
                Set<Long> own = new HashSet<>();
                for (Field port : Field.spec(entry).at("ports").items()) {
                    long number = port.at("number").value().number(0);
                    if (own.add(number)) {
                        scopes.forEach(scope -> ports.computeIfAbsent(
                                        new Key(scope, host.toLowerCase(Locale.ROOT), number),
                                        unused -> new ArrayList<>())
                                .add(new Port(entry, port)));
                    }
                }
            }
        }
        Set<Resource> reported = new HashSet<>();
        ports.forEach((key, own) -> {
            List<Port> everybodys = key.scope().equals("*")
                    ? List.of()
                    : ports.getOrDefault(new Key("*", key.host(), key.port()), List.of());
            if (own.size() + everybodys.size() < 2) {
                return;
            }
            Set<String> protocols = new TreeSet<>();
            own.forEach(port -> protocols.add(port.protocol()));
            everybodys.stream().limit(SHOWN).forEach(port -> protocols.add(port.protocol()));
            if (protocols.size() > 1) {
                return;
            }
            List<Port> shown = new ArrayList<>(own.subList(0, Math.min(own.size(), SHOWN + 1)));
            everybodys.stream().limit(SHOWN + 1).forEach(shown::add);
            List<Port> all = new ArrayList<>(own);
            everybodys.stream().limit(SHOWN).forEach(all::add);
            for (Port port : all) {
                if (reported.add(port.entry())) {
                    report.accept(finding(configuration, key, port, shown, own.size() + everybodys.size()));
                }
            }
        });
    }

    /** Who sees an entry. Source: Istio, "Service Entry", field exportTo. */
    private static Set<String> scopes(Configuration configuration, Resource entry) {
        List<String> written = entry.spec().at("exportTo").texts();
        Set<String> scopes = new LinkedHashSet<>();
        for (String item : written.isEmpty() ? configuration.mesh().serviceExportTo() : written) {
            scopes.add(item.equals(".") ? configuration.namespaceOf(entry) : item);
        }
        scopes.remove("~");
        return (scopes.isEmpty() && !written.contains("~")) || scopes.contains("*") ? Set.of("*") : scopes;
    }

    private static Finding finding(Configuration configuration, Key key, Port port, List<Port> shown, int count) {
        List<Port> others = shown.stream()
                .filter(other -> !other.entry().equals(port.entry()))
                .limit(SHOWN)
                .toList();
        Set<String> names = new TreeSet<>();
        others.forEach(other -> names.add(configuration.qualifiedName(other.entry())));
        Resource entry = port.entry();
        String namespace = configuration.namespaceOf(entry);
        boolean near = others.stream()
                .allMatch(other -> configuration.namespaceOf(other.entry()).equals(namespace));
        boolean alike =
                others.stream().allMatch(other -> describe(other.entry()).equals(describe(entry)));
        boolean equal = alike
                && others.stream()
                        .allMatch(other -> ENDPOINTS.stream()
                                .allMatch(field -> other.entry()
                                        .spec()
                                        .at(field)
                                        .equals(entry.spec().at(field))));
        String effect = equal
                ? " They say the same: one would do."
                : near
                        ? " In one namespace their endpoints are added up, and the rest is that of the oldest."
                        : " They differ in resolution, location or endpoints: clients follow that of their own"
                                + " namespace, else the oldest.";
        Finding.Builder finding = configuration
                .finding(CODE, entry, port.field().at("number"))
                // Endpoints spread over several entries are a way to write them down; entries that say the same do no
                // harm.
                .severity(equal || (near && alike) ? Severity.INFO : Severity.WARNING)
                .message("Host " + key.host() + ", port " + key.port() + " is defined by "
                        + (count - 1 > names.size() ? (count - 1) + " other ServiceEntries too, among them " : "")
                        + String.join(", ", names) + (count - 1 > names.size() ? "." : " too.")
                        + (key.scope().equals("*") ? "" : " In namespace " + key.scope() + " both can be seen.")
                        + effect)
                .evidence("spec.resolution, spec.location", entry.toString(), describe(entry));
        for (Port other : others) {
            finding.evidence(
                    other.field().at("number").path(),
                    other.entry().toString(),
                    other.field().at("number").quoted() + " (" + describe(other.entry()) + ")");
        }
        return finding.remedy("Keep one of them, or limit who sees them with exportTo: "
                        + ReferencedResources.edit(port.entry()))
                .build();
    }

    private static String describe(Resource entry) {
        return entry.spec().at("resolution").text("NONE") + ", "
                + entry.spec().at("location").text("MESH_EXTERNAL");
    }
}
