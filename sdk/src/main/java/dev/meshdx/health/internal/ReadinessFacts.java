package dev.meshdx.health.internal;

import dev.meshdx.configuration.internal.DataPlane;
import dev.meshdx.envoy.admin.InitDump;
import dev.meshdx.envoy.admin.LoadedCertificates;
import dev.meshdx.envoy.admin.ServerInfo;
import dev.meshdx.envoy.admin.Stats;
import dev.meshdx.error.MeshException;
import dev.meshdx.health.Injection;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.model.Resource;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** All that a judgement about one pod's readiness looks at. Each part may be missing by itself. */
record ReadinessFacts(
        Resource pod,
        Instant now,
        Injection injection,
        Optional<DataPlane.Label> wantsAmbient,
        Answer<List<Resource>> events,
        Answer<List<ProxyStatus>> proxies,
        Proxy proxy,
        Answer<List<Resource>> ztunnels,
        Answer<List<String>> initLog) {

    /** What the proxy itself was asked. */
    record Proxy(
            Answer<ServerInfo> server,
            Answer<InitDump> waiting,
            Answer<LoadedCertificates> certificates,
            Answer<Stats> stats,
            Answer<String> probe,
            Answer<List<String>> log) {
        static final Proxy NOT_ASKED =
                new Proxy(Answer.none(), Answer.none(), Answer.none(), Answer.none(), Answer.none(), Answer.none());
    }

    /**
     * An answer, or why there is none.
     *
     * @param value null where there is none
     * @param failure null where it was answered, or not asked
     */
    record Answer<T>(@Nullable T value, @Nullable MeshException failure) {
        static <T> Answer<T> of(T value) {
            return new Answer<>(value, null);
        }

        static <T> Answer<T> failed(MeshException failure) {
            return new Answer<>(null, failure);
        }

        /** Not asked. */
        static <T> Answer<T> none() {
            return new Answer<>(null, null);
        }

        Optional<T> get() {
            return Optional.ofNullable(value);
        }

        /** Why there is no answer, in words. */
        String why() {
            return failure == null ? "It was not asked." : String.valueOf(failure.getMessage());
        }
    }
}
