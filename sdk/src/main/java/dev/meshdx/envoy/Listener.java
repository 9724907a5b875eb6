package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.IstioConfig;
import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.envoy.internal.TypedConfig;
import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A listener: where the proxy takes connections, and its filter chains. Immutable. Source: Envoy,
 * {@code config/listener/v3/listener.proto}.
 */
public final class Listener {
    private static final Duration LISTENER_FILTERS_TIMEOUT = Duration.ofSeconds(15);
    private static final int BUFFER_LIMIT = 1 << 20;

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

    /** Whether it takes connections of the proxy itself only, not from a socket; as the inner ones of HBONE tunnels. */
    public boolean isInternal() {
        return entry.resource().at("internal_listener").exists()
                || entry.resource().at("address", "envoy_internal_address").exists();
    }

    /** Its listener filters, in order. */
    public List<ListenerFilter> listenerFilters() {
        return ListenerFilter.all(entry.resource().at("listener_filters"));
    }

    /**
     * How long the listener filters may wait for bytes; 15 s where nothing is set, zero for ever. Clients that wait for the
     * server to speak first wait as long.
     */
    public Duration listenerFiltersTimeout() {
        return ProtoValues.duration(entry.resource().at("listener_filters_timeout"))
                .orElse(LISTENER_FILTERS_TIMEOUT);
    }

    /** Whether a filter chain is chosen after that time with what is known; otherwise the connection is closed. */
    public boolean continuesOnListenerFiltersTimeout() {
        return entry.resource().at("continue_on_listener_filters_timeout").bool(false);
    }

    /** How new connections are spread over the worker threads: {@code exact}, an extension's name; empty for by chance. */
    public Optional<String> connectionBalance() {
        Json balance = entry.resource().at("connection_balance_config");
        if (balance.at("exact_balance").exists()) {
            return Optional.of("exact");
        }
        Json extension = balance.at("extend_balance");
        return extension.exists()
                ? Optional.of(extension
                        .at("name")
                        .text(TypedConfig.of(extension.at("typed_config")).message()))
                : Optional.empty();
    }

    /** Beyond how many buffered bytes a connection is no longer read from; 1 MiB where nothing is set. */
    public int perConnectionBufferLimitBytes() {
        return ProtoValues.count(entry.resource().at("per_connection_buffer_limit_bytes"), BUFFER_LIMIT);
    }

    /** When its connections are drained: {@code DEFAULT} or {@code MODIFY_ONLY} (not when health checks are made to fail). */
    public String drainType() {
        return ProtoValues.enumText(entry.resource().at("drain_type"), "DEFAULT");
    }

    /** Its own access logs, which tell of connections that no filter chain takes. */
    public List<AccessLogger> accessLoggers() {
        return AccessLogger.all(entry.resource().at("access_log"));
    }

    /**
     * The ways through the matcher tree by which it chooses a filter chain, as waypoints do; empty where the chains say
     * themselves what they take.
     */
    public List<MatcherBranch> matcherBranches() {
        return MatcherTree.branches(entry.resource().at("filter_chain_matcher"));
    }

    /**
     * What a chain of it takes: where there is a matcher tree the ways to the chain, {@code NONE} where there is none; else
     * the chain's own {@link FilterChain#matchText()}.
     */
    public String matchText(FilterChain chain) {
        if (!entry.resource().at("filter_chain_matcher").exists()) {
            return chain.matchText();
        }
        List<String> ways = new ArrayList<>();
        for (MatcherBranch branch : matcherBranches()) {
            if (branch.filterChain().equals(chain.name())) {
                ways.add(branch.match());
            }
        }
        return ways.isEmpty() ? "NONE" : String.join("; ", ways);
    }

    /**
     * The ports that its chains tell apart, in order: on {@code virtualInbound} those of the workload's services, and those
     * with a policy of their own.
     */
    public List<Integer> destinationPorts() {
        TreeSet<Integer> ports = new TreeSet<>();
        for (FilterChain chain : chains) {
            if (chain.match().destinationPort() != 0) {
                ports.add(chain.match().destinationPort());
            }
        }
        return List.copyOf(ports);
    }

    /**
     * The chains that connections to a port choose from: those that name it or, where none does, those that name none. The
     * default chain is none of them.
     */
    public List<FilterChain> filterChainsFor(int port) {
        int wanted = destinationPorts().contains(port) ? port : 0;
        return chains.stream()
                .filter(chain -> chain.match().destinationPort() == wanted)
                .toList();
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

    /** The names of the secrets that its filter chains need. */
    public List<String> secrets() {
        return allFilterChains().stream()
                .flatMap(chain -> chain.secrets().stream())
                .distinct()
                .toList();
    }

    /** {@code HTTP}, {@code TCP}, {@code HTTP+TCP} or {@code UNKNOWN}, as istioctl judges by the filters of all chains. */
    public String type() {
        boolean http = false;
        boolean tcp = false;
        for (FilterChain chain : allFilterChains()) {
            for (NetworkFilter filter : chain.filters()) {
                http |= filter.isNamedAsHttp();
                tcp |= filter.isNamedAsTcp() && !filter.config().toString().contains("BlackHoleCluster");
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

    /** The whole listener as Envoy prints it. */
    public Json raw() {
        return entry.resource();
    }

    /** One line. */
    @Override
    public String toString() {
        String where = isInternal() ? "internal" : address() + (port() == 0 ? "" : ":" + port());
        return name() + " " + where + " " + type() + " " + chains.size() + " filter chains " + state();
    }
}
