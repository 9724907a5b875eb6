package dev.meshdx.envoy;

import dev.meshdx.model.Json;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A route configuration: the virtual hosts of one or more HTTP filter chains. Immutable. */
public final class RouteConfiguration {
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
