package dev.meshdx.analysis.internal.checks.gateway;

import static dev.meshdx.model.ResourceKind.KUBERNETES_GATEWAY;

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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Listeners of Gateways that cannot be told apart: within one Gateway (MDX0241), and in two Gateways that share a workload
 * (MDX0239) or an address (MDX0240). Sources: Gateway API, "Gateway", field listeners ("The combination of port, protocol,
 * and hostname must be unique"); Istio, "Kubernetes Gateway API" (manual deployment: an address of type Hostname names the
 * Service of an existing gateway; otherwise each Gateway gets a Deployment and a Service of its own); Kiali, KIA1501, KIA1502,
 * KIA1503.
 */
public final class ListenerConflictCheck implements ConfigurationCheck {
    static final FindingCode SHARED_WORKLOAD = new FindingCode(
            "MDX0239",
            "GatewaysShareListener",
            Severity.WARNING,
            "Two Gateways on one workload have the same listener.");

    static final FindingCode SHARED_ADDRESS = new FindingCode(
            "MDX0240", "GatewaysShareAddress", Severity.WARNING, "Two Gateways ask for the same address.");

    static final FindingCode DUPLICATE = new FindingCode(
            "MDX0241",
            "DuplicateListener",
            Severity.ERROR,
            "Two listeners of a Gateway have the same port, protocol and hostname.");

    private record Listener(String hostname, long port, String protocol) {
        static Listener of(Field field) {
            return new Listener(
                    field.at("hostname").text().toLowerCase(Locale.ROOT),
                    field.at("port").value().number(0),
                    field.at("protocol").text());
        }

        @Override
        public String toString() {
            return protocol + " on port " + port + " for " + (hostname.isEmpty() ? "every host" : hostname);
        }
    }

    private record Place(String service, Listener listener) {}

    private record Claim(Resource gateway, Field field) {}

    @Override
    public List<FindingCode> codes() {
        return List.of(SHARED_WORKLOAD, SHARED_ADDRESS, DUPLICATE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(KUBERNETES_GATEWAY);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Map<String, List<Claim>> addresses = new LinkedHashMap<>();
        Map<Place, List<Claim>> places = new LinkedHashMap<>();
        for (Resource gateway : configuration.all(KUBERNETES_GATEWAY)) {
            List<String> services = new ArrayList<>();
            for (Field address : Field.spec(gateway).at("addresses").items()) {
                String value = address.at("value").text();
                String type = address.at("type").text();
                if (value.isEmpty()) {
                    continue;
                }
                if (type.equals("Hostname")) {
                    services.add(service(configuration.namespaceOf(gateway), value));
                } else if (type.isEmpty() || type.equals("IPAddress")) {
                    addresses
                            .computeIfAbsent(value, unused -> new ArrayList<>())
                            .add(new Claim(gateway, address.at("value")));
                }
            }
            listeners(configuration, gateway, services, places, report);
        }
        addresses.forEach((address, claims) -> shared(
                claims,
                claim -> report.accept(configuration
                        .finding(SHARED_ADDRESS, claim.gateway(), claim.field())
                        .message(
                                "The address " + address + " is asked for by " + others(configuration, claim, claims)
                                        + " too. Each Gateway gets a Service of its own, and usually one of them only gets the address.")
                        .evidence(
                                other(claim, claims).field().path(),
                                other(claim, claims).gateway().toString(),
                                address)
                        .remedy("Give one of them another address, or join their listeners in one Gateway: "
                                + ReferencedResources.edit(claim.gateway()))
                        .build())));
        places.forEach((place, claims) -> shared(claims, claim -> {
            boolean tls = !place.listener().protocol().equals("HTTP");
            report.accept(configuration
                    .finding(SHARED_WORKLOAD, claim.gateway(), claim.field().at("name"))
                    .severity(tls ? Severity.WARNING : Severity.INFO)
                    .message("The listener (" + place.listener() + ") is one of " + others(configuration, claim, claims)
                            + " too, and both Gateways run on " + place.service() + ". "
                            + (tls
                                    ? "One of the two is left out."
                                    : "Their routes are merged; no other listener tells them apart."))
                    .evidence(
                            other(claim, claims).field().path(),
                            other(claim, claims).gateway().toString(),
                            other(claim, claims).field().quoted())
                    .remedy("Keep the listener in one Gateway and let the routes name that one, or tell them apart by"
                            + " hostname: " + ReferencedResources.edit(claim.gateway()))
                    .build());
        }));
    }

    private static String service(String namespace, String value) {
        return value.contains(".") ? value : value + "." + namespace + ".svc.cluster.local";
    }

    private static void listeners(
            Configuration configuration,
            Resource gateway,
            List<String> services,
            Map<Place, List<Claim>> places,
            Consumer<Finding> report) {
        Map<Listener, Field> seen = new HashMap<>();
        for (Field field : Field.spec(gateway).at("listeners").items()) {
            Listener listener = Listener.of(field);
            if (listener.port() <= 0 || listener.protocol().isEmpty()) {
                continue;
            }
            Field first = seen.putIfAbsent(listener, field);
            if (first == null) {
                services.forEach(
                        service -> places.computeIfAbsent(new Place(service, listener), unused -> new ArrayList<>())
                                .add(new Claim(gateway, field)));
                continue;
            }
            report.accept(configuration
                    .finding(DUPLICATE, gateway, field.at("name"))
                    .message(
                            "The listener \"" + field.at("name").text() + "\" (" + listener + ") cannot be told from \""
                                    + first.at("name").text()
                                    + "\": the combination of port, protocol and hostname must be unique.")
                    .evidence(first.path(), gateway.toString(), first.quoted())
                    .remedy("Remove one of the two, or give it another hostname or port: "
                            + ReferencedResources.edit(gateway))
                    .build());
        }
    }

    private static void shared(List<Claim> claims, Consumer<Claim> each) {
        if (claims.stream().map(Claim::gateway).distinct().limit(2).count() > 1) {
            claims.forEach(each);
        }
    }

    private static Claim other(Claim claim, List<Claim> claims) {
        return claims.stream()
                .filter(one -> !one.gateway().equals(claim.gateway()))
                .findFirst()
                .orElse(claim);
    }

    private static String others(Configuration configuration, Claim claim, List<Claim> claims) {
        return "Gateway " + configuration.qualifiedName(other(claim, claims).gateway())
                + (claims.size() > 2 ? " and " + (claims.size() - 2) + " more" : "");
    }
}
