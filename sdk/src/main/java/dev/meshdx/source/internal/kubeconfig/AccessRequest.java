package dev.meshdx.source.internal.kubeconfig;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which cluster to open, and as whom. Everything that the outcome depends on is in here, so that a test needs no real
 * environment and no real home folder.
 *
 * @param files kubeconfig files that the caller named; all must exist; empty for the usual search
 * @param text a kubeconfig as text, instead of files
 * @param context a context other than the current one
 * @param namespace a default namespace other than the context's
 * @param token a bearer token instead of the context's own credentials
 * @param inCluster whether only the pod's own service account may be used
 * @param environment the environment variables
 * @param home the home folder, for {@code .kube/config}
 * @param serviceAccount the folder with the service account's {@code token}, {@code ca.crt} and {@code namespace}
 * @param clock judges expiry
 * @param pluginTimeout how long an exec plug-in or an identity provider may take
 */
public record AccessRequest(
        List<Path> files,
        @Nullable String text,
        @Nullable String context,
        @Nullable String namespace,
        @Nullable String token,
        boolean inCluster,
        Map<String, String> environment,
        Path home,
        Path serviceAccount,
        Clock clock,
        Duration pluginTimeout) {
    /** Where Kubernetes mounts it. Source: Kubernetes docs, "Accessing the Kubernetes API from a Pod". */
    private static final Path SERVICE_ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

    /** Copies what could change. */
    public AccessRequest {
        files = List.copyOf(files);
        environment = Map.copyOf(environment);
    }

    /** Starts with this process's environment and home folder. */
    public static Builder builder() {
        return new Builder();
    }

    /** Shows neither the token nor the text nor the environment. */
    @Override
    public String toString() {
        return "AccessRequest[files=" + files + ", text=" + (text == null ? "none" : "given") + ", context=" + context
                + ", namespace=" + namespace + ", token=" + (token == null ? "none" : "[redacted]") + ", inCluster="
                + inCluster + "]";
    }

    /** Collects a request. Not for use by several threads. */
    public static final class Builder {
        private List<Path> files = List.of();
        private @Nullable String text;
        private @Nullable String context;
        private @Nullable String namespace;
        private @Nullable String token;
        private boolean inCluster;
        private Map<String, String> environment = System.getenv();
        private Path home = Path.of(System.getProperty("user.home", "."));
        private Path serviceAccount = SERVICE_ACCOUNT;
        private Clock clock = Clock.systemUTC();
        private Duration pluginTimeout = Duration.ofSeconds(60);

        private Builder() {}

        /** Kubeconfig files. */
        public Builder files(List<Path> files) {
            this.files = files;
            return this;
        }

        /** A kubeconfig as text. */
        public Builder text(@Nullable String text) {
            this.text = text;
            return this;
        }

        /** The context. */
        public Builder context(@Nullable String context) {
            this.context = context;
            return this;
        }

        /** The default namespace. */
        public Builder namespace(@Nullable String namespace) {
            this.namespace = namespace;
            return this;
        }

        /** A bearer token. */
        public Builder token(@Nullable String token) {
            this.token = token;
            return this;
        }

        /** Whether only the pod's own service account may be used. */
        public Builder inCluster(boolean inCluster) {
            this.inCluster = inCluster;
            return this;
        }

        /** The environment variables. */
        public Builder environment(Map<String, String> environment) {
            this.environment = environment;
            return this;
        }

        /** The home folder. */
        public Builder home(Path home) {
            this.home = home;
            return this;
        }

        /** The service account's folder. */
        public Builder serviceAccount(Path folder) {
            this.serviceAccount = folder;
            return this;
        }

        /** The clock that judges expiry. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /** How long an exec plug-in or an identity provider may take; a minute unless set. */
        public Builder pluginTimeout(Duration timeout) {
            this.pluginTimeout = timeout;
            return this;
        }

        /** The request. */
        public AccessRequest build() {
            return new AccessRequest(
                    files,
                    text,
                    context,
                    namespace,
                    token,
                    inCluster,
                    environment,
                    home,
                    serviceAccount,
                    clock,
                    pluginTimeout);
        }
    }
}
