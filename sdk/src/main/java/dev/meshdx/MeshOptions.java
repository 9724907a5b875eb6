package dev.meshdx;

import dev.meshdx.source.Progress;
import dev.meshdx.source.Session;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How to connect, and how patient to be. Immutable; safe for use by several threads.
 *
 * <pre>{@code
 * Mesh.connect(MeshOptions.builder().context("prod-eu").deadline(Duration.ofMinutes(1)).build());
 * }</pre>
 */
public final class MeshOptions {
    private final List<Path> kubeconfig;
    private final @Nullable String kubeconfigText;
    private final @Nullable String context;
    private final @Nullable String namespace;
    private final @Nullable String token;
    private final boolean inCluster;
    private final boolean changesAllowed;
    private final Session.Options session;

    private MeshOptions(Builder builder) {
        this.kubeconfig = List.copyOf(builder.kubeconfig);
        this.kubeconfigText = builder.kubeconfigText;
        this.context = builder.context;
        this.namespace = builder.namespace;
        this.token = builder.token;
        this.inCluster = builder.inCluster;
        this.changesAllowed = builder.changesAllowed;
        this.session = new Session.Options(
                builder.deadline,
                builder.podDeadline,
                builder.parallelism,
                builder.istioNamespace,
                builder.clock,
                builder.judgedAt,
                builder.progress);
    }

    /** Starts with the defaults: current context (or the pod's own service account), 30 seconds, read-only. */
    public static Builder builder() {
        return new Builder();
    }

    /** These options as a start for others. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** The defaults. */
    public static MeshOptions defaults() {
        return builder().build();
    }

    /** Kubeconfig files, merged as kubectl merges them; empty for {@code KUBECONFIG} or {@code ~/.kube/config}. */
    public List<Path> kubeconfig() {
        return kubeconfig;
    }

    /** A kubeconfig given as text. */
    public Optional<String> kubeconfigText() {
        return Optional.ofNullable(kubeconfigText);
    }

    /** The context; empty for the current one. */
    public Optional<String> context() {
        return Optional.ofNullable(context);
    }

    /** The default namespace; empty for the context's. */
    public Optional<String> namespace() {
        return Optional.ofNullable(namespace);
    }

    Optional<String> token() {
        return Optional.ofNullable(token);
    }

    /** Whether only the pod's own service account may be used. */
    public boolean inCluster() {
        return inCluster;
    }

    /** Whether the mesh may be changed. */
    public boolean changesAllowed() {
        return changesAllowed;
    }

    /** How long a question may take. */
    public Duration deadline() {
        return session.deadline();
    }

    /** How many reads run at once. */
    public int parallelism() {
        return session.parallelism();
    }

    Session.Options session() {
        return session;
    }

    /** Shows no token. */
    @Override
    public String toString() {
        return "MeshOptions[context=" + context + ", namespace=" + namespace + ", inCluster=" + inCluster
                + ", deadline="
                + deadline() + ", parallelism=" + parallelism() + ", changesAllowed=" + changesAllowed
                + (token == null ? "" : ", token=[redacted]") + "]";
    }

    /** Collects options. Not for use by several threads. */
    public static final class Builder {
        private List<Path> kubeconfig = List.of();
        private @Nullable String kubeconfigText;
        private @Nullable String context;
        private @Nullable String namespace;
        private @Nullable String token;
        private boolean inCluster;
        private boolean changesAllowed;
        private Duration deadline = Session.Options.DEFAULT.deadline();
        private Duration podDeadline = Session.Options.DEFAULT.podDeadline();
        private int parallelism = Session.Options.DEFAULT.parallelism();
        private String istioNamespace = Session.Options.DEFAULT.istioNamespace();
        private Clock clock = Session.Options.DEFAULT.clock();
        private @Nullable Instant judgedAt;
        private Consumer<Progress> progress = Session.Options.DEFAULT.progress();

        private Builder() {}

        private Builder(MeshOptions options) {
            this.kubeconfig = options.kubeconfig;
            this.kubeconfigText = options.kubeconfigText;
            this.context = options.context;
            this.namespace = options.namespace;
            this.token = options.token;
            this.inCluster = options.inCluster;
            this.changesAllowed = options.changesAllowed;
            this.deadline = options.session.deadline();
            this.podDeadline = options.session.podDeadline();
            this.parallelism = options.session.parallelism();
            this.istioNamespace = options.session.istioNamespace();
            this.clock = options.session.clock();
            this.judgedAt = options.session.judgedAt();
            this.progress = options.session.progress();
        }

        /** Kubeconfig files; several are merged as kubectl merges those of {@code KUBECONFIG}. */
        public Builder kubeconfig(Path... files) {
            this.kubeconfig = List.of(files);
            return this;
        }

        /** A kubeconfig as text. Relative paths in it are refused. */
        public Builder kubeconfigText(String text) {
            this.kubeconfigText = Objects.requireNonNull(text, "text");
            return this;
        }

        /** A context other than the current one. */
        public Builder context(String context) {
            this.context = Objects.requireNonNull(context, "context");
            return this;
        }

        /** A default namespace other than the context's. */
        public Builder namespace(String namespace) {
            this.namespace = Objects.requireNonNull(namespace, "namespace");
            return this;
        }

        /** A bearer token instead of the context's own credentials. */
        public Builder token(String token) {
            this.token = Objects.requireNonNull(token, "token");
            return this;
        }

        /** Use the pod's own service account, and no kubeconfig. */
        public Builder inCluster() {
            this.inCluster = true;
            return this;
        }

        /**
         * Permits what changes the mesh: {@link Mesh#changes()}. Nothing else changes anything, with or without; without, that
         * refuses before it sends anything.
         */
        public Builder allowChanges() {
            this.changesAllowed = true;
            return this;
        }

        /** How long a whole question may take; 30 seconds unless set. */
        public Builder deadline(Duration deadline) {
            this.deadline = positive(deadline, "deadline");
            return this;
        }

        /** How long one read from one pod may take; 10 seconds unless set. */
        public Builder podDeadline(Duration podDeadline) {
            this.podDeadline = positive(podDeadline, "podDeadline");
            return this;
        }

        /** How many reads may run at once; 16 unless set. */
        public Builder parallelism(int parallelism) {
            if (parallelism < 1) {
                throw new IllegalArgumentException("parallelism must be at least 1, not " + parallelism);
            }
            this.parallelism = parallelism;
            return this;
        }

        /** Where the control plane lives; {@code istio-system} unless set. */
        public Builder istioNamespace(String istioNamespace) {
            this.istioNamespace = Objects.requireNonNull(istioNamespace, "istioNamespace");
            return this;
        }

        /** The clock by which certificates and ages are judged on a live mesh. */
        public Builder clock(Clock clock) {
            this.clock = Objects.requireNonNull(clock, "clock");
            return this;
        }

        /** The time at which everything is judged, a recording too; unless set, the recording's, or now. */
        public Builder judgedAt(Instant instant) {
            this.judgedAt = Objects.requireNonNull(instant, "instant");
            return this;
        }

        /** Is told of every read, on the reading thread: keep it short. */
        public Builder progress(Consumer<Progress> progress) {
            this.progress = Objects.requireNonNull(progress, "progress");
            return this;
        }

        /** The options. */
        public MeshOptions build() {
            return new MeshOptions(this);
        }

        private static Duration positive(Duration duration, String name) {
            if (duration.isNegative() || duration.isZero()) {
                throw new IllegalArgumentException(name + " must be positive, not " + duration);
            }
            return duration;
        }
    }
}
