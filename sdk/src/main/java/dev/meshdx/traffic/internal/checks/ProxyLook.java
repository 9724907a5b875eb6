package dev.meshdx.traffic.internal.checks;

import dev.meshdx.annotation.Internal;
import dev.meshdx.error.MeshException;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.ResourceRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the checks of the traffic step saw at one proxy: little, whatever the size of its configuration. */
@Internal
public final class ProxyLook {
    private final ResourceRef pod;
    private final @Nullable MeshException failure;
    private final Map<ProxyCheck<?>, List<?>> seen;
    private final List<Inconclusive> gaps;

    private ProxyLook(
            ResourceRef pod,
            @Nullable MeshException failure,
            Map<ProxyCheck<?>, List<?>> seen,
            List<Inconclusive> gaps) {
        this.pod = pod;
        this.failure = failure;
        this.seen = seen;
        this.gaps = List.copyOf(gaps);
    }

    static ProxyLook failed(ResourceRef pod, MeshException failure) {
        return new ProxyLook(pod, failure, Map.of(), List.of());
    }

    static ProxyLook of(TrafficModel.Proxy proxy, java.time.Instant now, List<Inconclusive> gaps) {
        Map<ProxyCheck<?>, List<?>> seen = new HashMap<>();
        for (ProxyCheck<?> check : TrafficChecks.perProxy()) {
            seen.put(check, check.look(proxy, now));
        }
        return new ProxyLook(proxy.pod(), null, seen, gaps);
    }

    ResourceRef pod() {
        return pod;
    }

    /** Why the proxy could not be read, where it could not. */
    @Nullable
    MeshException failure() {
        return failure;
    }

    List<Inconclusive> gaps() {
        return gaps;
    }

    /** What the checks saw at several proxies, in their order. */
    record Seen(List<ProxyLook> looks) {
        List<Object> of(ProxyCheck<?> check) {
            List<Object> all = new ArrayList<>();
            for (ProxyLook look : looks) {
                all.addAll(look.seen.getOrDefault(check, List.of()));
            }
            return all;
        }
    }

    /** One line. */
    @Override
    public String toString() {
        return "ProxyLook[" + pod + "]";
    }
}
