package dev.meshdx.health;

import dev.meshdx.annotation.Internal;
import dev.meshdx.model.ResourceRef;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** One istiod pod. Immutable; safe for use by several threads. */
public final class IstiodInstance {
    private final Fields fields;

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

    /** Made by the reader. */
    @Internal
    public IstiodInstance(Fields fields) {
        this.fields = fields;
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
