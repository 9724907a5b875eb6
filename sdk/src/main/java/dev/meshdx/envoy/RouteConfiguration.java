package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A route configuration: the virtual hosts of one or more HTTP filter chains. Immutable. Source: Envoy,
 * {@code config/route/v3/route.proto}.
 */
public final class RouteConfiguration {
    private static final int BODY = 4096;

    private final Entry entry;
    private final List<VirtualHost> virtualHosts;

    RouteConfiguration(Entry entry) {
        this.entry = entry;
        this.virtualHosts = entry.resource().at("virtual_hosts").items().stream()
                .map(VirtualHost::new)
                .toList();
    }

    /** Its name, such as {@code 9080}; empty for some static ones. */
    public String name() {
        return entry.resource().at("name").text(entry.name());
    }

    /** Its virtual hosts, in order. */
    public List<VirtualHost> virtualHosts() {
        return virtualHosts;
    }

    /**
     * Whether Envoy refuses it when a cluster that it names is not there; istiod sends {@code false}. Where nothing is set, it is
     * checked for static ones only.
     */
    public boolean validatesClusters() {
        return entry.resource().at("validate_clusters").bool(entry.state() == ResourceState.STATIC);
    }

    /** What is changed in the headers of all its requests, after what virtual hosts and routes change. */
    public HeaderChanges requestHeaders() {
        return HeaderChanges.request(entry.resource());
    }

    /** What is changed in the headers of all its responses. */
    public HeaderChanges responseHeaders() {
        return HeaderChanges.response(entry.resource());
    }

    /** How long the body of a direct response may be; 4096 bytes where nothing is set. */
    public int maxDirectResponseBodyBytes() {
        return ProtoValues.count(entry.resource().at("max_direct_response_body_size_bytes"), BODY);
    }

    /** Whether a port in the request's host is left out when a virtual host is looked for. */
    public boolean ignoresPortInHost() {
        return entry.resource().at("ignore_port_in_host_matching").bool(false);
    }

    /** Whether parameters in the path ({@code ;v=1}) are left out when a route is looked for. */
    public boolean ignoresPathParameters() {
        return entry.resource().at("ignore_path_parameters_in_path_matching").bool(false);
    }

    /** The header that takes the place of the host, where one does. */
    public Optional<String> virtualHostHeader() {
        return ProtoValues.text(entry.resource().at("vhost_header"));
    }

    /** What filters do differently for all its requests. */
    public List<HttpFilter> filterOverrides() {
        return HttpFilter.overrides(entry.resource());
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

    /** The whole route configuration as Envoy prints it. */
    public Json raw() {
        return entry.resource();
    }

    /** One line. */
    @Override
    public String toString() {
        return name() + " " + virtualHosts.size() + " virtual hosts " + state();
    }
}
