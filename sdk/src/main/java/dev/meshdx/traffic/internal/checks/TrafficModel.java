package dev.meshdx.traffic.internal.checks;

import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.Endpoints;
import dev.meshdx.envoy.admin.ListenersStatus;
import dev.meshdx.model.ResourceRef;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
     * @param bound the listeners of its process; null where that was not asked, or not answered
     */
    public record Proxy(
            ResourceRef pod,
            ConfigDump dump,
            Endpoints endpoints,
            List<FailedRequest> failed,
            @Nullable ListenersStatus bound) {
        /** Copies the list. */
        public Proxy {
            failed = List.copyOf(failed);
        }

        /** One whose process was not asked for its listeners. */
        public Proxy(ResourceRef pod, ConfigDump dump, Endpoints endpoints, List<FailedRequest> failed) {
            this(pod, dump, endpoints, failed, null);
        }
    }

    /** Copies the list. */
    public TrafficModel {
        proxies = List.copyOf(proxies);
    }
}
