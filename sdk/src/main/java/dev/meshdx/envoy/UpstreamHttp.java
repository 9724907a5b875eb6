package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a proxy speaks HTTP to the hosts of a cluster; without meaning for clusters that only TCP goes to.
 *
 * <p>Source: Envoy, {@code extensions/upstreams/http/v3/http_protocol_options.proto}, and the fields of
 * {@code config/cluster/v3/cluster.proto} that it replaced. Immutable.
 */
public final class UpstreamHttp {
    private static final String EXTENSION = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

    private final Json cluster;
    private final Json options;

    UpstreamHttp(Json cluster) {
        this.cluster = cluster;
        this.options = options(cluster);
    }

    static Json options(Json cluster) {
        return cluster.at("typed_extension_protocol_options", EXTENSION);
    }

    /** Which version; HTTP/1.1 where nothing is said. */
    public UpstreamHttpVersion version() {
        if (options.at("use_downstream_protocol_config").exists()) {
            return UpstreamHttpVersion.DOWNSTREAM;
        }
        if (options.at("auto_config").exists()) {
            return UpstreamHttpVersion.ALPN;
        }
        Json explicit = options.at("explicit_http_config");
        if (explicit.at("http3_protocol_options").exists()) {
            return UpstreamHttpVersion.HTTP_3;
        }
        if (explicit.at("http2_protocol_options").exists()) {
            return UpstreamHttpVersion.HTTP_2;
        }
        if (explicit.exists()) {
            return UpstreamHttpVersion.HTTP_1;
        }
        if (cluster.at("protocol_selection").text("").equals("USE_DOWNSTREAM_PROTOCOL")) {
            return UpstreamHttpVersion.DOWNSTREAM;
        }
        return cluster.at("http2_protocol_options").exists() ? UpstreamHttpVersion.HTTP_2 : UpstreamHttpVersion.HTTP_1;
    }

    private Json http2() {
        for (String choice : new String[] {"explicit_http_config", "use_downstream_protocol_config", "auto_config"}) {
            Json found = options.at(choice, "http2_protocol_options");
            if (found.exists()) {
                return found;
            }
        }
        return cluster.at("http2_protocol_options");
    }

    private Json common() {
        Json common = options.at("common_http_protocol_options");
        return common.exists() ? common : cluster.at("common_http_protocol_options");
    }

    /** How many requests may be under way on one HTTP/2 connection; empty where Envoy's own limit holds. */
    public OptionalLong maxConcurrentStreams() {
        long streams = ProtoValues.uint32(http2().at("max_concurrent_streams"), 0);
        return streams == 0 ? OptionalLong.empty() : OptionalLong.of(streams);
    }

    /** After how many requests a connection is closed; 1 turns keep-alive off. Empty for never. */
    public OptionalLong maxRequestsPerConnection() {
        long requests = ProtoValues.uint32(
                common().at("max_requests_per_connection"),
                ProtoValues.uint32(cluster.at("max_requests_per_connection"), 0));
        return requests == 0 ? OptionalLong.empty() : OptionalLong.of(requests);
    }

    /** After how long without a request a connection is closed; one hour by default. Empty for never. */
    public Optional<Duration> idleTimeout() {
        Duration timeout = ProtoValues.duration(common().at("idle_timeout"), Duration.ofHours(1));
        return timeout.isZero() ? Optional.empty() : Optional.of(timeout);
    }

    /** After how long a connection is closed whatever happens on it; empty for never, which is the default. */
    public Optional<Duration> maxConnectionDuration() {
        return ProtoValues.duration(common().at("max_connection_duration"));
    }

    /** The settings as Envoy prints them; missing where the cluster has none, or has them in the old fields. */
    public Json raw() {
        return options;
    }

    /** One line. */
    @Override
    public String toString() {
        return version()
                + (maxConcurrentStreams().isPresent()
                        ? ", streams " + maxConcurrentStreams().getAsLong()
                        : "")
                + (maxRequestsPerConnection().isPresent()
                        ? ", requests per connection "
                                + maxRequestsPerConnection().getAsLong()
                        : "")
                + ", idle timeout " + idleTimeout().map(ProtoValues::text).orElse("none");
    }
}
