package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.IstioConfig;
import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** A cluster: a named set of upstream hosts, as the proxy holds it. Immutable. */
public final class Cluster {
    private final Entry entry;
    private final ClusterName name;

    Cluster(Entry entry) {
        this.entry = entry;
        this.name = ClusterName.parse(entry.resource().at("name").text(entry.name()));
    }

    /** The whole name, such as {@code outbound|9080|v1|reviews.production.svc.cluster.local}. */
    public String name() {
        return name.full();
    }

    /** The name, taken apart. */
    public ClusterName parts() {
        return name;
    }

    /** The service's host; the whole name for clusters that Istio does not name by service. */
    public String host() {
        return name.host();
    }

    /** The port in the name; 0 where it has none. */
    public int port() {
        return name.port();
    }

    /** The subset in the name; empty for the whole service. */
    public String subset() {
        return name.subset();
    }

    /** The direction in the name. */
    public TrafficDirection direction() {
        return name.direction();
    }

    /**
     * How the hosts are found: {@code STATIC}, {@code STRICT_DNS}, {@code LOGICAL_DNS}, {@code EDS}, {@code ORIGINAL_DST}.
     * Envoy leaves out the first value of an enum, so a cluster without a type is {@code STATIC}; one with an extension
     * reads so too, see {@link #extensionType()}.
     */
    public String type() {
        return entry.resource().at("type").text("STATIC");
    }

    /** The extension that finds the hosts (an aggregate, a dynamic forward proxy), where one does. */
    public Optional<String> extensionType() {
        return entry.resource().at("cluster_type", "name").text();
    }

    /** The name under which endpoints are asked for; the cluster's own unless it says otherwise. */
    public String endpointsName() {
        return entry.resource().at("eds_cluster_config", "service_name").text(name.full());
    }

    /** The resource that shaped it, usually a DestinationRule. */
    public Optional<ResourceRef> configuredBy() {
        return IstioConfig.of(entry.resource().at("metadata"));
    }

    private Json istio(String field) {
        return entry.resource().at("metadata", "filter_metadata", "istio", field);
    }

    /** The services that it stands for, from Istio's metadata; an inbound cluster may have several, others have one. */
    public List<ClusterService> services() {
        List<ClusterService> services = new ArrayList<>();
        for (Json service : istio("services").items()) {
            services.add(new ClusterService(
                    service.at("host").text(""),
                    service.at("name").text(""),
                    service.at("namespace").text("")));
        }
        return List.copyOf(services);
    }

    /**
     * The subset that Istio's metadata names; empty where it names none. As {@link #subset()}, but also there for clusters
     * whose name has another form.
     */
    public String metadataSubset() {
        return istio("subset").text("");
    }

    /** The service's port in Istio's metadata; newer control planes write it beside clusters that may lead into a tunnel. */
    public OptionalInt defaultOriginalPort() {
        long port = ProtoValues.uint32(istio("default_original_port"), 0);
        return port == 0 || port > 65_535 ? OptionalInt.empty() : OptionalInt.of((int) port);
    }

    /** Whether Istio counts the service as one outside the mesh. */
    public boolean isExternal() {
        return istio("external").bool(false);
    }

    /** How long a connection may take to come about; 5 s by default, 10 s from Istio. */
    public Duration connectTimeout() {
        return ProtoValues.duration(entry.resource().at("connect_timeout"), Duration.ofSeconds(5));
    }

    /** How a host is chosen, and when the health of hosts is ignored. */
    public LoadBalancing loadBalancing() {
        return new LoadBalancing(entry.resource());
    }

    /** The limits for ordinary requests, then those for requests of high priority. */
    public List<CircuitBreaker> circuitBreakers() {
        return List.of(circuitBreaker("DEFAULT"), circuitBreaker("HIGH"));
    }

    /** The limits for ordinary requests. */
    public CircuitBreaker circuitBreaker() {
        return circuitBreaker("DEFAULT");
    }

    private CircuitBreaker circuitBreaker(String priority) {
        for (Json thresholds :
                entry.resource().at("circuit_breakers", "thresholds").items()) {
            // The first value of an enum is left out. Of several for one priority the first counts.
            if (thresholds.at("priority").text("DEFAULT").equals(priority)) {
                return new CircuitBreaker(priority, thresholds);
            }
        }
        return new CircuitBreaker(priority, Json.MISSING);
    }

    /** When hosts that fail are left alone for a while; empty where they never are. */
    public Optional<OutlierDetection> outlierDetection() {
        Json detection = entry.resource().at("outlier_detection");
        return detection.exists()
                ? Optional.of(new OutlierDetection(detection, loadBalancing().panicThreshold()))
                : Optional.empty();
    }

    /** How hosts are connected to that no entry of {@link #tlsMatches()} is for. */
    public UpstreamTls tls() {
        Json socket = entry.resource().at("transport_socket");
        Json old = entry.resource().at("tls_context");
        if (!socket.exists() && old.exists()) {
            socket = Json.object("name", "envoy.transport_sockets.tls", "typed_config", old);
        }
        return new UpstreamTls("", Json.MISSING, socket, UpstreamHttp.options(entry.resource()));
    }

