package dev.meshdx.traffic.internal;

import dev.meshdx.envoy.Listener;
import dev.meshdx.envoy.ListenerFilter;
import java.util.List;

/** A listener made ready for many connections. Immutable. */
public final class CompiledListener {
    private final Listener view;
    private final String name;
    private final int port;
    private final boolean usesOriginalDestination;
    private final boolean inbound;
    private final boolean internal;
    private final List<ListenerFilter> filters;
    private final boolean learnsDestination;
    private final boolean readsProxyHeader;
    private final boolean hasMoreAddresses;
    private final FilterChains chains;

    /** Makes a listener ready. */
    public CompiledListener(Listener view, Regexes regexes) {
        this.view = view;
        this.name = view.name();
        this.port = view.port();
        this.usesOriginalDestination = view.usesOriginalDestination();
        this.inbound = view.trafficDirection().orElse("OUTBOUND").equals("INBOUND");
        this.internal = view.isInternal();
        this.filters = view.listenerFilters();
        this.learnsDestination =
                filters.stream().anyMatch(filter -> filter.name().endsWith(".original_dst"));
        this.readsProxyHeader =
                filters.stream().anyMatch(filter -> filter.kind().equals("proxy_protocol"));
        this.hasMoreAddresses = view.raw().at("additional_addresses").exists();
        this.chains = new FilterChains(view, regexes);
    }

    /** The listener. */
    public Listener view() {
        return view;
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** The port that it is bound to, or would be. */
    public int port() {
        return port;
    }

    /** Whether only the proxy itself connects to it. */
    public boolean isInternal() {
        return internal;
    }

    /** Whether it is bound to an address and its port. */
    public boolean isBoundTo(String address, int wanted) {
        // Most listeners have one address, and most differ in their port.
        return (port == wanted || hasMoreAddresses) && view.isBoundTo(address, wanted);
    }

    /** Whether it hands connections over to the listener of their original destination. */
    public boolean usesOriginalDestination() {
        return usesOriginalDestination;
    }

    /** Whether it is for what comes to the workload. */
    public boolean isInbound() {
        return inbound;
    }

    /** Whether it learns the original destination of connections that are redirected to it. */
    public boolean learnsDestination() {
        return learnsDestination;
    }

    /** Whether the connections to it begin with a PROXY header. */
    public boolean readsProxyHeader() {
        return readsProxyHeader;
    }

    /** Whether it has an inspector that is not switched off for a port. */
    public boolean inspects(String inspector, int asked) {
        for (ListenerFilter filter : filters) {
            if (filter.kind().equals(inspector)) {
                return !filter.isDisabledFor(asked);
            }
        }
        return false;
    }

    /** Its filter chains. */
    public FilterChains chains() {
        return chains;
    }
}
