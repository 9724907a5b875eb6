package dev.meshdx.changes;

import dev.meshdx.annotation.Internal;
import dev.meshdx.changes.LogLevelChange.Status;
import dev.meshdx.changes.LoggerChange.State;
import dev.meshdx.envoy.admin.AdminReader;
import dev.meshdx.envoy.admin.LogLevels;
import dev.meshdx.envoy.admin.LogLevels.Level;
import dev.meshdx.error.MeshAccessException;
import dev.meshdx.error.MeshClosedException;
import dev.meshdx.error.MeshConnectionException;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshInterruptedException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.source.Deadline;
import dev.meshdx.source.PodRequest;
import dev.meshdx.source.Session;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The changes of log levels that one mesh has open. Each is written to the log of this class: who is changed, from what to
 * what, until when, and when it was put back. Safe for use by several threads.
 */
@Internal
public final class LogLevelChanges implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("dev.meshdx.changes");

    private final Supplier<Session> sessions;
    private final Supplier<Session> lastSessions;
    private final Clock clock;
    private final ExecutorService executor;
    private final Appointments appointments;
    private final Map<ResourceRef, PodLoggers> pods = new ConcurrentHashMap<>();
    private final Set<LogLevelChange> open = new LinkedHashSet<>();
    private boolean closed;

    /**
     * None yet. No thread is started before a change is to be undone by itself.
     *
     * @param sessions for one question each, as long as the mesh is open
     * @param lastSessions what is put back while the mesh is being closed; shorter
     * @param clock says when changes end
     * @param executor does what is due; must not queue tasks behind one another
     * @param thread the name of the thread that waits
     */
    public LogLevelChanges(
            Supplier<Session> sessions,
            Supplier<Session> lastSessions,
            Clock clock,
            ExecutorService executor,
            String thread) {
        this.sessions = sessions;
        this.lastSessions = lastSessions;
        this.clock = clock;
        this.executor = executor;
        this.appointments = new Appointments(thread, executor);
    }

    /**
     * Changes the levels of a pod's proxy.
     *
     * @param dryRun whether only to say what would be changed
     * @param lasting after which time to undo it; null for not by itself
     * @throws MeshException if nothing was changed, or what was changed is being put back
     */
    public LogLevelChange apply(
            String namespace, String name, LevelRequest request, boolean dryRun, @Nullable Duration lasting) {
        Session session = sessions.get();
        ResourceRef pod = ResourceRef.of("Pod", namespace, name);
        requireEnvoy(session, pod);
        PodLoggers loggers = lock(pod, session.deadline());
        try {
            LogLevels before = read(session, pod);
            List<LoggerChange> planned = new ArrayList<>();
            request.of(pod, before).forEach((logger, to) -> {
                Level from = before.level(logger).orElseThrow();
                if (from != to || loggers.holds(logger)) {
                    planned.add(new LoggerChange(logger, from, to, dryRun ? State.PLANNED : State.UNKNOWN));
                }
            });
            LogLevelChange change = new LogLevelChange(
                    this,
                    pod,
                    before,
                    planned,
                    dryRun ? Status.PLANNED : planned.isEmpty() ? Status.APPLIED : Status.UNKNOWN);
            if (!dryRun && !planned.isEmpty()) {
                register(change, loggers);
                set(session, change, loggers);
                Duration after = lasting;
                if (after != null) {
                    change.expiresAt(clock.instant().plus(after));
                    appointments.in(after, change, () -> undoLater(change));
                }
                LOG.info(
                        "{}: log levels changed, {}{}{}",
                        pod,
                        change.summary(),
                        change.expiresAt().map(at -> ", until " + at).orElse(", until undone"),
                        change.status() == Status.APPLIED ? "" : " (not known whether it arrived)");
            }
            return change;
        } finally {
            unlock(pod, loggers);
        }
    }

    private void register(LogLevelChange change, PodLoggers loggers) {
        synchronized (open) {
            if (closed) {
                throw new MeshClosedException("The mesh was closed.", "Connect again.");
            }
            open.add(change);
        }
        loggers.add(change);
    }

    /** What is not an Envoy has other levels, and another way to them. Who may not read pods is believed. */
    private static void requireEnvoy(Session session, ResourceRef pod) {
        Optional<Resource> found;
        try {
            found = session.resource(ResourceKind.POD, pod.namespace(), pod.name());
        } catch (MeshAccessException e) {
            return;
        }
        if (found.isEmpty()) {
            session.requirePod(pod.namespace(), pod.name());
            throw new MeshNotFoundException("There is no " + pod + ".", "Check the name and the namespace.");
        }
        if (Pods.isZtunnel(found.get())) {
            throw new MeshUnsupportedException(
                    Reason.UNSUPPORTED,
                    pod + " is a ztunnel: its log levels are not Envoy's, and are not changed from here.",
                    "Type: istioctl ztunnel-config log " + pod.name() + " -n " + pod.namespace() + " --level debug");
        }
        if (!Pods.hasEnvoy(found.get())) {
            throw new MeshUnsupportedException(
                    Reason.UNSUPPORTED,
                    pod + " has no proxy (no container " + Pods.PROXY_CONTAINER + ").",
                    "Name a pod with a sidecar, a gateway or a waypoint; istiod's own levels: istioctl admin log.");
        }
    }

    private static LogLevels read(Session session, ResourceRef pod) {
        session.forget(new PodRequest(pod.namespace(), pod.name(), PodRequest.ENVOY_ADMIN, "POST", "/logging"));
        return new AdminReader(session, pod.namespace(), pod.name()).logLevels();
    }

    /** Whether a failure means that nothing was changed by the request that failed. */
    private static boolean refused(MeshException e) {
        return e instanceof MeshAccessException
                || e instanceof MeshNotFoundException
                || e instanceof MeshUnsupportedException;
    }

    /** Sends the requests one after the other; remembers how far it came. */
    private static final class Sender {
        private final Session session;
        private final ResourceRef pod;
        private boolean anything;

        Sender(Session session, ResourceRef pod) {
            this.session = session;
            this.pod = pod;
        }

        /** The levels as Envoy answers them. */
        LogLevels send(Map<String, Level> wanted, LogLevels present) {
            Map<String, Level> targets = LevelPlan.fill(wanted, present);
            List<String> best = LevelPlan.best(targets, present);
            List<String> stepwise = LevelPlan.stepwise(targets, present);
            try {
                return send(best);
            } catch (MeshNotFoundException | MeshUnsupportedException e) {
                if (anything || best.equals(stepwise)) {
                    throw e;
                }
                return send(stepwise);
            }
        }

        private LogLevels send(List<String> queries) {
            LogLevels answer = null;
            for (String query : queries) {
                answer = session.change(
                        new PodRequest(
                                pod.namespace(), pod.name(), PodRequest.ENVOY_ADMIN, "POST", "/logging?" + query),
                        LogLevels::parse);
                anything = true;
            }
            return java.util.Objects.requireNonNull(answer);
        }
    }

    private void set(Session session, LogLevelChange change, PodLoggers loggers) {
        Map<String, Level> targets = new LinkedHashMap<>();
        change.changed().forEach(logger -> targets.put(logger.logger(), logger.to()));
        Sender sender = new Sender(session, change.pod());
        try {
            confirm(change, sender.send(targets, change.before()), null);
        } catch (MeshInterruptedException | MeshClosedException e) {
            // The caller leaves without the change in hand.
            change.become(Status.UNKNOWN, change.changed(), problem(change, e));
            appointments.in(Duration.ZERO, change, () -> undoLater(change));
            throw e;
        } catch (MeshException e) {
            if (refused(e)) {
                rollBack(session, change, loggers, sender.anything, e);
                throw e;
            }
            LogLevels now = null;
            try {
                now = read(session, change.pod());
            } catch (MeshException unreadable) {
                e.addSuppressed(unreadable);
            }
            confirm(change, now, e);
        } catch (RuntimeException e) {
            rollBack(session, change, loggers, true, e);
            throw e;
        }
    }

    /** Some loggers may be set, and the next one was refused: the caller gets no change, so nothing may stay. */
    private void rollBack(
            Session session, LogLevelChange change, PodLoggers loggers, boolean anything, RuntimeException why) {
        if (!anything) {
            loggers.remove(change);
            finished(change, change.changed(), Status.UNDONE);
            return;
        }
        try {
            putBack(session, change, loggers);
        } catch (MeshException e) {
            why.addSuppressed(e);
            failed(change, e);
        }
    }

    /** What the levels say of a change that was sent; what they do not show may still arrive. */
    private static void confirm(LogLevelChange change, @Nullable LogLevels now, @Nullable MeshException why) {
        List<LoggerChange> seen = new ArrayList<>();
        boolean all = true;
        for (LoggerChange logger : change.changed()) {
            boolean set = now != null && now.level(logger.logger()).equals(Optional.of(logger.to()));
            seen.add(logger.in(set ? State.SET : State.UNKNOWN));
            all &= set;
        }
        change.become(Status.UNKNOWN, seen, null);
        if (all) {
            change.become(Status.APPLIED, seen, null);
            return;
        }
        MeshException reason = why != null
                ? why
                : new MeshConnectionException(
                        "The proxy took the levels, but answered others: somebody else changes them too.", "");
        change.become(Status.UNKNOWN, seen, problem(change, reason));
    }

    private static Inconclusive problem(LogLevelChange change, MeshException why) {
        return Inconclusive.of(
                "the log levels in force on the proxy",
                change.pod(),
                why.reason(),
                String.valueOf(why.getMessage()),
                "Put back by hand what does not come back by itself: " + String.join(" && ", change.commands()));
    }

    void undo(LogLevelChange change) {
        if (!change.settled()) {
            undo(sessions.get(), change);
        }
    }

    private void undo(Session session, LogLevelChange change) {
        try {
            PodLoggers loggers = lock(change.pod(), session.deadline());
            try {
                if (!change.settled()) {
                    putBack(session, change, loggers);
                }
            } finally {
                unlock(change.pod(), loggers);
            }
        } catch (MeshException e) {
            failed(change, e);
            throw e;
        }
    }

    /** When its time is over, or after an attempt that failed. */
    private void undoLater(LogLevelChange change) {
        try {
            undo(change);
        } catch (MeshException e) {
            // It was written to the log, and the next attempt is arranged.
            LOG.debug("{}: {}", change.pod(), e.toString());
        }
    }

    private void failed(LogLevelChange change, MeshException why) {
        synchronized (change) {
            if (change.settled()) {
                return;
            }
            change.become(
                    Status.UNKNOWN,
                    change.changed().stream()
                            .map(logger -> logger.in(State.UNKNOWN))
                            .toList(),
                    null);
            change.become(Status.UNKNOWN, change.changed(), problem(change, why));
            if (!change.failedBefore()) {
                LOG.warn(
                        "{}: the log levels are not put back yet ({}). It is tried again. By hand: {}",
                        change.pod(),
                        why.getMessage(),
                        String.join(" && ", change.commands()));
            }
            appointments.in(Duration.ofSeconds(change.nextPauseSeconds()), change, () -> undoLater(change));
        }
    }

    private void putBack(Session session, LogLevelChange change, PodLoggers loggers) {
        LogLevels now;
        try {
            now = read(session, change.pod());
        } catch (MeshException e) {
            if (!isGone(session, change.pod(), e)) {
                throw e;
            }
            loggers.remove(change);
            finished(change, all(change, State.GONE), Status.UNDONE);
            LOG.info("{}: is gone, and its log levels with it", change.pod());
            return;
        }
        Map<String, Level> targets = new LinkedHashMap<>();
        List<LoggerChange> becomes = new ArrayList<>();
        for (LoggerChange logger : change.changed()) {
            Level target = loggers.below(change, logger.logger()).orElse(null);
            Level current = now.level(logger.logger()).orElse(null);
            boolean unsure = logger.state() == State.UNKNOWN;
            if (target == null) {
                becomes.add(logger.in(State.COVERED));
            } else if (current == null) {
                becomes.add(logger.in(State.GONE));
            } else if (current == logger.to() || (unsure && (current == logger.from() || current == target))) {
                // A request that got no answer may still be on its way: what follows it on the way wins.
                if (current != target || unsure) {
                    targets.put(logger.logger(), target);
                }
                becomes.add(logger.in(State.PUT_BACK));
            } else {
                becomes.add(logger.in(current == target ? State.PUT_BACK : State.LEFT));
            }
        }
        if (!targets.isEmpty()) {
            LogLevels answer = new Sender(session, change.pod()).send(targets, now);
            becomes.replaceAll(logger -> {
                Level target = targets.get(logger.logger());
                return target == null || answer.level(logger.logger()).equals(Optional.of(target))
                        ? logger
                        : logger.in(State.LEFT);
            });
        }
        loggers.remove(change);
        finished(change, becomes, Status.UNDONE);
        LOG.info(
                "{}: log levels put back, {}{}",
                change.pod(),
                change.summary(),
                change.leftAlone().isEmpty() ? "" : "; changed by somebody else and left alone: " + change.leftAlone());
    }

    private void finished(LogLevelChange change, List<LoggerChange> becomes, Status status) {
        synchronized (change) {
            change.become(status, becomes, null);
            appointments.cancel(change);
        }
        synchronized (open) {
            open.remove(change);
        }
    }

    private static List<LoggerChange> all(LogLevelChange change, State state) {
        return change.changed().stream().map(logger -> logger.in(state)).toList();
    }

    /** Whether the pod does not run any more; where nobody may look, what its port-forward said counts. */
    private static boolean isGone(Session session, ResourceRef pod, MeshException why) {
        if (why instanceof MeshInterruptedException || why instanceof MeshClosedException) {
            return false;
        }
        try {
            Optional<Resource> found = session.resource(ResourceKind.POD, pod.namespace(), pod.name());
            String phase = found.map(one -> one.status().at("phase").text("")).orElse("");
            return found.isEmpty() || phase.equals("Succeeded") || phase.equals("Failed");
        } catch (MeshException e) {
            return why instanceof MeshNotFoundException;
        }
    }

    private PodLoggers lock(ResourceRef pod, Deadline deadline) {
        while (true) {
            PodLoggers loggers = pods.computeIfAbsent(pod, key -> new PodLoggers());
            try {
                if (!loggers.lock.tryLock(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS)) {
                    throw deadline.timeout("Another change of the log levels of " + pod);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new MeshInterruptedException("Interrupted while waiting for another change of " + pod + ".", "");
            }
            if (!loggers.discarded) {
                return loggers;
            }
            loggers.lock.unlock();
        }
    }

    private void unlock(ResourceRef pod, PodLoggers loggers) {
        if (loggers.isEmpty()) {
            loggers.discarded = true;
            pods.remove(pod, loggers);
        }
        loggers.lock.unlock();
    }

    /**
     * Puts back what is open, the latest of each pod first, and within the time of {@code lastSessions}.
     *
     * @throws MeshConnectionException if something could not be put back, with what to type
     */
    @Override
    public void close() {
        Map<ResourceRef, List<LogLevelChange>> left = new LinkedHashMap<>();
        synchronized (open) {
            if (closed) {
                return;
            }
            closed = true;
            open.forEach(change ->
                    left.computeIfAbsent(change.pod(), key -> new ArrayList<>()).add(0, change));
        }
        appointments.close();
        if (left.isEmpty()) {
            return;
        }
        Session session = lastSessions.get();
        CountDownLatch done = new CountDownLatch(left.size());
        left.values().forEach(changes -> start(() -> last(session, changes), done));
        try {
            // The sessions end by themselves; the second more only covers their last words.
            if (!done.await(session.deadline().remaining().toMillis() + 1000, TimeUnit.MILLISECONDS)) {
                LOG.debug("Not all pods have answered in time.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        List<LogLevelChange> lost = left.values().stream()
                .flatMap(List::stream)
                .filter(change -> !change.settled())
                .toList();
        if (!lost.isEmpty()) {
            throw lost(lost);
        }
    }

    private void start(Runnable task, CountDownLatch done) {
        try {
            executor.execute(() -> {
                try {
                    task.run();
                } finally {
                    done.countDown();
                }
            });
        } catch (RejectedExecutionException e) {
            done.countDown();
        }
    }

    private void last(Session session, List<LogLevelChange> changes) {
        for (LogLevelChange change : changes) {
            try {
                undo(session, change);
            } catch (MeshException e) {
                LOG.debug("{}: {}", change.pod(), e.toString());
            }
        }
    }

    private static MeshConnectionException lost(List<LogLevelChange> lost) {
        List<String> commands = new ArrayList<>();
        StringBuilder message = new StringBuilder("The mesh is closed, but not all log levels are put back:");
        for (LogLevelChange change : lost) {
            if (change.problem().isEmpty()) {
                change.become(
                        Status.UNKNOWN,
                        all(change, State.UNKNOWN),
                        problem(
                                change,
                                new MeshConnectionException(
                                        "The proxy did not answer before the mesh was closed.", "")));
            }
            message.append(' ')
                    .append(change.pod())
                    .append(" (")
                    .append(change.summary())
                    .append(")");
            commands.addAll(change.commands());
        }
        String byHand = "By hand: " + String.join(" && ", commands);
        LOG.warn("{}. {}", message, byHand);
        return new MeshConnectionException(message.append('.').toString(), byHand);
    }
}
