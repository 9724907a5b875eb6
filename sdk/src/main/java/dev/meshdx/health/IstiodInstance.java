package dev.meshdx.health;

import dev.meshdx.annotation.Internal;
import dev.meshdx.model.ResourceRef;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One istiod pod. Immutable; safe for use by several threads. */
public final class IstiodInstance {
    private final Fields fields;
    private final Details details;
    private final SortedMap<String, Long> connectedProxies;

    /** What the reader collects. */
    @Internal
    public record Fields(
            String namespace,
            String pod,
            String revision,
            String version,
            String phase,
            boolean ready,
            int restarts,
            @Nullable Termination lastTermination,
            @Nullable String waitingReason,
            @Nullable String waitingMessage,
            long memoryUsed,
            long memoryLimit,
            String memorySource,
            @Nullable Duration uptime) {}

    /** What the reader knows beyond that; -1 and null for what is not known. */
    @Internal
    public record Details(
            @Nullable Instant createdAt,
            @Nullable Instant notReadySince,
            String readinessProbe,
            String pendingReason,
            double cpuCores,
            double cpuLimitCores,
            String cpuSource,
            long heap,
            Map<String, Long> connectedProxies,
            @Nullable PushStatistics push,
            @Nullable Instant authorityNotAfter) {
        /** Nothing is known. */
        public static final Details UNKNOWN = new Details(null, null, "", "", -1, -1, "", -1, Map.of(), null, null);
    }

    /** Made by the reader. */
    @Internal
    public IstiodInstance(Fields fields) {
        this(fields, Details.UNKNOWN);
    }

    /** Made by the reader. */
    @Internal
    public IstiodInstance(Fields fields, Details details) {
        this.fields = fields;
        this.details = details;
        this.connectedProxies = Collections.unmodifiableSortedMap(new TreeMap<>(details.connectedProxies()));
    }

    /** Its namespace. */
    public String namespace() {
        return fields.namespace();
    }

    /** Its name. */
    public String pod() {
        return fields.pod();
    }

    /** Its revision; {@code default} where it has none. */
    public String revision() {
        return fields.revision();
    }

    /** Its version, as it says itself or, where it does not answer, the tag of its image; empty where neither is known. */
    public String version() {
        return fields.version();
    }

    /** The pod's phase, such as {@code Running}. */
    public String phase() {
        return fields.phase();
    }

    /** Whether the pod is ready. */
    public boolean ready() {
        return fields.ready();
    }

    /** How often the container was restarted. */
    public int restarts() {
        return fields.restarts();
    }

    /** How its last run ended, where it has been restarted. */
    public Optional<Termination> lastTermination() {
        return Optional.ofNullable(fields.lastTermination());
    }

    /** Why the container does not run, such as {@code CrashLoopBackOff}; empty while it runs. */
    public Optional<String> waitingReason() {
        return Optional.ofNullable(fields.waitingReason());
    }

    /** The kubelet's words for {@link #waitingReason()}. */
    public Optional<String> waitingMessage() {
        return Optional.ofNullable(fields.waitingMessage());
    }

    /** Memory in use, in bytes: the working set from the metrics API, or the resident memory that istiod reports itself. */
    public OptionalLong memoryUsedBytes() {
        return fields.memoryUsed() < 0 ? OptionalLong.empty() : OptionalLong.of(fields.memoryUsed());
    }

    /** The container's memory limit, in bytes; empty where it has none. */
    public OptionalLong memoryLimitBytes() {
        return fields.memoryLimit() < 0 ? OptionalLong.empty() : OptionalLong.of(fields.memoryLimit());
    }

    /** Where {@link #memoryUsedBytes()} comes from; empty where it is not known. */
    public String memorySource() {
        return fields.memorySource();
    }

    /** For how long the process has been running, as it says itself; empty where it does not answer. */
    public Optional<Duration> uptime() {
        return Optional.ofNullable(fields.uptime());
    }

    /** How many hundredths of the memory limit are in use; empty where one of the two is not known. */
    public OptionalInt memoryPercent() {
        long limit = fields.memoryLimit();
        return fields.memoryUsed() < 0 || limit <= 0
                ? OptionalInt.empty()
                : OptionalInt.of((int) Math.min(1_000, Math.round(fields.memoryUsed() * 100.0 / limit)));
    }

    /** The Go heap in use, in bytes, as istiod reports it: what the configuration takes, without the runtime's reserves. */
    public OptionalLong heapBytes() {
        return details.heap() < 0 ? OptionalLong.empty() : OptionalLong.of(details.heap());
    }

    /**
     * The CPU in use, in cores: what the metrics API has measured of late, or the average since the start of the process. See
     * {@link #cpuSource()}.
     */
    public OptionalDouble cpuCores() {
        return details.cpuCores() < 0 ? OptionalDouble.empty() : OptionalDouble.of(details.cpuCores());
    }

    /** The container's CPU limit, in cores; empty where it has none. */
    public OptionalDouble cpuLimitCores() {
        return details.cpuLimitCores() < 0 ? OptionalDouble.empty() : OptionalDouble.of(details.cpuLimitCores());
    }

    /** Where {@link #cpuCores()} comes from: {@code metrics.k8s.io} or {@code process_cpu_seconds_total}; else empty. */
    public String cpuSource() {
        return details.cpuSource();
    }

    /** When the pod was made. */
    public Optional<Instant> createdAt() {
        return Optional.ofNullable(details.createdAt());
    }

    /** Since when the pod is not ready; empty where it is, and where its status does not tell. */
    public Optional<Instant> notReadySince() {
        return Optional.ofNullable(details.notReadySince());
    }

    /** What the kubelet asks to know whether the container is ready: {@code HTTP GET :8080/ready}; empty where nothing. */
    public String readinessProbe() {
        return details.readinessProbe();
    }

    /** Why the pod does not start, from its conditions and events: not scheduled, image, volume; empty where it started. */
    public Optional<String> pendingReason() {
        return details.pendingReason().isEmpty() ? Optional.empty() : Optional.of(details.pendingReason());
    }

    /** How many proxies are connected, by their version of Istio, as istiod reports it; empty where it does not. */
    public SortedMap<String, Long> connectedProxies() {
        return connectedProxies;
    }

    /** How it brings configuration to its proxies; empty where it does not answer. */
    public Optional<PushStatistics> push() {
        return Optional.ofNullable(details.push());
    }

    /** Until when the root certificate that it issues with is valid, as it reports it. */
    public Optional<Instant> authorityNotAfter() {
        return Optional.ofNullable(details.authorityNotAfter());
    }

    /** The pod. */
    public ResourceRef podRef() {
        return ResourceRef.of("Pod", namespace(), pod());
    }

    /** One line. */
    @Override
    public String toString() {
        return namespace() + "/" + pod() + " "
                + (ready() ? "ready" : waitingReason().orElse("not ready")) + ", revision " + revision() + ", "
                + restarts() + " restarts";
    }
}
