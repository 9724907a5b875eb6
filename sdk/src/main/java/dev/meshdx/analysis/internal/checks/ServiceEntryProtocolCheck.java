package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.SERVICE_ENTRY;

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
 * ServiceEntries that give one host and port different protocols where both can be seen. Source: istio/istio,
 * {@code serviceentry/conflicting_protocol.go}.
 */
public final class ServiceEntryProtocolCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0177",
            "ConflictingServiceEntryProtocol",
            Severity.WARNING,
            "ServiceEntries give one host and port different protocols.");

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
            for (String host : entry.spec().at("hosts").texts()) {
                for (Field port : Field.spec(entry).at("ports").items()) {
                    long number = port.at("number").value().number(0);
                    scopes.forEach(
                            scope -> ports.computeIfAbsent(new Key(scope, host, number), unused -> new ArrayList<>())
                                    .add(new Port(entry, port)));
                }
            }
        }
        Set<Resource> reported = new HashSet<>();
        ports.forEach((key, own) -> {
            List<Port> all = new ArrayList<>(own);
            if (!key.scope().equals("*")) {
                all.addAll(ports.getOrDefault(new Key("*", key.host(), key.port()), List.of()));
            }
            if (all.stream().map(Port::protocol).distinct().count() > 1) {
                for (Port port : all) {
                    if (reported.add(port.entry())) {
                        report.accept(finding(configuration, key, port, all));
                    }
                }
            }
        });
    }

    private static Set<String> scopes(Configuration configuration, Resource entry) {
        Set<String> scopes = new LinkedHashSet<>();
        for (String item : entry.spec().at("exportTo").texts()) {
            scopes.add(item.equals(".") ? configuration.namespaceOf(entry) : item);
        }
        return scopes.isEmpty() || scopes.contains("*") ? Set.of("*") : scopes;
    }

    private static Finding finding(Configuration configuration, Key key, Port port, List<Port> all) {
        Set<String> names = new TreeSet<>();
        Set<String> protocols = new TreeSet<>();
        for (Port one : all) {
            names.add(configuration.qualifiedName(one.entry()));
            protocols.add(one.protocol().isEmpty() ? "(none)" : one.protocol());
        }
        Finding.Builder finding = configuration
                .finding(CODE, port.entry(), port.field().at("protocol"))
                .message("Host " + key.host() + ", port " + key.port() + " has the protocols "
                        + String.join(", ", protocols) + " in ServiceEntry " + String.join(", ", names)
                        + ": proxies that see them use one for all.");
        all.stream()
                .filter(other -> !other.entry().equals(port.entry()))
                .limit(5)
                .forEach(other -> finding.evidence(
                        other.field().at("protocol").path(),
                        other.entry().toString(),
                        other.field().at("protocol").quoted()));
        return finding.remedy("Agree on one protocol, or limit who sees them with exportTo: "
                        + ReferencedResources.edit(port.entry()))
                .build();
    }
}
