package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.IstioConfig;
import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceRef;
import java.time.Instant;
import java.util.Optional;

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

    /** Whether the name has four parts in the ordinary form; the server name form is shown whole, as istioctl does. */
    boolean isSplit() {
        return name.isStructured() && !name.serverNameForm();
    }

    String serviceCell() {
        return isSplit() ? host() : name.full();
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
