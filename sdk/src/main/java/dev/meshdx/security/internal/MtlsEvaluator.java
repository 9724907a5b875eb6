package dev.meshdx.security.internal;

import dev.meshdx.configuration.ClientTlsMode;
import dev.meshdx.configuration.MtlsMode;
import dev.meshdx.configuration.internal.DestinationRules;
import dev.meshdx.configuration.internal.PeerAuthentications;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import dev.meshdx.model.internal.Hosts;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.model.internal.Selectors;
import dev.meshdx.security.ClientMtls;
import dev.meshdx.security.MtlsRow;
import dev.meshdx.security.MtlsVerdict;
import dev.meshdx.security.ServerMtls;
import dev.meshdx.security.ServerPort;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Puts both sides together: what each client does to each port of each service, what the pods behind it accept, and whether
 * that fits. Pure. Source: Istio, "Understanding TLS Configuration" and "Authentication policy", and istiod's
 * {@code pilot/pkg/networking/core/cluster_tls.go} for what auto mTLS does.
 */
final class MtlsEvaluator {
    /** Written into a pod at injection; istiod sends mutual TLS to those pods only. */
    private static final String TLS_LABEL = "security.istio.io/tlsMode";

    /** Where inbound traffic is redirected to. Source: Istio, "Application requirements", ports. */
    private static final int INBOUND_PORT = 15006;

    private final Scope scope;
    private final MeshSettings settings;
    private final List<Resource> pods;
    private final List<Resource> services;
    private final @Nullable PeerAuthentications policies;
    private final @Nullable DestinationRules rules;
    private final Map<ResourceRef, ProxyTls> proxies;
    private final Map<List<Object>, Profile> profiles = new HashMap<>();
    private final Map<String, List<Map<String, String>>> selectors = new HashMap<>();

    /**
     * What is looked at.
     *
     * @param policies null where they could not be read
     * @param rules null where they could not be read
     * @param proxies those that could be asked
     */
    MtlsEvaluator(
            Scope scope,
            MeshSettings settings,
            List<Resource> pods,
            List<Resource> services,
            @Nullable PeerAuthentications policies,
            @Nullable DestinationRules rules,
            Map<ResourceRef, ProxyTls> proxies) {
        this.scope = scope;
        this.settings = settings;
        this.pods = pods.stream()
                .filter(Pods::isRunning)
                .sorted(Comparator.comparing(Resource::ref))
                .toList();
        this.services =
                services.stream().sorted(Comparator.comparing(Resource::ref)).toList();
        this.policies = policies;
        this.rules = rules;
        this.proxies = proxies;
    }

    /** One pod behind a port. */
    private record Server(Resource pod, String address, ServerMtls mtls, boolean labelled) {}

    /** Pods behind a port that behave alike. */
    private static final class ServerGroup {
        private final List<Server> members = new ArrayList<>();
        private @Nullable ResourceRef confirmedAt;

        ServerMtls mtls() {
            ServerMtls mtls = members.get(0).mtls;
            return confirmedAt != null && mtls.actual().isEmpty()
                    ? mtls.withActual(mtls.configured(), confirmedAt)
                    : mtls;
        }

        List<ResourceRef> refs() {
            return members.stream().map(server -> server.pod.ref()).toList();
        }
    }

    /** A pod as a client. */
    private record Client(
            Resource pod,
            ResourceRef ref,
            Profile profile,
            boolean envoy,
            @Nullable ProxyTls proxy) {}

    /** Clients for which the rules say the same. One instance for each, so that identity tells them apart. */
    private static final class Profile {
        private final Resource client;

        Profile(Resource client) {
            this.client = client;
        }
    }

    /** What clients of one profile do to one subset, by the rules. */
    private static final class Side {
        private final String cluster;
        private final ClientMtls configured;
        private final List<ServerGroup> groups;
        private final Map<RowKey, Clients> rows;
        private final List<List<String>> plain = new ArrayList<>();
        private final List<Clients> clients = new ArrayList<>();

        Side(String cluster, ClientMtls configured, List<ServerGroup> groups, Map<RowKey, Clients> rows) {
            this.cluster = cluster;
            this.configured = configured;
            this.groups = groups;
            this.rows = rows;
        }
    }

    private record SubsetKey(String subset, Map<String, String> labels) {}

