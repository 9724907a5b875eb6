package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.IstioConfig;
import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A listener: where the proxy takes connections, and its filter chains. Immutable. */
public final class Listener {
    private final Entry entry;
    private final List<FilterChain> chains;
    private final @Nullable FilterChain defaultChain;

    Listener(Entry entry) {
        this.entry = entry;
        Json listener = entry.resource();
        this.chains = listener.at("filter_chains").items().stream()
                .map(chain -> new FilterChain(chain, false))
                .toList();
        Json fallback = listener.at("default_filter_chain");
        this.defaultChain = fallback.exists() ? new FilterChain(fallback, true) : null;
    }

    /** Its name, such as {@code 0.0.0.0_9080} or {@code virtualInbound}. */
    public String name() {
        return entry.resource().at("name").text(entry.name());
    }

    /** The address that it is bound to: an IP address or the path of a socket; empty for internal listeners. */
    public String address() {
        return address(entry.resource().at("address"));
    }

    private static String address(Json address) {
        return address.at("socket_address", "address")
                .text(address.at("pipe", "path").text(""));
    }

    /** The port that it is bound to; 0 where it has none. */
    public int port() {
        return port(entry.resource().at("address"));
    }

    private static int port(Json address) {
        return (int) address.at("socket_address", "port_value").number(0);
    }

    /** All addresses, the main one first. */
    public List<String> addresses() {
        List<String> addresses = new ArrayList<>();
        addresses.add(address());
        for (Json more : entry.resource().at("additional_addresses").items()) {
            addresses.add(address(more.at("address")));
        }
        return List.copyOf(addresses);
    }

    /** Whether it is bound to this address and port. */
    public boolean isBoundTo(String address, int port) {
        if (address().equals(address) && port() == port) {
            return true;
        }
        for (Json more : entry.resource().at("additional_addresses").items()) {
            if (address(more.at("address")).equals(address) && port(more.at("address")) == port) {
                return true;
            }
        }
        return false;
    }

    /** Whether it has a socket of its own; others are handed connections by a listener that has. */
    public boolean bindsToPort() {
        return entry.resource().at("bind_to_port").bool(true);
    }

    /** Whether it hands connections to the listener of their original destination. */
    public boolean usesOriginalDestination() {
        return entry.resource().at("use_original_dst").bool(false);
    }

    /** {@code INBOUND} or {@code OUTBOUND}, where Istio says so. */
    public Optional<String> trafficDirection() {
        return entry.resource().at("traffic_direction").text();
    }

    /** Its filter chains, in order, without the default one. */
    public List<FilterChain> filterChains() {
        return chains;
    }

    /** The chain for what no other one takes. */
    public Optional<FilterChain> defaultFilterChain() {
        return Optional.ofNullable(defaultChain);
    }

    /** All chains, the default one last. */
    public List<FilterChain> allFilterChains() {
        List<FilterChain> all = new ArrayList<>(chains);
        if (defaultChain != null) {
            all.add(defaultChain);
        }
        return List.copyOf(all);
    }

    /** {@code HTTP}, {@code TCP}, {@code HTTP+TCP} or {@code UNKNOWN}, as istioctl judges by the filters of all chains. */
    public String type() {
        boolean http = false;
        boolean tcp = false;
        for (FilterChain chain : allFilterChains()) {
            for (Json filter : chain.filters()) {
                switch (filter.at("name").text("")) {
                    case "envoy.filters.network.http_connection_manager" -> http = true;
                    case "envoy.filters.network.tcp_proxy" ->
                        tcp |= !filter.at("typed_config").toString().contains("BlackHoleCluster");
                    default -> {}
                }
            }
        }
        return http ? (tcp ? "HTTP+TCP" : "HTTP") : tcp ? "TCP" : "UNKNOWN";
    }

    /** The resource that shaped it, where istiod says so. */
    public Optional<ResourceRef> configuredBy() {
        return IstioConfig.of(entry.resource().at("metadata"));
    }

    /** What the proxy does with it. */
    public ResourceState state() {
        return entry.state();
    }

    /** Why the newest version was refused, in Envoy's words. */
    public Optional<String> error() {
        return entry.error();
    }

    /** The version that was refused, where Envoy tells it. Source: {@code admin/v3/config_dump_shared.proto}, UpdateFailureState. */
    public Optional<String> rejectedVersion() {
        return entry.rejectedVersion();
    }

    /** The version that the control plane gave it. */
    public Optional<String> version() {
        return entry.version();
    }

    /** When the proxy took it over. */
    public Optional<Instant> lastUpdated() {
        return entry.lastUpdated();
    }

    /** The whole listener as Envoy prints it. */
    public Json raw() {
        return entry.resource();
    }

    /** One line. */
    @Override
    public String toString() {
        return name() + " " + address() + ":" + port() + " " + type() + " " + chains.size() + " filter chains "
                + state();
    }
}
