package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How the hosts of a cluster are looked up. Source: Envoy, {@code config/cluster/v3/cluster.proto}, and for newer proxies
 * {@code extensions/clusters/dns/v3/dns_cluster.proto}. Immutable.
 */
public final class DnsResolution {
    private final Json cluster;
    private final Json extension;

    DnsResolution(Json cluster) {
        this.cluster = cluster;
        this.extension = extension(cluster);
    }

    private static Json extension(Json cluster) {
        Json config = cluster.at("cluster_type", "typed_config");
        return ProtoValues.type(config).equals("DnsCluster") ? config : Json.MISSING;
    }

    static boolean isDns(Json cluster) {
        String type = cluster.at("type").text("");
        return type.equals("STRICT_DNS")
                || type.equals("LOGICAL_DNS")
                || extension(cluster).exists();
    }

    private Json field(String name) {
        Json own = extension.at(name);
        return own.exists() ? own : cluster.at(name);
    }

    /** {@code AUTO} (IPv6, and IPv4 where there is none), {@code V4_ONLY}, {@code V6_ONLY}, {@code V4_PREFERRED}, {@code ALL}. */
    public String lookupFamily() {
        String family = field("dns_lookup_family").text("AUTO");
        return family.equals("UNSPECIFIED") ? "AUTO" : family;
    }

    /** How often names are looked up; 5 s by default. Without meaning where {@link #respectsTtl()} and answers have one. */
    public Duration refreshRate() {
        return ProtoValues.duration(field("dns_refresh_rate"), Duration.ofSeconds(5));
    }

    /** Whether an answer is used for as long as it says itself. */
    public boolean respectsTtl() {
        return field("respect_dns_ttl").bool(false);
    }

    /** The DNS servers that are asked, as {@code IP:port}; empty for those of the pod. */
    public List<String> resolvers() {
        List<String> resolvers = new ArrayList<>();
        List<Json> lists = List.of(
                field("typed_dns_resolver_config").at("typed_config", "resolvers"),
                cluster.at("dns_resolution_config", "resolvers"),
                cluster.at("dns_resolvers"));
        for (Json list : lists) {
            for (Json address : list.items()) {
                Json socket = address.at("socket_address");
                resolvers.add(socket.at("address").text("") + ":"
                        + socket.at("port_value").number(53));
            }
        }
        return List.copyOf(resolvers);
    }

    /** One line. */
    @Override
    public String toString() {
        return lookupFamily() + " every " + ProtoValues.text(refreshRate()) + (respectsTtl() ? " or by TTL" : "")
                + (resolvers().isEmpty() ? "" : " from " + String.join(", ", resolvers()));
    }
}