    private record RowKey(int server, ClientMtls client, MtlsVerdict verdict, String because) {}

    private static final class Clients {
        private final List<ResourceRef> pods = new ArrayList<>();
        private @Nullable ResourceRef confirmedAt;
    }

    List<MtlsRow> rows() {
        List<MtlsRow> rows = new ArrayList<>();
        Map<String, List<Resource>> podsByNamespace = new HashMap<>();
        pods.forEach(pod -> podsByNamespace
                .computeIfAbsent(pod.namespace(), any -> new ArrayList<>())
                .add(pod));
        List<Client> all = pods.stream().map(this::client).toList();
        List<Client> everyone = all.stream().filter(Client::envoy).toList();
        List<Client> inScope = all.stream()
                .filter(client -> scope.isPod()
                        ? isScopePod(client.pod)
                        : client.envoy && scope.includesNamespace(client.pod.namespace()))
                .toList();
        for (Resource service : services) {
            Map<String, String> selector = service.spec().at("selector").textMap();
            if (selector.isEmpty() || service.spec().at("type").text("").equals("ExternalName")) {
                continue;
            }
            List<Resource> backends = podsByNamespace.getOrDefault(service.namespace(), List.of()).stream()
                    .filter(pod -> Selectors.matchesMap(selector, pod.labels()))
                    .toList();
            boolean own = scope.isPod()
                    ? backends.stream().anyMatch(this::isScopePod)
                    : scope.includesNamespace(service.namespace());
            List<Client> clients = own ? everyone : inScope;
            List<String> exportTo = exportTo(service);
            if (!exportTo.isEmpty()) {
                clients = clients.stream()
                        .filter(client ->
                                DestinationRules.visible(exportTo, service.namespace(), client.pod.namespace()))
                        .toList();
            }
            if (backends.isEmpty() || clients.isEmpty()) {
                continue;
            }
            // Of services elsewhere a namespace wants to know only what fails.
            boolean conflictsOnly = !own && !scope.isPod();
            for (Json port : service.spec().at("ports").items()) {
                if (port.at("protocol").text("TCP").equals("TCP")) {
                    port(service, port, backends, clients, conflictsOnly, rows);
                }
            }
        }
        return rows;
    }

    /** What the ports of the sidecars in scope accept. */
    List<ServerPort> servers() {
        List<ServerPort> found = new ArrayList<>();
        Map<String, List<Resource>> servicesOf = new HashMap<>();
        services.forEach(service -> servicesOf
                .computeIfAbsent(service.namespace(), any -> new ArrayList<>())
                .add(service));
        for (Resource pod : pods) {
            if (!Pods.isSidecar(pod) || !(scope.isPod() ? isScopePod(pod) : scope.includesNamespace(pod.namespace()))) {
                continue;
            }
            TreeSet<Integer> ports = new TreeSet<>();
            for (Json container : Pods.containers(pod)) {
                if (!container.at("name").text("").equals(Pods.PROXY_CONTAINER)) {
                    container
                            .at("ports")
                            .items()
                            .forEach(port ->
                                    ports.add((int) port.at("containerPort").number(0)));
                }
            }
            for (Resource service : servicesOf.getOrDefault(pod.namespace(), List.of())) {
                Map<String, String> selector = service.spec().at("selector").textMap();
                if (!selector.isEmpty() && Selectors.matchesMap(selector, pod.labels())) {
                    service.spec().at("ports").items().forEach(port -> ports.add(targetPort(port, pod)));
                }
            }
            ProxyTls proxy = proxies.get(pod.ref());
            if (proxy != null) {
                ports.addAll(proxy.inbound().keySet());
            }
            ports.removeAll(List.of(0, INBOUND_PORT));
            ports.forEach(port -> found.add(new ServerPort(pod.ref(), port, serverMtls(pod, port))));
        }
        return found;
    }

    private boolean isScopePod(Resource pod) {
        return pod.name().equals(scope.pod()) && pod.namespace().equals(scope.namespace());
    }

    /** Source: Istio, annotation {@code networking.istio.io/exportTo}. */
    private static List<String> exportTo(Resource service) {
        return service.annotation("networking.istio.io/exportTo")
                .map(text -> Arrays.stream(text.split(",")).map(String::trim).toList())
                .orElse(List.of());
    }