    /** How hosts are connected to, by their metadata: the first that matches counts. Empty where all are alike. */
    public List<UpstreamTls> tlsMatches() {
        List<UpstreamTls> matches = new ArrayList<>();
        for (Json match : entry.resource().at("transport_socket_matches").items()) {
            matches.add(new UpstreamTls(
                    match.at("name").text(""),
                    match.at("match"),
                    match.at("transport_socket"),
                    UpstreamHttp.options(entry.resource())));
        }
        return List.copyOf(matches);
    }

    /** The names of the secrets that connections to its hosts need. */
    public List<String> secrets() {
        Set<String> names = new LinkedHashSet<>(tls().secrets());
        tlsMatches().forEach(match -> names.addAll(match.secrets()));
        return List.copyOf(names);
    }

    /**
     * How a host is connected to. Empty where that depends on its metadata and they are not known: {@code /clusters} does not
     * show them, {@code /config_dump} does.
     */
    public Optional<UpstreamTls> tlsFor(Endpoint endpoint) {
        List<UpstreamTls> matches = tlsMatches();
        if (!matches.isEmpty()
                && endpoint.isObserved()
                && !endpoint.raw().at("metadata").exists()) {
            return Optional.empty();
        }
        Json metadata = endpoint.metadata("envoy.transport_socket_match");
        return Optional.of(matches.stream()
                .filter(match -> match.matches(metadata))
                .findFirst()
                .orElseGet(this::tls));
    }

    /** Whether each host gets mutual TLS or plain text by what is known of it: auto mTLS. */
    public boolean isAutoMtls() {
        boolean mutual = false;
        boolean plain = false;
        for (UpstreamTls match : tlsMatches()) {
            mutual |= match.mode() == UpstreamTlsMode.ISTIO_MUTUAL
                    && match.match().containsKey("tlsMode");
            plain |= match.mode() == UpstreamTlsMode.PLAINTEXT && match.match().isEmpty();
        }
        return mutual && plain;
    }

    /** The version of the PROXY protocol with which connections begin, where they do. */
    public Optional<String> proxyProtocol() {
        return tls().proxyProtocol()
                .or(() -> tlsMatches().stream()
                        .flatMap(match -> match.proxyProtocol().stream())
                        .findFirst());
    }

    /** How HTTP is spoken to the hosts. */
    public UpstreamHttp http() {
        return new UpstreamHttp(entry.resource());
    }

    /** After how long without a byte a TCP connection is closed, where the cluster says so. */
    public Optional<Duration> tcpIdleTimeout() {
        return ProtoValues.duration(entry.resource()
                .at(
                        "typed_extension_protocol_options",
                        "envoy.extensions.upstreams.tcp.v3.TcpProtocolOptions",
                        "idle_timeout"));
    }

    /** How the proxy asks the hosts for their health; usually it does not. */
    public List<HealthCheck> healthChecks() {
        return entry.resource().at("health_checks").items().stream()
                .map(HealthCheck::new)
                .toList();
    }

    /** How the hosts are looked up, for clusters by DNS. */
    public Optional<DnsResolution> dns() {
        return DnsResolution.isDns(entry.resource())
                ? Optional.of(new DnsResolution(entry.resource()))
                : Optional.empty();
    }

    /**
     * The hosts that stand in the cluster itself ({@code load_assignment}): addresses for static clusters, names for those by
     * DNS. Those of an {@code EDS} cluster come apart from it.
     */
    public List<Endpoint> inlineEndpoints() {
        Json assignment = entry.resource().at("load_assignment");
        List<Endpoint> endpoints = new ArrayList<>(Endpoint.ofAssignment(name.full(), assignment));
        for (Json host : entry.resource().at("hosts").items()) {
            endpoints.add(Endpoint.ofAssignment(
                    name.full(), Json.object("endpoint", Json.object("address", host)), Json.MISSING));
        }
        return List.copyOf(endpoints);
    }

    /** Whether the name has four parts in the ordinary form; the server name form is shown whole, as istioctl does. */
    boolean isSplit() {
        return isSplit(name);
    }

    private static boolean isSplit(ClusterName name) {
        return name.isStructured() && !name.serverNameForm();
    }

    String serviceCell() {
        return serviceCell(name);
    }

    /** What istioctl shows as the service. */
    static String serviceCell(ClusterName name) {
        return isSplit(name) ? name.host() : name.full();
    }

    String configuredByCell() {
        return IstioConfig.cell(entry.resource().at("metadata"));
    }

    /** What the proxy does with it. */
    public ResourceState state() {
        return entry.state();
    }

    /** Why the newest version was refused, in Envoy's words. */
    public Optional<String> error() {
        return entry.error();
    }

    /** How far the proxy got with the control plane about it; old proxies do not say. */
    public ClientStatus clientStatus() {
        return entry.clientStatus();
    }

    /** The version that was refused; empty where none was, or where the proxy does not say which. */
    public Optional<String> rejectedVersion() {
        return entry.rejectedVersion();
    }

    /** When the newest version was refused. */
    public Optional<Instant> rejectedAt() {
        return entry.rejectedAt();
    }

    /** The version that the control plane gave it. */
    public Optional<String> version() {
        return entry.version();
    }

    /** When the proxy took it over. */
    public Optional<Instant> lastUpdated() {
        return entry.lastUpdated();
    }

    /** The whole cluster as Envoy prints it. */
    public Json raw() {
        return entry.resource();
    }

    /** One line. */
    @Override
    public String toString() {
        return name.full() + " " + type() + " " + state();
    }
}
