package dev.meshdx.health;

import dev.meshdx.annotation.Internal;
import dev.meshdx.finding.Evidence;
import dev.meshdx.finding.FindingCode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One step on a pod's way to being ready. Immutable. */
public final class ReadinessStage {
    /** The steps, in the order in which they happen. */
    public enum Kind {
        /** A node was found. */
        SCHEDULED("scheduled"),
        /** The kubelet mounted the volumes, Istio's root certificate and token among them. */
        VOLUMES("volumes mounted"),
        /** The sandbox and its network exist; the CNI plugins, istio-cni among them, have run. */
        NETWORK("network set up"),
        /** The init containers before the proxy have ended well: istio-init, istio-validation, enable-core-dump. */
        INIT_CONTAINERS("init containers done"),
        /** The pod has its sidecar. */
        INJECTED("sidecar injected"),
        /** ztunnel takes the pod's traffic. */
        CAPTURED("captured by ambient"),
        /** The proxy's container runs, and its process answers. */
        PROXY_STARTED("proxy started"),
        /** An istiod knows the proxy. */
        CONNECTED("connected to istiod"),
        /** The proxy has a workload certificate that is valid. */
        CERTIFICATE("certificate delivered"),
        /** Clusters and listeners were pushed and accepted. */
        CONFIGURATION("configuration received"),
        /** Envoy serves connections. */
        WORKERS("workers started"),
        /** The proxy's readiness probe passes. */
        PROXY_READY("proxy ready"),
        /** All other containers are ready, and so is the pod. */
        APPLICATION_READY("application ready");

        private final String title;

        Kind(String title) {
            this.title = title;
        }

        /** In words: {@code connected to istiod}. */
        public String title() {
            return title;
        }
    }

    /** How far a step is. */
    public enum State {
        /** Done. */
        DONE,
        /** Not yet, and nothing says that it will not be. */
        WAITING,
        /** It went wrong. */
        FAILED,
        /** It could not be seen. */
        UNKNOWN,
        /** This pod has no such step. */
        NOT_APPLICABLE;

        /** {@code NOT APPLICABLE}. */
        @Override
        public String toString() {
            return name().replace('_', ' ');
        }
    }

    private final Kind kind;
    private final State state;
    private final @Nullable Instant since;
    private final String reason;
    private final List<Evidence> evidence;
    private final String remedy;
    private final @Nullable FindingCode code;

    /** Made by the reader. */
    @Internal
    public ReadinessStage(
            Kind kind, State state, @Nullable Instant since, String reason, List<Evidence> evidence, String remedy) {
        this(kind, state, since, reason, evidence, remedy, null);
    }

    private ReadinessStage(
            Kind kind,
            State state,
            @Nullable Instant since,
            String reason,
            List<Evidence> evidence,
            String remedy,
            @Nullable FindingCode code) {
        this.kind = kind;
        this.state = state;
        this.since = since;
        this.reason = reason;
        this.evidence = List.copyOf(evidence);
        this.remedy = remedy;
        this.code = code;
    }

    /** The same, with the finding that it leads to. */
    @Internal
    public ReadinessStage with(FindingCode found) {
        return new ReadinessStage(kind, state, since, reason, evidence, remedy, found);
    }

    /** Which step. */
    public Kind kind() {
        return kind;
    }

    /** How far it is. */
    public State state() {
        return state;
    }

    /** Whether it is done, or this pod has no such step. */
    public boolean isDone() {
        return state == State.DONE || state == State.NOT_APPLICABLE;
    }

    /** Since when it is in this state, where that is known. */
    public Optional<Instant> since() {
        return Optional.ofNullable(since);
    }

    /** Why, in a sentence; may be empty where it is done. */
    public String reason() {
        return reason;
    }

    /** What says so. */
    public List<Evidence> evidence() {
        return evidence;
    }

    /** What to do; empty where nothing is wrong. */
    public String remedy() {
        return remedy;
    }

    /** The finding that this step leads to, where there is one of its own; its page says more. */
    public Optional<FindingCode> code() {
        return Optional.ofNullable(code);
    }

    /** One line. */
    @Override
    public String toString() {
        return kind.title() + ": " + state + (since == null ? "" : " since " + since)
                + (reason.isEmpty() ? "" : ": " + reason);
    }
}
