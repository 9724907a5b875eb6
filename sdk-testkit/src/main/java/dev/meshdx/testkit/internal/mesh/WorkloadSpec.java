package dev.meshdx.testkit.internal.mesh;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** A workload (Deployment and its pods) as the builder was told. Mutable; used by one thread. */
public final class WorkloadSpec {
    /**
     * A container port.
     *
     * @param name name, such as {@code http}
     * @param number port
     */
    public record Port(String name, int number) {}

    public final String name;
    public final Map<String, String> labels = new LinkedHashMap<>();
    public final Map<String, String> annotations = new LinkedHashMap<>();
    public final List<Port> ports = new ArrayList<>();
    public int replicas = 1;
    public @Nullable Boolean sidecar;
    public boolean nativeSidecar;
    public boolean gateway;
    public @Nullable String serviceAccount;
    public @Nullable String waiting;
    public boolean notReady;
    public boolean portClosed;
    public @Nullable Duration certificateExpired;
    public boolean otherRoot;
    public boolean stale;
    public @Nullable String rejected;
    public final Map<String, String> rejectedListeners = new LinkedHashMap<>();
    public final Map<String, String> rejectedClusters = new LinkedHashMap<>();
    public final Set<String> warming = new LinkedHashSet<>();
    public final Set<String> draining = new LinkedHashSet<>();
    public final Set<String> ejected = new LinkedHashSet<>();
    public @Nullable Supplier<ByteString> configDump;
    public boolean adminClosed;
    public int proxyRestarts;
    public @Nullable String proxyVersion;

    /** Whether its proxies refuse something of the last push. */
    public boolean refuses() {
        return rejected != null || !rejectedListeners.isEmpty() || !rejectedClusters.isEmpty();
    }

    /** One replica without ports. */
    public WorkloadSpec(String name) {
        this.name = name;
        labels.put("app", name);
    }
}
