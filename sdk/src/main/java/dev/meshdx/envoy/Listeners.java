package dev.meshdx.envoy;

import dev.meshdx.envoy.admin.ListenersStatus;
import dev.meshdx.model.Json;
import dev.meshdx.model.internal.Projection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The listeners of a proxy. A listener that is both in use and being replaced is there twice, with different states. */
public final class Listeners extends EnvoyResources<Listener, Listeners> {
    private static final Projection NAME = Projection.of("name");
    private static final Projection ADDRESS = Projection.of("address", "additional_addresses");
    private static final Projection COLUMNS = columns();

    Listeners(Dump dump) {
        this(new Query<>(dump, Section.LISTENERS, entry -> List.of(new Listener(entry)), COLUMNS, List.of()));
    }

    private Listeners(Query<Listener> query) {
        super(query);
    }

    private static Projection columns() {
        Projection filter = Projection.of("name")
                .and(Projection.of(
                        Projection.of("@type", "stat_prefix", "rds", "route_config", "cluster", "weighted_clusters"),
                        "typed_config",
                        "config"));
        Projection chain = Projection.of("name", "filter_chain_match").and(Projection.of(filter, "filters"));
        return NAME.and(ADDRESS).and(Projection.of(chain, "filter_chains", "default_filter_chain"));
    }

    @Override
    Listeners with(Query<Listener> query) {
        return new Listeners(query);
    }

    /** The one with this name. */
    public Listeners named(String name) {
        Objects.requireNonNull(name, "name");
        return narrow(new Filter<>(
                "name " + name,
                listener -> listener.name().equals(name),
                NAME,
                NameFilter.exactly(name),
                name,
                listener -> Stream.of(listener.name())));
    }

    /** Those bound to this port. */
    public Listeners port(int port) {
        return narrow(new Filter<>(
                "port " + port,
                listener -> listener.port() == port,
                ADDRESS,
                NameFilter.ALL,
                String.valueOf(port),
                listener -> Stream.of(String.valueOf(listener.port()))));
    }

    /** Those bound to this address, be it an additional one. */
    public Listeners address(String address) {
        Objects.requireNonNull(address, "address");
        return narrow(new Filter<>(
                "address " + address,
                listener -> listener.addresses().stream().anyMatch(address::equalsIgnoreCase),
                ADDRESS,
                NameFilter.ALL,
                address,
                listener -> Stream.of(listener.address())));
    }

    /** Those of a type: {@code HTTP}, {@code TCP}, {@code HTTP+TCP}, {@code UNKNOWN}. */
    public Listeners type(String type) {
        Objects.requireNonNull(type, "type");
        String wanted = type.toUpperCase(Locale.ROOT);
        return narrow(new Filter<>("type " + wanted, listener -> listener.type().equals(wanted), COLUMNS));
    }

    /** Those in a state. */
    public Listeners state(ResourceState state) {
        return narrow(new Filter<>("state " + state, listener -> listener.state() == state, NAME));
    }

    /**
     * Those that should have a socket and have none: in use ({@code ACTIVE} or {@code STATIC}), with a port and
     * {@code bind_to_port}, but absent from the process's listeners or without the port there. Nothing takes the connections to
     * these. Empty where that page was cut off.
     *
     * @param status the page of the same proxy, read just after
     */
    public Listeners notBound(ListenersStatus status) {
        return narrow(new Filter<>(
                "not bound",
                listener -> status.gaps().isEmpty()
                        && shouldBind(listener)
                        && status.all().stream()
                                .noneMatch(bound ->
                                        bound.name().equals(listener.name()) && bound.hasPort(listener.port())),
                Projection.WHOLE));
    }

    private static boolean shouldBind(Listener listener) {
        return (listener.state() == ResourceState.ACTIVE || listener.state() == ResourceState.STATIC)
                && listener.bindsToPort()
                && listener.port() > 0
                // Envoy gives those without a name one of its own.
                && !listener.name().isEmpty();
    }

    @Override
    Comparator<Map<String, String>> order() {
        return by("port", "addresses", "name");
    }

    @Override
    Json raw(Listener listener) {
        return listener.raw();
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
    void rows(Listener listener, Consumer<Map<String, String>> rows) {
        List<FilterChain> chains = listener.allFilterChains();
        for (FilterChain chain : chains) {
            rows.accept(row(listener, chain.matchText(), chain.destinationText()));
        }
        if (chains.isEmpty() && listener.state() != ResourceState.ACTIVE) {
            rows.accept(row(listener, "", ""));
        }
    }

    private static Map<String, String> row(Listener listener, String match, String destination) {
        return row(
                listener.state(),
                listener.error(),
                listener.rejectedVersion(),
                "addresses",
                String.join(",", listener.addresses()),
                "port",
                String.valueOf(listener.port()),
                "match",
                match,
                "destination",
                destination,
                "name",
                listener.name());
    }
}