    private void port(
            Resource service,
            Json port,
            List<Resource> backends,
            List<Client> clients,
            boolean conflictsOnly,
            List<MtlsRow> rows) {
        String host = Hosts.ofService(service.name(), service.namespace());
        int number = (int) port.at("port").number(0);
        List<Server> servers =
                backends.stream().map(pod -> server(pod, targetPort(port, pod))).toList();
        boolean headless = service.spec().at("clusterIP").text("").equals("None");
        boolean headlessPlain = headless && servers.stream().anyMatch(server -> !server.labelled);
        Map<SubsetKey, List<ServerGroup>> groupsBySubset = new HashMap<>();
        Map<SubsetKey, Map<RowKey, Clients>> found = new LinkedHashMap<>();
        String wholeService = ProxyTls.clusterName(host, number, "");
        Map<Profile, List<Side>> sidesOf = new HashMap<>();
        for (Client client : clients) {
            ProxyTls proxy = client.proxy;
            if (proxy != null
                    && !proxy.clusters().isEmpty()
                    && !proxy.clusters().containsKey(wholeService)) {
                // The client has no such cluster: it cannot call the service through the mesh.
                continue;
            }
            List<Side> sides = sidesOf.computeIfAbsent(client.profile, profile -> {
                List<Side> made = new ArrayList<>();
                Optional<DestinationRules.Merged> rule = rule(profile.client, host, service.namespace());
                TreeSet<String> subsets = new TreeSet<>(
                        rule.map(DestinationRules.Merged::subsetsWithTls).orElse(List.of()));
                subsets.add("");
                for (String subset : subsets) {
                    // Rules of different namespaces may give the same name to different pods.
                    SubsetKey key = new SubsetKey(
                            subset, rule.map(its -> its.labels(subset)).orElse(Map.of()));
                    List<ServerGroup> groups = groupsBySubset.computeIfAbsent(
                            key,
                            any -> groups(servers.stream()
                                    .filter(server -> Selectors.matchesMap(key.labels, server.pod.labels()))
                                    .toList()));
                    ClientMtls configured =
                            configured(profile.client, rule, service.namespace(), number, subset, headlessPlain);
                    Side side = new Side(
                            ProxyTls.clusterName(host, number, subset),
                            configured,
                            groups,
                            found.computeIfAbsent(key, any -> new LinkedHashMap<>()));
                    for (int i = 0; i < groups.size(); i++) {
                        List<String> plain = plainEndpoints(groups.get(i), Map.of());
                        Outcome outcome = outcome(configured, groups.get(i), plain, port);
                        side.plain.add(plain);
                        side.clients.add(side.rows.computeIfAbsent(
                                new RowKey(i, configured, outcome.verdict, outcome.because), any -> new Clients()));
                    }
                    made.add(side);
                }
                return made;
            });
            for (Side side : sides) {
                add(client.ref, side, proxy, port);
            }
        }
        found.forEach((of, bySides) -> bySides.forEach((key, who) -> {
            if (who.pods.isEmpty()) {
                return;
            }
            if (conflictsOnly && key.verdict != MtlsVerdict.CONFLICT) {
                return;
            }
            ServerGroup group = groupsBySubset.getOrDefault(of, List.of()).get(key.server);
            ClientMtls client = who.confirmedAt == null
                    ? key.client
                    : key.client.withActual(key.client.configured(), null, who.confirmedAt);
            rows.add(MtlsRow.of(
                    host, number, of.subset, group.mtls(), group.refs(), client, who.pods, key.verdict, key.because));
        }));
    }

    /** Adds a client to the row where it belongs: mostly that of its profile, another where its proxy has something else. */
    private void add(ResourceRef client, Side side, @Nullable ProxyTls proxy, Json port) {
        ClientMtls mtls = actual(side.configured, client, proxy, side.cluster);
        boolean confirmed = mtls.actual().isPresent() && mtls.mode() == side.configured.configured();
        Map<String, Boolean> endpoints =
                proxy == null ? Map.of() : proxy.endpoints().getOrDefault(side.cluster, Map.of());
        for (int i = 0; i < side.groups.size(); i++) {
            ServerGroup group = side.groups.get(i);
            Clients same = side.clients.get(i);
            if (mtls.actual().isPresent()) {
                List<String> plain =
                        mtls.mode() == ClientTlsMode.AUTO ? plainEndpoints(group, endpoints) : side.plain.get(i);
                if (!confirmed || !plain.equals(side.plain.get(i))) {
                    Outcome outcome = outcome(mtls, group, plain, port);
                    same = side.rows.computeIfAbsent(
                            new RowKey(i, confirmed ? side.configured : mtls, outcome.verdict, outcome.because),
                            any -> new Clients());
                }
            }
            same.pods.add(client);
            if (confirmed && same.confirmedAt == null) {
                same.confirmedAt = client;
            }
        }
    }

