package dev.meshdx.source;

import dev.meshdx.annotation.Internal;
import dev.meshdx.error.MeshClosedException;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshInterruptedException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One question's view of a source: everything is read at most once (failures too), reads run in parallel up to a bound, all
 * of it ends at the deadline, and what could not be read is collected. Made by {@code Mesh} for each verb; safe for use by
 * several threads.
 */
@Internal
public final class Session {
    private static final int MEGABYTE = 1024 * 1024;

    /** Statistics of the largest proxies have some ten megabytes. */
    private static final int MAX_TEXT = 128 * MEGABYTE;

    /** Container runtimes split lines at 16 KiB; what is longer is no line that anybody reads. */
    private static final int MAX_LINE = MEGABYTE;

    private final MeshSource source;
    private final Options options;
    private final Deadline deadline;
    private final Semaphore permits;
    private final ExecutorService executor;
    private final ConcurrentHashMap<Object, CompletableFuture<Object>> memory;
    private final AtomicInteger started;
    private final AtomicInteger done;
    private final Outcome outcome;
    private final ConcurrentHashMap<Inconclusive, Boolean> gaps = new ConcurrentHashMap<>();

    /** Whether anything could be read at all. */
    private static final class Outcome {
        private volatile boolean anything;
        private final AtomicReference<@Nullable MeshException> first = new AtomicReference<>();

        void failed(MeshException e) {
            switch (e.reason()) {
                // What is not there says nothing of whether the rest could be read.
                case NOT_INSTALLED, NOT_RECORDED, UNSUPPORTED -> {}
                default -> first.compareAndSet(null, e);
            }
        }
    }

    /**
     * What bounds a session.
     *
     * @param deadline for the whole question
     * @param podDeadline for one read from one pod, so that a hung pod costs nobody else's time
     * @param parallelism how many reads may run at once
     * @param istioNamespace where the control plane lives
     * @param clock the time for sources whose time is now
     * @param judgedAt the time at which things are judged, whatever the source or the clock says; null for those
     * @param progress is told of every read
     */
    public record Options(
            Duration deadline,
            Duration podDeadline,
            int parallelism,
            String istioNamespace,
            Clock clock,
            @Nullable Instant judgedAt,
            Consumer<Progress> progress) {
        /** 30 s in all, 10 s for a pod, 16 reads at once, {@code istio-system}, the system's clock, no progress. */
        public static final Options DEFAULT = new Options(
                Duration.ofSeconds(30),
                Duration.ofSeconds(10),
                16,
                "istio-system",
                Clock.systemUTC(),
                null,
                progress -> {});

        /** The same, with less time for the whole question. */
        public Options within(Duration time) {
            return new Options(time, podDeadline, parallelism, istioNamespace, clock, judgedAt, progress);
        }
    }

    /**
     * Opens a session; its deadline runs from now.
     *
     * @param executor runs the fan-out; must not queue tasks behind one another
     */
    public Session(MeshSource source, Options options, ExecutorService executor) {
        this.source = source;
        this.options = options;
        this.executor = executor;
        this.deadline = Deadline.after(options.deadline());
        this.permits = new Semaphore(options.parallelism());
        this.memory = new ConcurrentHashMap<>();
        this.started = new AtomicInteger();
        this.done = new AtomicInteger();
        this.outcome = new Outcome();
    }

    private Session(Session parent) {
        this.source = parent.source;
        this.options = parent.options;
        this.executor = parent.executor;
        this.deadline = parent.deadline;
        this.permits = parent.permits;
        this.memory = parent.memory;
        this.started = parent.started;
        this.done = parent.done;
        this.outcome = parent.outcome;
    }

    /** A view that shares everything with this session but collects its own gaps: one for each step of a diagnosis. */
    public Session fork() {
        return new Session(this);
    }

    /** Where the control plane lives. */
    public String istioNamespace() {
        return options.istioNamespace();
    }

    /** The source that is asked. */
    public MeshSource source() {
        return source;
    }

    /** The time at which things are judged: the recording's, or now. */
    public Instant now() {
        Instant judgedAt = options.judgedAt();
        return judgedAt != null ? judgedAt : source.recordedAt().orElseGet(options.clock()::instant);
    }

    /** When the question is given up. */
    public Deadline deadline() {
        return deadline;
    }

    /** All resources of a kind in all namespaces. */
    public List<Resource> resources(ResourceKind kind) {
        return list(ListQuery.all(kind));
    }

