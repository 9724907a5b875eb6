package dev.meshdx.envoy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** The listeners of a proxy. A listener that is both in use and being replaced is there twice, with different states. */
public final class Listeners extends EnvoyResources<Listener, Listeners> {
    Listeners(List<Listener> all, Trail trail) {
        super(all, trail);
    }

    @Override
    Listeners with(List<Listener> some, Trail trail) {
        return new Listeners(some, trail);
    }

    /** The one with this name. */
    public Listeners named(String name) {
        Objects.requireNonNull(name, "name");
        return narrow(
                "name " + name,
                listener -> listener.name().equals(name),
                name,
                all().stream().map(Listener::name).toList());
    }

    /** Those bound to this port. */
    public Listeners port(int port) {
        return narrow(
                "port " + port,
                listener -> listener.port() == port,
                String.valueOf(port),
                all().stream().map(listener -> String.valueOf(listener.port())).toList());
    }

    /** Those bound to this address, be it an additional one. */
    public Listeners address(String address) {
        Objects.requireNonNull(address, "address");
        return narrow(
                "address " + address,
                listener -> listener.addresses().stream().anyMatch(address::equalsIgnoreCase),
                address,
                all().stream().map(Listener::address).toList());
    }

    /** Those of a type: {@code HTTP}, {@code TCP}, {@code HTTP+TCP}, {@code UNKNOWN}. */
    public Listeners type(String type) {
        String wanted = type.toUpperCase(Locale.ROOT);
        return narrow("type " + wanted, listener -> listener.type().equals(wanted), "", List.of());
    }

    /** Those in a state. */
    public Listeners state(ResourceState state) {
        return narrow("state " + state, listener -> listener.state() == state, "", List.of());
    }

    @Override
    String what() {
        return "listeners";
    }

    @Override
    List<String> header() {
        return List.of("NAME", "ADDRESS", "PORT", "TYPE", "CHAINS", "STATE");
    }

    @Override
    List<String> line(Listener listener) {
        return List.of(
                listener.name(),
                listener.address(),
                String.valueOf(listener.port()),
                listener.type(),
                String.valueOf(listener.allFilterChains().size()),
                listener.state().toString());
    }

    /** One row a filter chain. */
    @Override
    public List<Map<String, String>> rows() {
        List<Map<String, String>> rows = new ArrayList<>();
        for (Listener listener : this) {
            List<FilterChain> chains = listener.allFilterChains();
            for (FilterChain chain : chains) {
                rows.add(row(listener, chain.matchText(), chain.destinationText()));
            }
            if (chains.isEmpty() && listener.state() != ResourceState.ACTIVE) {
                rows.add(row(listener, "", ""));
            }
        }
        return List.copyOf(rows);
    }

    private static Map<String, String> row(Listener listener, String match, String destination) {
        return row(
                "addresses",
                String.join(",", listener.addresses()),
                "port",
                String.valueOf(listener.port()),
                "match",
                match,
                "destination",
                destination,
                "name",
                listener.name(),
                "state",
                listener.state().toString(),
                "error",
                listener.error().orElse(""));
    }
}
