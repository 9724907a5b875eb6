package dev.meshdx.analysis.internal.checks.gateway;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.TlsSecret;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What gateways serve with certificates from Secrets: servers of Istio's Gateways and listeners of the Gateway API's. */
final class GatewayServers {
    /** The kinds that it is made from. */
    static final Set<ResourceKind> INPUTS =
            Set.of(ResourceKind.GATEWAY, ResourceKind.POD, ResourceKind.KUBERNETES_GATEWAY, ResourceKind.GATEWAY_CLASS);

    /** Of Istio's own classes, which it creates; those of others are found by their controller. */
    private static final Set<String> CLASSES = Set.of("istio", "istio-remote", "istio-east-west", "istio-waypoint");

    private static final Set<String> TERMINATING = Set.of("SIMPLE", "MUTUAL", "OPTIONAL_MUTUAL");

    /**
     * A name of a Secret.
     *
     * @param field where it stands
     * @param namespaces where the gateway looks for it: one, but for an Istio Gateway with pods in several
     */
    record Credential(Field field, Set<String> namespaces, String name) {
        /** The Secret; of several the first. */
        Optional<Resource> secret(Configuration configuration) {
            return namespaces.stream()
                    .flatMap(namespace -> configuration.find(ResourceKind.SECRET, namespace, name).stream())
                    .findFirst();
        }

        /** Whether it is known that there is none. */
        boolean isMissing(Configuration configuration) {
            return secret(configuration).isEmpty()
                    && namespaces.stream().allMatch(space -> configuration.knows(ResourceKind.SECRET, space));
        }
    }

    /**
     * One server or listener.
     *
     * @param mode SIMPLE, MUTUAL or OPTIONAL_MUTUAL
     * @param modeField where it says so
     * @param hosts the hosts it is for, each with the field that names it
     */
    record Server(
            Resource gateway,
            Field field,
            String mode,
            Field modeField,
            Map<Field, String> hosts,
            List<Credential> credentials) {
        boolean isKubernetes() {
            return gateway.kind().equals(ResourceKind.KUBERNETES_GATEWAY);
        }
    }

    private final List<Server> servers = new ArrayList<>();

    private GatewayServers(Configuration configuration) {
        for (Resource gateway : configuration.all(ResourceKind.GATEWAY)) {
            Set<String> namespaces = new TreeSet<>();
            List<Resource> pods = configuration.matching(
                    ResourceKind.POD, gateway.spec().at("selector").textMap(), "");
            if (pods.stream().allMatch(pod -> pod.namespace().isEmpty())) {
                // Where the gateway looks for its certificates cannot be told.
                continue;
            }
            pods.forEach(pod -> namespaces.add(configuration.namespaceOf(pod)));
            Field.spec(gateway).at("servers").items().forEach(server -> add(gateway, server, namespaces));
        }
        Map<String, String> controllers = new HashMap<>();
        for (Resource type : configuration.all(ResourceKind.GATEWAY_CLASS)) {
            controllers.put(type.name(), type.spec().at("controllerName").text(""));
        }
        for (Resource gateway : configuration.all(ResourceKind.KUBERNETES_GATEWAY)) {
            String type = gateway.spec().at("gatewayClassName").text("");
            String controller = controllers.getOrDefault(type, CLASSES.contains(type) ? "istio.io/" : "");
            if (controller.startsWith("istio.io/")) {
                String namespace = configuration.namespaceOf(gateway);
                Field.spec(gateway).at("listeners").items().forEach(listener -> add(gateway, listener, namespace));
            }
        }
    }

    static List<Server> of(Configuration configuration) {
        return configuration.shared(GatewayServers.class, INPUTS, GatewayServers::new).servers;
    }

    private void add(Resource gateway, Field server, Set<String> podNamespaces) {
        Field mode = server.at("tls", "mode");
        if (!TERMINATING.contains(mode.text())) {
            return;
        }
        List<Credential> credentials = new ArrayList<>();
        for (Field field : TlsSecret.credentials(server)) {
            int slash = field.text().indexOf('/');
            credentials.add(new Credential(
                    field,
                    slash < 0 ? podNamespaces : Set.of(field.text().substring(0, slash)),
                    field.text().substring(slash + 1)));
        }
        Map<Field, String> hosts = new HashMap<>();
        for (Field host : server.at("hosts").items()) {
            hosts.put(host, host.text().substring(host.text().indexOf('/') + 1));
        }
        servers.add(new Server(gateway, server, mode.text(), mode, hosts, credentials));
    }

    /** Source: Gateway API, {@code GatewayTLSConfig}; Istio, "Kubernetes Gateway API", TLS options. */
    private void add(Resource gateway, Field listener, String namespace) {
        Field tls = listener.at("tls");
        if (!tls.exists() || tls.at("mode").value().text("Terminate").equals("Passthrough")) {
            return;
        }
        List<Credential> credentials = new ArrayList<>();
        for (Field reference : tls.at("certificateRefs").items()) {
            Json value = reference.value();
            if (value.at("group").text("").isEmpty()
                    && value.at("kind").text("Secret").equals("Secret")
                    && !reference.at("name").text().isEmpty()) {
                credentials.add(new Credential(
                        reference.at("name"),
                        Set.of(value.at("namespace").text(namespace)),
                        reference.at("name").text()));
            }
        }
        Field hostname = listener.at("hostname");
        Field mode = tls.at("options").at("gateway.istio.io/tls-terminate-mode");
        servers.add(new Server(
                gateway,
                listener,
                mode.text().isEmpty() ? "SIMPLE" : mode.text(),
                mode,
                hostname.text().isEmpty() ? Map.of() : Map.of(hostname, hostname.text()),
                credentials));
    }
}