    private static int targetPort(Json port, Resource pod) {
        Json target = port.at("targetPort");
        if (!target.exists()) {
            return (int) port.at("port").number(0);
        }
        if (target.number(-1) >= 0) {
            return (int) target.number(0);
        }
        for (Json container : Pods.containers(pod)) {
            for (Json declared : container.at("ports").items()) {
                if (declared.at("name").text("").equals(target.text(""))) {
                    return (int) declared.at("containerPort").number(0);
                }
            }
        }
        return 0;
    }

    /** What a port of a pod accepts. */
    private Server server(Resource pod, int port) {
        boolean labelled = pod.label(TLS_LABEL).orElse("").equals("istio");
        return new Server(pod, Pods.ip(pod) + ":" + port, serverMtls(pod, port), labelled);
    }

    private ServerMtls serverMtls(Resource pod, int port) {
        if (Pods.isAmbient(pod)) {
            return ServerMtls.of(MtlsMode.UNKNOWN, null, "", "ambient mode: its node's ztunnel decides");
        }
        if (!Pods.hasProxy(pod)) {
            return ServerMtls.of(MtlsMode.NO_PROXY, null, "", "the pod has no sidecar");
        }
        if (!Pods.isSidecar(pod)) {
            return ServerMtls.of(MtlsMode.UNKNOWN, null, "", "a gateway: its own listeners decide");
        }
        if (excluded(pod, port)) {
            return ServerMtls.of(
                    MtlsMode.UNKNOWN, null, "", "the pod's annotations keep port " + port + " away from the sidecar");
        }
        ServerMtls configured = policies == null
                ? ServerMtls.of(MtlsMode.UNKNOWN, null, "", "the PeerAuthentications could not be read")
                : server(policies.of(pod.namespace(), pod.labels(), port));
        ProxyTls proxy = proxies.get(pod.ref());
        return proxy == null
                ? configured
                : proxy.inboundMode(port)
                        .map(mode -> configured.withActual(mode, pod.ref()))
                        .orElse(configured);
    }

    /** Source: Istio, "Resource Annotations", {@code traffic.sidecar.istio.io/…InboundPorts}. */
    private static boolean excluded(Resource pod, int port) {
        List<String> out = ports(pod, "traffic.sidecar.istio.io/excludeInboundPorts", "");
        List<String> in = ports(pod, "traffic.sidecar.istio.io/includeInboundPorts", "*");
        String number = String.valueOf(port);
        return out.contains(number) || !(in.contains("*") || in.contains(number));
    }

    private static ServerMtls server(PeerAuthentications.Decision decision) {
        Resource policy = decision.policy();
        return ServerMtls.of(
                decision.mode(), policy == null ? null : policy.ref(), decision.field(), decision.because());
    }

    private static ClientMtls client(DestinationRules.ClientTls tls) {
        ResourceRef rule = tls.rule().ref();
        return ClientMtls.of(tls.mode(), rule, tls.field(), rule + " sets " + tls.mode());
    }

    private static List<String> ports(Resource pod, String annotation, String fallback) {
        return Arrays.stream(pod.annotation(annotation).orElse(fallback).split(","))
                .map(String::trim)
                .toList();
    }

    /** Pods whose rules, and proxies as far as they were asked, say the same. */
    private static List<ServerGroup> groups(List<Server> servers) {
        Map<List<Object>, ServerGroup> groups = new LinkedHashMap<>();
        for (Server server : servers) {
            ServerMtls mtls = server.mtls;
            boolean confirmed = mtls.actual().isPresent() && mtls.mode() == mtls.configured();
            ServerMtls plain = confirmed
                    ? ServerMtls.of(mtls.configured(), mtls.policy().orElse(null), mtls.field(), mtls.because())
                    : mtls;
            ServerGroup group = groups.computeIfAbsent(List.of(plain, server.labelled), any -> new ServerGroup());
            group.members.add(new Server(server.pod, server.address, plain, server.labelled));
            if (confirmed && group.confirmedAt == null) {
                group.confirmedAt = server.pod.ref();
            }
        }
        return List.copyOf(groups.values());
    }

