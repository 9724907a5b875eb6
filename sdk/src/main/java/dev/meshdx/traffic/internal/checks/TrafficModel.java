package dev.meshdx.traffic.internal.checks;

import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.Endpoints;
import dev.meshdx.model.ResourceRef;
import java.time.Instant;
import java.util.List;

/**
 * What the traffic checks look at.
 *
 * @param proxies the proxies that could be read
 * @param now the time at which they are judged
 */
public record TrafficModel(List<Proxy> proxies, Instant now) {
    /**
     * One proxy.
     *
     * @param pod its pod
     * @param dump what it received
     * @param endpoints the hosts of its clusters, with their health
     * @param failed what its access log shows as failed
     */
    public record Proxy(ResourceRef pod, ConfigDump dump, Endpoints endpoints, List<FailedRequest> failed) {
        /** Copies the list. */
        public Proxy {
            failed = List.copyOf(failed);
        }
    }

    /** Copies the list. */
    public TrafficModel {
        proxies = List.copyOf(proxies);
    }
}
