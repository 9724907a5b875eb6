package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.DESTINATION_RULE;
import static dev.meshdx.model.ResourceKind.POD;
import static dev.meshdx.model.ResourceKind.SERVICE;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.DestinationRules;
import dev.meshdx.configuration.internal.ServiceRegistry;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.internal.Hosts;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What DestinationRules that clients follow say of TLS towards the Services that select pods. Rules that nobody follows,
 * because a nearer, a more specific or an older one comes first, or because {@code exportTo} hides them, are left out; so is
 * everything of which rules or pods could not be read. Source: Istio, "Destination Rule": port-level settings replace those
 * of the rule, those of a subset come before both.
 */
final class TlsInForce {
    /**
     * TLS towards one port of a Service.
     *
     * @param client what clients do, and which rule says so where
     * @param host the Service's full host
     * @param namespace the Service's
     * @param port the port, as the Service has it
     * @param labels those of the pods that the rule sends to: the Service's selector, and the subset's labels
     */
    record Setting(
            DestinationRules.ClientTls client, String host, String namespace, Json port, Map<String, String> labels) {
        /** The field of the rule that says so. */
        Field field() {
            Json value = client.rule().raw();
            for (String step : List.of(client.field().split("\\."))) {
                int bracket = step.indexOf('[');
                value = value.at(bracket < 0 ? step : step.substring(0, bracket));
                value = bracket < 0
                        ? value
                        : value.at(Integer.parseInt(step.substring(bracket + 1, step.length() - 1)));
            }
            return new Field(client.field(), value);
        }

        /** Whose clients follow the rule, to begin a sentence with. */
        String clients(Configuration configuration) {
            String own = configuration.namespaceOf(client.rule());
            return own.equals(namespace) || own.equals(configuration.mesh().rootNamespace())
                    ? "Clients"
                    : "Clients in namespace " + own;
        }

        /** What they send. */
        String words() {
            return switch (client.mode()) {
                case DISABLE -> "plain text (mode DISABLE)";
                case SIMPLE -> "TLS without a client certificate (mode SIMPLE)";
                case ISTIO_MUTUAL -> "mutual TLS (mode ISTIO_MUTUAL)";
                default -> "TLS of mode " + client.mode();
            };
        }
    }

    private record Client(String namespace, Map<String, String> labels, String host) {}

    private final Configuration configuration;
    private final DestinationRules rules;

    /** What clients follow: asked again by every wildcard rule that covers the host. */
    private final Map<Client, Optional<DestinationRules.Merged>> known = new HashMap<>();

    private final Map<String, Resource> services = new LinkedHashMap<>();
    private final Map<String, Map<String, Resource>> servicesByNamespace = new HashMap<>();
    private final List<List<Setting>> settings = new ArrayList<>();

    /** Of a configuration. */
    static TlsInForce of(Configuration configuration) {
        return configuration.shared(TlsInForce.class, Set.of(DESTINATION_RULE, SERVICE, POD), TlsInForce::new);
    }

    private TlsInForce(Configuration configuration) {
        this.configuration = configuration;
        this.rules = DestinationRules.of(configuration);
        for (Resource service : configuration.all(SERVICE)) {
            String namespace = configuration.namespaceOf(service);
            String host = Hosts.ofService(service.name(), namespace);
            services.put(host, service);
            servicesByNamespace
                    .computeIfAbsent(namespace, any -> new LinkedHashMap<>())
                    .put(host, service);
        }
        configuration.all(DESTINATION_RULE).forEach(this::read);
    }

    /** What rules say, in lists of what one rule says of one Service. */
    List<List<Setting>> settings() {
        return Collections.unmodifiableList(settings);
    }

    private void read(Resource rule) {
        if (!setsTls(rule.spec())) {
            return;
        }
        String host = Hosts.qualify(rule.spec().at("host").text(""), configuration.namespaceOf(rule));
        if (host.startsWith("*")) {
            // *.payments.svc.cluster.local covers services of one namespace.
            ServiceRegistry.namespaceOf(host)
                    .map(namespace -> servicesByNamespace.getOrDefault(namespace, Map.of()))
                    .orElse(services)
                    .forEach((name, service) -> {
                        if (Hosts.covers(host, name)) {
                            read(rule, name, service);
                        }
                    });
        } else {
            Resource service = services.get(host);
            if (service != null) {
                read(rule, host, service);
            }
        }
    }

    private static boolean setsTls(Json spec) {
        return hasTls(spec.at("trafficPolicy"))
                || spec.at("subsets").items().stream().anyMatch(subset -> hasTls(subset.at("trafficPolicy")));
    }

    private static boolean hasTls(Json policy) {
        return policy.at("tls").exists()
                || policy.at("portLevelSettings").items().stream()
                        .anyMatch(port -> port.at("tls").exists());
    }

    private void read(Resource rule, String host, Resource service) {
        Map<String, String> selector = service.spec().at("selector").textMap();
        String namespace = configuration.namespaceOf(service);
        // A rule that could not be read might be the one that settles it.
        if (selector.isEmpty()
                || !configuration.complete(DESTINATION_RULE, namespace)
                || !configuration.complete(POD, namespace)) {
            return;
        }
        Optional<DestinationRules.Merged> followed = followed(rule, host, namespace);
        if (followed.isEmpty()) {
            return;
        }
        List<String> subsets = new ArrayList<>(List.of(""));
        subsets.addAll(followed.get().subsetsWithTls());
        List<Setting> found = new ArrayList<>();
        for (Json port : service.spec().at("ports").items()) {
            if (port.at("protocol").text("TCP").equals("UDP")) {
                continue;
            }
            for (String subset : subsets) {
                Map<String, String> labels = new HashMap<>(selector);
                labels.putAll(followed.get().labels(subset));
                followed.get()
                        .tls((int) port.at("port").number(0), subset)
                        .filter(tls -> tls.rule().equals(rule))
                        .filter(tls -> subset.isEmpty() || tls.field().startsWith("spec.subsets"))
                        .ifPresent(tls -> found.add(new Setting(tls, host, namespace, port, Map.copyOf(labels))));
            }
        }
        if (!found.isEmpty()) {
            settings.add(found);
        }
    }

    /** The rules that the rule's own clients follow; empty where none of them follows this one. */
    private Optional<DestinationRules.Merged> followed(Resource rule, String host, String owner) {
        String own = configuration.namespaceOf(rule);
        Map<String, String> labels =
                rule.spec().at("workloadSelector", "matchLabels").textMap();
        for (String client : clients(rule, own)) {
            Optional<DestinationRules.Merged> merged = known.computeIfAbsent(
                            new Client(client, labels, host), any -> rules.of(client, labels, host, owner))
                    .filter(found -> found.rules().contains(rule));
            if (merged.isPresent()) {
                return merged;
            }
        }
        return Optional.empty();
    }

    /** Namespaces whose clients stand for all that may follow a rule. */
    private List<String> clients(Resource rule, String own) {
        List<String> exportTo = rule.spec().at("exportTo").texts();
        List<String> clients = new ArrayList<>();
        for (String item : exportTo.isEmpty() ? configuration.mesh().destinationRuleExportTo() : exportTo) {
            if (!item.equals("*")) {
                clients.add(item.equals(".") ? own : item);
            }
        }
        if (clients.isEmpty()) {
            // The root namespace's rules are for clients of namespaces that have none.
            clients.add(own.equals(configuration.mesh().rootNamespace()) ? "" : own);
        }
        return clients;
    }
}