    private Optional<DestinationRules.Merged> rule(Resource client, String host, String serviceNamespace) {
        return rules == null || !Pods.hasProxy(client)
                ? Optional.empty()
                : rules.of(client.namespace(), client.labels(), host, serviceNamespace);
    }

    /** Clients of a namespace follow the same rules, except where a rule selects workloads. */
    private Client client(Resource client) {
        List<Map<String, String>> selected = rules == null
                ? List.of()
                : selectors.computeIfAbsent(client.namespace(), rules::workloadSelectors).stream()
                        .filter(selector -> Selectors.matchesMap(selector, client.labels()))
                        .toList();
        Profile profile = profiles.computeIfAbsent(
                List.of(client.namespace(), selected, Pods.hasProxy(client), Pods.isAmbient(client)),
                any -> new Profile(client));
        ResourceRef ref = client.ref();
        return new Client(client, ref, profile, Pods.hasEnvoy(client), proxies.get(ref));
    }

    /** What istiod's rules say that a client does. */
    private ClientMtls configured(
            Resource client,
            Optional<DestinationRules.Merged> rule,
            String serviceNamespace,
            int port,
            String subset,
            boolean headlessPlain) {
        if (Pods.isAmbient(client)) {
            return ClientMtls.of(ClientTlsMode.UNKNOWN, null, "", "ambient mode: its node's ztunnel sends");
        }
        if (!Pods.hasProxy(client)) {
            return ClientMtls.of(ClientTlsMode.NO_PROXY, null, "", "the client has no sidecar");
        }
        if (rules == null) {
            return ClientMtls.of(ClientTlsMode.UNKNOWN, null, "", "the DestinationRules could not be read");
        }
        Optional<ClientMtls> ruled =
                rule.flatMap(found -> found.tls(port, subset)).map(MtlsEvaluator::client);
        if (ruled.isPresent()) {
            return ruled.get();
        }
        if (!settings.autoMtls()) {
            return ClientMtls.of(ClientTlsMode.PLAINTEXT, null, "", "auto mTLS is off in the mesh's settings");
        }
        if (policies != null) {
            ServerMtls assumed = server(policies.ofNamespace(serviceNamespace));
            if (assumed.mode() == MtlsMode.DISABLE) {
                return ClientMtls.of(
                        ClientTlsMode.PLAINTEXT,
                        null,
                        "",
                        assumed.because() + ", so there is no auto mTLS for its services");
            }
        }
        if (headlessPlain) {
            return ClientMtls.of(
                    ClientTlsMode.PLAINTEXT,
                    null,
                    "",
                    "the service is headless and one of its pods has no sidecar, so there is no auto mTLS for any");
        }
        return ClientMtls.of(ClientTlsMode.AUTO, null, "", "auto mTLS");
    }

    private static ClientMtls actual(ClientMtls configured, ResourceRef pod, @Nullable ProxyTls proxy, String cluster) {
        ProxyTls.ClusterTls found = proxy == null ? null : proxy.clusters().get(cluster);
        if (found == null) {
            return configured;
        }
        ClientTlsMode mode = found.mode();
        if (mode == ClientTlsMode.PLAINTEXT && configured.configured() == ClientTlsMode.DISABLE) {
            // A cluster without TLS does not say why.
            mode = ClientTlsMode.DISABLE;
        }
        boolean byRule = mode != ClientTlsMode.AUTO;
        return configured.withActual(mode, byRule ? found.rule().orElse(null) : null, pod);
    }

    private record Outcome(MtlsVerdict verdict, String because) {}

    private enum Sends {
        PLAIN,
        MUTUAL,
        OTHER_TLS
    }

