package dev.meshdx;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.changes.LevelRequest;
import dev.meshdx.changes.LogLevelChange;
import dev.meshdx.envoy.admin.LogLevels;
import dev.meshdx.error.MeshReadOnlyException;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What may be changed in a mesh, and how: {@code mesh.changes().lasting(Duration.ofMinutes(10)).logLevel(pod, "debug")}.
 * Everything else in meshdx only reads.
 *
 * <p>Nothing is changed unless the mesh was connected with {@link MeshOptions.Builder#allowChanges()}; a {@link #dryRun()} needs
 * no permission, because it only reads. Whatever was changed is put back at the latest when the mesh is closed. A JVM that is
 * killed puts nothing back. Immutable; navigating does no I/O. Safe for use by several threads.
 */
@CheckReturnValue
public final class Changes {
    /** Nobody debugs for longer, and nanoseconds do not reach for ever. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private final MeshContext context;
    private final boolean dryRun;
    private final @Nullable Duration lasting;

    Changes(MeshContext context) {
        this(context, false, null);
    }

    private Changes(MeshContext context, boolean dryRun, @Nullable Duration lasting) {
        this.context = context;
        this.dryRun = dryRun;
        this.lasting = lasting;
    }

    /** The same, but only says what would be changed. */
    public Changes dryRun() {
        return new Changes(context, true, lasting);
    }

    /**
     * The same, but what is changed is put back by itself after a time, as long as the mesh is open and the JVM runs.
     *
     * @throws IllegalArgumentException if it is not positive, or longer than a year
     */
    public Changes lasting(Duration time) {
        if (time.isNegative() || time.isZero() || time.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("A change lasts for more than nothing and up to a year, not " + time);
        }
        return new Changes(context, dryRun, time);
    }

    /**
     * Changes log levels of a pod's proxy, as istioctl writes them: {@code debug} for all loggers, {@code rbac:debug,http:trace}
     * for some, {@code info,rbac:debug} for all with exceptions. The levels are read first, and put back by {@link
     * LogLevelChange#undo()}, by {@link LogLevelChange#close()}, after the time of {@link #lasting}, and when the mesh is closed.
     *
     * <p>Costs the pod, one read, and one request ({@code POST /logging}); old Envoys, and Envoys with fine-grain logging, take
     * one request for each logger. The debug levels of a busy proxy cost it CPU and fill its node's disk: name the loggers that
     * you need, and a time.
     *
     * @throws MeshReadOnlyException if the mesh was not connected with {@code allowChanges()}; nothing was sent
     * @throws MeshUnsupportedException if this is no live mesh, or the pod has no Envoy (ztunnel, istiod)
     * @throws IllegalArgumentException if a level is none
     * @throws dev.meshdx.error.MeshNotFoundException if there is no such pod, or its proxy has no such logger
     * @throws dev.meshdx.error.MeshException if the proxy cannot be asked, or refuses. If an answer is lost on the way, that is
     *     no exception but a change whose status is {@code UNKNOWN}
     */
    public LogLevelChange logLevel(MeshPod pod, String levels) {
        return logLevel(pod, LevelRequest.parse(levels));
    }

    /** As {@link #logLevel(MeshPod, String)}: one level for all loggers. */
    public LogLevelChange logLevel(MeshPod pod, LogLevels.Level level) {
        return logLevel(pod, LevelRequest.all(level));
    }

    /** As {@link #logLevel(MeshPod, String)}: the level of one logger, such as {@code rbac}. */
    public LogLevelChange logLevel(MeshPod pod, String logger, LogLevels.Level level) {
        return logLevel(pod, Map.of(logger, level));
    }

    /** As {@link #logLevel(MeshPod, String)}: the levels of some loggers. All are set, or none where one is unknown. */
    public LogLevelChange logLevel(MeshPod pod, Map<String, LogLevels.Level> levels) {
        return logLevel(pod, new LevelRequest(null, levels));
    }

    private LogLevelChange logLevel(MeshPod pod, LevelRequest request) {
        Objects.requireNonNull(pod, "pod");
        String what = "The log levels of Pod " + pod.namespace() + "/" + pod.name();
        if (!context.source().canChange()) {
            throw new MeshUnsupportedException(
                    Reason.UNSUPPORTED,
                    what + " cannot be changed: this is " + context.source().description() + ".",
                    "Connect to the cluster itself: Mesh.connect(…).");
        }
        if (!dryRun && !context.options().changesAllowed()) {
            throw new MeshReadOnlyException(
                    what + " are not changed: this mesh may only be read.",
                    "Connect with MeshOptions.builder().allowChanges(), or ask for dryRun() to see what would be changed.");
        }
        return context.logLevels().apply(pod.namespace(), pod.name(), request, dryRun, lasting);
    }

    @Override
    public String toString() {
        return "changes" + (dryRun ? ", dry run" : "") + (lasting == null ? "" : ", lasting " + lasting);
    }
}