    /** The resources of a kind in one namespace. What was already read for all namespaces is not read again. */
    public List<Resource> resources(ResourceKind kind, String namespace) {
        CompletableFuture<Object> all = memory.get(ListQuery.all(kind));
        if (all != null && all.isDone() && !all.isCompletedExceptionally()) {
            return list(ListQuery.all(kind)).stream()
                    .filter(resource -> resource.namespace().equals(namespace))
                    .toList();
        }
        return list(ListQuery.in(kind, namespace));
    }

    /** The resources that match. */
    public List<Resource> list(ListQuery query) {
        return once(query, query.kind().qualifiedPlural(), () -> io(query, () -> source.list(query, deadline)));
    }

    /** Resources, or nothing and a gap in the result where they cannot be read. */
    public List<Resource> resourcesOrGap(ResourceKind kind, String namespace) {
        try {
            return namespace.isEmpty() ? resources(kind) : resources(kind, namespace);
        } catch (MeshException e) {
            gap(kind.qualifiedPlural() + (namespace.isEmpty() ? "" : " in namespace " + namespace), null, e);
            return List.of();
        }
    }

    /** One resource, from a list that was read before or by itself. */
    public Optional<Resource> resource(ResourceKind kind, String namespace, String name) {
        for (ListQuery query : List.of(ListQuery.all(kind), ListQuery.in(kind, namespace))) {
            CompletableFuture<Object> known = memory.get(query);
            if (known != null && known.isDone() && !known.isCompletedExceptionally()) {
                return list(query).stream()
                        .filter(resource -> resource.namespace().equals(namespace)
                                && resource.name().equals(name))
                        .findFirst();
            }
        }
        return once(
                List.of("find", kind, namespace, name),
                kind.kind() + " " + name,
                () -> io(name, () -> source.find(kind, namespace, name, deadline)));
    }

    /**
     * Asks a port of a pod.
     *
     * @param reader must be the same for the same request within a session: the first one's result is kept
     * @throws IllegalArgumentException if the request would change something
     */
    public <T> T fetch(PodRequest request, BodyReader<T> reader) {
        request.requireReads();
        try {
            return once(
                    request,
                    request.pod() + request.path(),
                    () -> io(request, () -> source.fetch(request, reader, deadline.atMost(options.podDeadline()))));
        } catch (MeshNotFoundException | MeshUnsupportedException e) {
            // A recording has no page of a pod that there never was.
            if (e instanceof MeshNotFoundException || e.reason() == Reason.NOT_RECORDED) {
                requirePod(request.namespace(), request.pod());
            }
            throw e;
        }
    }

    /**
     * Sends a request that changes something to a port of a pod: as often as this is called, and never again by itself. What
     * was read of the same page before is forgotten.
     *
     * @throws MeshException as {@link MeshSource#change} says
     */
    public <T> T change(PodRequest request, BodyReader<T> reader) {
        try {
            return io(request, () -> source.change(request, reader, deadline.atMost(options.podDeadline())));
        } finally {
            int query = request.path().indexOf('?');
            String page = query < 0 ? request.path() : request.path().substring(0, query);
            memory.keySet()
                    .removeIf(key -> key instanceof PodRequest read
                            && read.podRef().equals(request.podRef())
                            && read.port() == request.port()
                            && (read.path().equals(page) || read.path().startsWith(page + "?")));
        }
    }

    /**
     * Makes sure that a pod exists, as far as the caller may list pods. Costs a list of the namespace's pods, once.
     *
     * @throws MeshNotFoundException if it does not; the remedy names pods that were probably meant
     */
    public void requirePod(String namespace, String pod) {
        ScopeLookup.requirePod(this, namespace, pod);
    }

    /**
     * Makes sure that the pod or the namespace of a scope exists, as far as that can be seen: for an answer that would
     * otherwise be empty and look like a good one.
     *
     * @throws MeshNotFoundException if it does not; the remedy names what was probably meant
     */
    public void require(Scope scope) {
        if (scope.isPod()) {
            requirePod(scope.namespace(), scope.pod());
        } else if (!scope.namespace().isEmpty()) {
            ScopeLookup.requireNamespace(this, scope.namespace());
        }
    }

    /** A JSON page of a pod. */
    public Json json(PodRequest request) {
        return fetch(request, Json::read);
    }

    /** A text page of a pod. */
    public String text(PodRequest request) {
        return fetch(request, body -> {
            byte[] text = body.readNBytes(MAX_TEXT);
            if (body.read() >= 0) {
                throw new MeshProtocolException(request + ": the page is larger than " + MAX_TEXT / MEGABYTE + " MiB.");
            }
            return new String(text, StandardCharsets.UTF_8);
        });
    }

