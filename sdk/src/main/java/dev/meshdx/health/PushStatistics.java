package dev.meshdx.health;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.annotation.Internal;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How one istiod brings configuration to its proxies, as its own metrics tell since the process started: how long each stage
 * takes, how much was sent, and what went wrong. A histogram that the istiod does not write (yet) is empty. Immutable; safe for
 * use by several threads. Source: Istio, {@code pilot/pkg/xds/monitoring.go} and {@code pilot/pkg/model/push_context.go}.
 */
@CheckReturnValue
public final class PushStatistics {
    private final Fields fields;
    private final SortedMap<String, Long> pushes;
    private final SortedMap<String, Long> rejects;

    /** What the reader collects. */
    @Internal
    public record Fields(
            @Nullable Latency convergence,
            @Nullable Latency queue,
            @Nullable Latency debounce,
            @Nullable Latency initialisation,
            @Nullable Latency generation,
            Map<String, Long> pushes,
            Map<String, Long> rejects,
            long internalErrors,
            long writeTimeouts,
            long rejectedConfigurations) {}

    /** Made by the reader. */
    @Internal
    public PushStatistics(Fields fields) {
        this.fields = fields;
        this.pushes = Collections.unmodifiableSortedMap(new TreeMap<>(fields.pushes()));
        this.rejects = Collections.unmodifiableSortedMap(new TreeMap<>(fields.rejects()));
    }

    /** From a change to the last proxy that was sent it ({@code pilot_proxy_convergence_time}). */
    public Optional<Latency> convergence() {
        return Optional.ofNullable(fields.convergence());
    }

    /** For how long a proxy waits in the queue before its push begins ({@code pilot_proxy_queue_time}). */
    public Optional<Latency> queue() {
        return Optional.ofNullable(fields.queue());
    }

    /** For how long changes are collected before a push ({@code pilot_debounce_time}). */
    public Optional<Latency> debounce() {
        return Optional.ofNullable(fields.debounce());
    }

    /** For making the state that all pushes share ({@code pilot_pushcontext_init_seconds}). */
    public Optional<Latency> initialisation() {
        return Optional.ofNullable(fields.initialisation());
    }

    /** For making and sending one type to one proxy ({@code pilot_xds_push_time}, all types together). */
    public Optional<Latency> generation() {
        return Optional.ofNullable(fields.generation());
    }

    /** How often each type was sent ({@code pilot_xds_pushes}). */
    public SortedMap<String, Long> pushes() {
        return pushes;
    }

    /** How often configuration was refused by a proxy, by type ({@code pilot_total_xds_rejects}). */
    public SortedMap<String, Long> rejects() {
        return rejects;
    }

    /** Errors while making configuration ({@code pilot_total_xds_internal_errors}). */
    public long internalErrors() {
        return fields.internalErrors();
    }

    /** Proxies that did not take what was sent in time ({@code pilot_xds_write_timeout}). */
    public long writeTimeouts() {
        return fields.writeTimeouts();
    }

    /** Objects that istiod left out of what it sends ({@code pilot_total_rejected_configs}). */
    public long rejectedConfigurations() {
        return fields.rejectedConfigurations();
    }

    /** One line. */
    @Override
    public String toString() {
        return "pushes: " + pushes.values().stream().mapToLong(Long::longValue).sum()
                + convergence().map(time -> "; convergence: " + time).orElse("")
                + generation().map(time -> "; push: " + time).orElse("");
    }
}