    private Outcome outcome(ClientMtls client, ServerGroup group, List<String> plain, Json port) {
        ServerMtls server = group.mtls();
        String notes = difference(client, server);
        if (server.mode() == MtlsMode.UNKNOWN) {
            return new Outcome(MtlsVerdict.UNKNOWN, server.because() + notes);
        }
        if (client.mode() == ClientTlsMode.UNKNOWN) {
            return new Outcome(MtlsVerdict.UNKNOWN, client.because() + notes);
        }
        String why = "";
        Sends sends;
        switch (client.mode()) {
            case AUTO -> {
                sends = plain.isEmpty() ? Sends.MUTUAL : Sends.PLAIN;
                if (!plain.isEmpty() && server.mode() != MtlsMode.DISABLE && server.mode() != MtlsMode.NO_PROXY) {
                    why = ": istiod does not know that " + plain.get(0) + " takes mutual TLS (label " + TLS_LABEL
                            + "=istio, or the endpoint's metadata, is missing)";
                }
            }
            case ISTIO_MUTUAL -> sends = Sends.MUTUAL;
            case SIMPLE, MUTUAL -> sends = Sends.OTHER_TLS;
            default -> sends = Sends.PLAIN;
        }
        boolean plainServer = server.mode() == MtlsMode.DISABLE || server.mode() == MtlsMode.NO_PROXY;
        return switch (sends) {
            case PLAIN ->
                server.mode() == MtlsMode.STRICT
                        ? new Outcome(
                                MtlsVerdict.CONFLICT,
                                "the client sends plain text, the server takes mutual TLS only" + why + notes)
                        : new Outcome(
                                MtlsVerdict.PLAINTEXT,
                                (plainServer ? server.because() : "the client sends plain text: " + client.because())
                                        + why
                                        + notes);
            case MUTUAL ->
                plainServer
                        ? new Outcome(
                                MtlsVerdict.CONFLICT,
                                "the client sends mutual TLS, the server takes plain text only" + notes)
                        : new Outcome(MtlsVerdict.OK, "mutual TLS" + notes);
            case OTHER_TLS -> otherTls(server, port, plainServer, notes);
        };
    }

    private static Outcome otherTls(ServerMtls server, Json port, boolean plainServer, String notes) {
        if (server.mode() == MtlsMode.STRICT) {
            return new Outcome(
                    MtlsVerdict.CONFLICT,
                    "the client sends TLS without the mesh's certificate, the server insists on that" + notes);
        }
        if (!plainServer && isHttp(port)) {
            return new Outcome(
                    MtlsVerdict.CONFLICT,
                    "the client sends TLS that is not the mesh's to an HTTP port, for which the server's sidecar has no"
                            + " filter chain" + notes);
        }
        return new Outcome(
                MtlsVerdict.UNKNOWN, "the client sends TLS of its own: whether the application takes it is not known");
    }

    /** Source: Istio, "Protocol Selection". */
    private static boolean isHttp(Json port) {
        String protocol = port.at("appProtocol").text(port.at("name").text("")).toLowerCase(Locale.ROOT);
        String prefix = protocol.contains("-") ? protocol.substring(0, protocol.indexOf('-')) : protocol;
        return List.of("http", "http2", "grpc", "kubernetes.io/h2c").contains(protocol)
                || List.of("http", "http2", "grpc").contains(prefix);
    }

    /** The pods to which auto mTLS sends plain text: as the client's proxy knows them, else as istiod would tell it. */
    private static List<String> plainEndpoints(ServerGroup group, Map<String, Boolean> known) {
        List<String> plain = new ArrayList<>();
        for (Server server : group.members) {
            Boolean tls = known.isEmpty() ? null : known.get(server.address);
            boolean expected = server.labelled && server.mtls.configured() != MtlsMode.DISABLE;
            if (!(tls == null ? expected : tls)) {
                plain.add(server.pod.ref().qualifiedName());
            }
        }
        return plain;
    }

    private static String difference(ClientMtls client, ServerMtls server) {
        String text = "";
        if (client.mode() != client.configured() && client.configured() != ClientTlsMode.UNKNOWN) {
            text += " (the rules say " + client.configured() + ", but the client's proxy has " + client.mode() + ")";
        }
        if (server.mode() != server.configured() && server.configured() != MtlsMode.UNKNOWN) {
            text += " (the rules say " + server.configured() + ", but the server's proxy has " + server.mode() + ")";
        }
        return text;
    }
}