    /** Lines of a container's log. */
    public List<String> log(LogQuery query) {
        try {
            return once(
                    query,
                    query.toString(),
                    () -> io(query, () -> source.log(query, Session::lines, deadline.atMost(options.podDeadline()))));
        } catch (MeshNotFoundException e) {
            requirePod(query.namespace(), query.pod());
            throw e;
        }
    }

    /**
     * A container's log as it arrives, for what does not fit into memory. It is not remembered: the second time it is read anew.
     *
     * @throws MeshException if it cannot be read, or breaks off: what the reader saw before stands
     */
    public <T> T log(LogQuery query, BodyReader<T> reader) {
        try {
            return io(query, () -> source.log(query, reader, deadline.atMost(options.podDeadline())));
        } catch (MeshNotFoundException e) {
            requirePod(query.namespace(), query.pod());
            throw e;
        }
    }

    /** The lines of a log: one that is far too long is cut, and so is a log that no memory should hold. */
    private static List<String> lines(java.io.InputStream body) throws IOException {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        char[] buffer = new char[16 * 1024];
        long kept = 0;
        Reader reader = new InputStreamReader(body, StandardCharsets.UTF_8);
        for (int count = reader.read(buffer); count >= 0 && kept < MAX_TEXT; count = reader.read(buffer)) {
            int start = 0;
            for (int i = 0; i < count; i++) {
                if (buffer[i] == '\n') {
                    append(line, buffer, start, i);
                    kept += add(lines, line);
                    start = i + 1;
                }
            }
            append(line, buffer, start, count);
        }
        if (line.length() > 0) {
            add(lines, line);
        }
        return List.copyOf(lines);
    }

    /**
     * The first of the failures where nothing at all could be read from the source; empty where something was, or where
     * nothing was asked.
     */
    public Optional<MeshException> blindness() {
        List<MeshException> failures = new ArrayList<>();
        for (var read : memory.entrySet()) {
            boolean io = read.getKey() instanceof ListQuery
                    || read.getKey() instanceof PodRequest
                    || read.getKey() instanceof LogQuery;
            CompletableFuture<Object> answer = read.getValue();
            if (!io || !answer.isDone()) {
                continue;
            }
            if (!answer.isCompletedExceptionally()) {
                return Optional.empty();
            }
            try {
                answer.join();
            } catch (CompletionException e) {
                if (e.getCause() instanceof MeshException failure) {
                    failures.add(failure);
                }
            }
        }
        return failures.stream().min(Comparator.comparing(failure -> String.valueOf(failure.getMessage())));
    }

    private static void append(StringBuilder line, char[] buffer, int start, int end) {
        line.append(buffer, start, Math.min(end - start, MAX_LINE - line.length()));
    }

    private static int add(List<String> lines, StringBuilder line) {
        int length = line.length();
        boolean carriageReturn = length > 0 && line.charAt(length - 1) == '\r';
        lines.add(line.substring(0, carriageReturn ? length - 1 : length));
        line.setLength(0);
        return length;
    }

    /** What the API server says of itself. */
    public Json version() {
        return once("version", "version", () -> io("version", () -> source.version(deadline)));
    }

    /** One read from the source: bounded in number, and none begins after the deadline. */
    private <T> T io(Object what, Supplier<T> read) {
        try {
            if (!permits.tryAcquire(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS)) {
                throw deadline.timeout(String.valueOf(what));
            }
        } catch (InterruptedException e) {
            throw interrupted(String.valueOf(what));
        }
        try {
            deadline.require(String.valueOf(what));
            T value = read.get();
            outcome.anything = true;
            return value;
        } catch (MeshException e) {
            outcome.failed(e);
            throw e;
        } finally {
            permits.release();
        }
    }

    /**
     * Goes on only if anything could be read, or nothing was asked for: an answer that consists of gaps is none.
     *
     * @throws MeshException what the first read failed with
     */
    public void requireAnything() {
        MeshException first = outcome.first.get();
        if (first != null && !outcome.anything) {
            throw first;
        }
    }

    /** Derives something from what was read, once for the whole session: a parsed dump that several steps look at. */
    @SuppressWarnings("unchecked")
    public <T> T once(Object key, String activity, Supplier<T> read) {
        CompletableFuture<Object> mine = new CompletableFuture<>();
        CompletableFuture<Object> other = memory.putIfAbsent(key, mine);
        if (other != null) {
            return (T) await(other, activity);
        }
        started.incrementAndGet();
        report(activity);
        try {
            T value = read.get();
            mine.complete(value);
            return value;
        } catch (UncheckedIOException e) {
            MeshException translated = new dev.meshdx.error.MeshConnectionException(
                    "Reading " + activity + " failed: " + e.getCause(), "", e);
            mine.completeExceptionally(translated);
            throw translated;
        } catch (RuntimeException | Error e) {
            mine.completeExceptionally(e);
            throw e;
        } finally {
            done.incrementAndGet();
            report(activity);
        }
    }

    /**
     * Lets go of something that was read and that nobody in this question needs again: it would be read anew.
     *
     * @param key as given to {@link #once}; a request for what {@link #fetch} and {@link #log} read
     */
    public void forget(Object key) {
        memory.remove(key);
    }

    private void report(String activity) {
        options.progress().accept(new Progress(activity, done.get(), started.get()));
    }

    private Object await(CompletableFuture<Object> future, String activity) {
        try {
            // The reader keeps to the deadline itself; the second more only covers its last words.
            return future.get(deadline.remaining().toMillis() + 1000, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw interrupted(activity);
        } catch (TimeoutException e) {
            throw deadline.timeout(activity);
        } catch (ExecutionException e) {
            throw rethrow(e.getCause());
        }
    }

    private static MeshInterruptedException interrupted(String activity) {
        Thread.currentThread().interrupt();
        return new MeshInterruptedException("Interrupted while waiting for " + activity + ".", "");
    }

    private static RuntimeException rethrow(@Nullable Throwable cause) {
        if (cause instanceof RuntimeException e) {
            return e;
        }
        if (cause instanceof Error e) {
            throw e;
        }
        return new CompletionException(cause);
    }

    /**
     * Does the same for many things at once, as many in parallel as the session allows, and returns the results in the order
     * of the input. An exception of one becomes the exception of all: catch inside what may fail by itself.
     */
    public <A, B> List<B> parallel(List<A> inputs, Function<? super A, ? extends B> work) {
        if (inputs.size() <= 1) {
            List<B> results = new ArrayList<>();
            inputs.forEach(input -> results.add(work.apply(input)));
            return results;
        }
        AtomicInteger next = new AtomicInteger();
        List<@Nullable B> results = new ArrayList<>(java.util.Collections.nCopies(inputs.size(), null));
        List<Future<?>> workers = new ArrayList<>();
        int count = Math.min(options.parallelism(), inputs.size());
        for (int i = 0; i < count; i++) {
            try {
                workers.add(executor.submit(() -> {
                    for (int index = next.getAndIncrement(); index < inputs.size(); index = next.getAndIncrement()) {
                        B result = work.apply(inputs.get(index));
                        synchronized (results) {
                            results.set(index, result);
                        }
                    }
                    return null;
                }));
            } catch (RejectedExecutionException e) {
                throw new MeshClosedException("The mesh was closed.", "Connect again.", e);
            }
        }
        join(workers);
        synchronized (results) {
            List<B> complete = new ArrayList<>(results.size());
            for (B result : results) {
                complete.add(java.util.Objects.requireNonNull(result));
            }
            return complete;
        }
    }

    /** Runs different things at once and waits for all of them. */
    public void parallel(Runnable... tasks) {
        List<Future<?>> workers = new ArrayList<>();
        for (Runnable task : tasks) {
            try {
                workers.add(executor.submit(task));
            } catch (RejectedExecutionException e) {
                throw new MeshClosedException("The mesh was closed.", "Connect again.", e);
            }
        }
        join(workers);
    }

    private void join(List<Future<?>> workers) {
        RuntimeException failure = null;
        for (Future<?> worker : workers) {
            try {
                worker.get(deadline.remaining().toMillis() + 2000, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                workers.forEach(other -> other.cancel(true));
                throw interrupted("parallel reads");
            } catch (TimeoutException e) {
                workers.forEach(other -> other.cancel(true));
                failure = failure == null ? deadline.timeout("The question") : failure;
            } catch (CancellationException e) {
                // One of those that were just given up: the first failure is the one to tell.
                failure = failure == null ? deadline.timeout("The question") : failure;
            } catch (ExecutionException e) {
                RuntimeException cause = rethrow(e.getCause());
                failure = failure == null ? cause : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Notes something that could not be read. */
    public void gap(String what, @Nullable ResourceRef subject, MeshException why) {
        if (why instanceof MeshInterruptedException || why instanceof MeshClosedException) {
            throw why;
        }
        gaps.put(Inconclusive.of(what, subject, why), true);
    }

    /** Notes something that could not be seen. */
    public void gap(Inconclusive gap) {
        gaps.put(gap, true);
    }

    /** What could not be seen so far, sorted. */
    public List<Inconclusive> gaps() {
        return gaps.keySet().stream().sorted().toList();
    }
}
