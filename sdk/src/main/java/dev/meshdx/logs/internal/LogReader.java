package dev.meshdx.logs.internal;

import dev.meshdx.error.MeshAccessException;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.MeshUnsupportedException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.logs.LogFormat;
import dev.meshdx.logs.LogLines;
import dev.meshdx.logs.LogSummary;
import dev.meshdx.logs.internal.line.Line;
import dev.meshdx.logs.internal.line.LineCollector;
import dev.meshdx.logs.internal.line.LineFeed;
import dev.meshdx.logs.internal.line.LineScanner;
import dev.meshdx.logs.internal.line.Timestamps;
import dev.meshdx.logs.internal.summary.Aggregator;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Nearest;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.source.LogQuery;
import dev.meshdx.source.Session;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the logs of pods: chooses the container, keeps to the bounds, and keeps what was read when the rest does not come. */
public final class LogReader {
    /**
     * What is wanted.
     *
     * @param container the container; empty for the proxy's, or what else speaks of the mesh in that pod
     * @param previous whether the run before the present one
     * @param lines how many of the last lines; 0 where only the age bounds them
     * @param since how old they may be; null for any age
     * @param bytes how many bytes are read at most
     */
    public record Bounds(
            String container,
            boolean previous,
            int lines,
            @Nullable Duration since,
            long bytes) {
        /** Kubelets keep 10 MiB of a log in one piece by default, and serve no more than that: this is for others. */
        private static final long BYTES = 256L << 20;

        /** The present run of the proxy's container. */
        public static final Bounds NONE = new Bounds("", false, 0, null, BYTES);

        /** Another container. */
        public Bounds of(String other) {
            return new Bounds(other, previous, lines, since, bytes);
        }

        /** The run before. */
        public Bounds ofPreviousRun() {
            return new Bounds(container, true, lines, since, bytes);
        }

        /**
         * The last so many lines.
         *
         * @throws IllegalArgumentException if there is to be none
         */
        public Bounds last(int count) {
            if (count < 1) {
                throw new IllegalArgumentException("lines must be at least 1, not " + count);
            }
            return new Bounds(container, previous, count, since, bytes);
        }

        /**
         * Lines that are not older.
         *
         * @throws IllegalArgumentException if there can be none
         */
        public Bounds notOlder(Duration age) {
            if (age.isNegative() || age.isZero()) {
                throw new IllegalArgumentException("age must be positive, not " + age);
            }
            return new Bounds(container, previous, lines, age, bytes);
        }

        /** With so many lines, where neither lines nor age are bounded yet. */
        private Bounds orLast(int count) {
            return lines > 0 || since != null ? this : last(count);
        }
    }

    /** How many lines are kept where the caller does not say: minutes to hours of a usual proxy, about 500 kB. */
    private static final int LINES = 1000;

    /** How many lines are read for numbers, of which none is kept. */
    private static final int SUMMARIZED = 10_000;

    private LogReader() {}

    /**
     * The lines of one pod.
     *
     * @throws MeshException if nothing can be read
     */
    public static LogLines lines(Session session, ResourceRef pod, Bounds bounds) {
        LogFormat format = LogFormats.of(session);
        LineCollector collector = new LineCollector(format.scanner());
        Session own = session.fork();
        read(own, pod, bounds.orLast(LINES), collector, format);
        return new LogLines(collector.lines(), format, own.gaps());
    }

    /**
     * What the log of one pod says.
     *
     * @throws MeshException if nothing can be read
     */
    public static LogSummary summary(Session session, ResourceRef pod, Bounds bounds) {
        Session own = session.fork();
        Aggregator aggregator = aggregate(own, pod, bounds);
        return aggregator.summary().of(List.of(pod), own.gaps());
    }

    /** What the logs of several pods say together. One that cannot be read is a gap. */
    public static LogSummary summary(Session session, List<ResourceRef> pods, Bounds bounds) {
        Session own = session.fork();
        Aggregator all = new Aggregator(LogFormat.usual().scanner());
        Map<ResourceRef, Aggregator> read = each(own, pods, pod -> aggregate(own, pod, bounds));
        read.values().forEach(all::merge);
        return all.summary().of(List.copyOf(read.keySet()), own.gaps());
    }

    /** The lines of several pods. One that cannot be read is a gap of the session. */
    public static Map<ResourceRef, LogLines> lines(Session session, List<ResourceRef> pods, Bounds bounds) {
        return each(session, pods, pod -> lines(session, pod, bounds));
    }

    private static <T> Map<ResourceRef, T> each(
            Session session, List<ResourceRef> pods, Function<ResourceRef, T> read) {
        List<Optional<T>> answers = session.parallel(pods, pod -> {
            try {
                return Optional.of(read.apply(pod));
            } catch (MeshException e) {
                session.gap("log", pod, e);
                return Optional.<T>empty();
            }
        });
        Map<ResourceRef, T> seen = new LinkedHashMap<>();
        for (int i = 0; i < pods.size(); i++) {
            ResourceRef pod = pods.get(i);
            answers.get(i).ifPresent(answer -> seen.put(pod, answer));
        }
        return seen;
    }

    private static Aggregator aggregate(Session session, ResourceRef pod, Bounds bounds) {
        LogFormat format = LogFormats.of(session);
        Aggregator aggregator = new Aggregator(format.scanner());
        aggregator.bytes(read(session, pod, bounds.orLast(SUMMARIZED), aggregator, format));
        return aggregator;
    }

    /** Reads to the end, or to a bound; what came before a failure stands, and the failure is a gap. */
    private static long read(Session session, ResourceRef pod, Bounds bounds, LineFeed.Sink lines, LogFormat format) {
        LogQuery query = query(session, pod, bounds);
        Age sink = new Age(session, bounds, lines, format);
        Limited[] opened = new Limited[1];
        try {
            long bytes = session.log(query, in -> {
                Limited limited = new Limited(in, bounds.bytes());
                opened[0] = limited;
                return LineFeed.read(limited, sink);
            });
            if (opened[0] != null && opened[0].isCut()) {
                session.gap(Inconclusive.of(
                        "rest of the log",
                        pod,
                        Reason.UNSUPPORTED,
                        "The log is longer than " + (bounds.bytes() >> 20) + " MiB; only its beginning was read.",
                        "Ask for fewer lines, or for a shorter time."));
            }
            return bytes;
        } catch (MeshException e) {
            if (sink.isEmpty()) {
                throw e;
            }
            session.gap("rest of the log", pod, e);
            return opened[0] == null ? 0 : opened[0].bytes();
        }
    }

    /**
     * Which container is asked. Looks at the pod, once; where that is forbidden, the usual name is tried.
     *
     * @throws MeshNotFoundException if there is no such container
     * @throws MeshUnsupportedException if no container of the pod speaks of the mesh
     */
    private static LogQuery query(Session session, ResourceRef ref, Bounds bounds) {
        String container = bounds.container();
        Optional<Resource> pod = Optional.empty();
        try {
            pod = session.resource(ResourceKind.POD, ref.namespace(), ref.name());
            if (pod.isEmpty()) {
                session.requirePod(ref.namespace(), ref.name());
            }
        } catch (MeshAccessException | MeshUnsupportedException e) {
            // The log may be readable where the pod is not.
        }
        if (pod.isPresent()) {
            container = container(pod.get(), container);
        } else if (container.isEmpty()) {
            container = Pods.PROXY_CONTAINER;
        }
        return new LogQuery(ref.namespace(), ref.name(), container, bounds.lines(), bounds.previous(), bounds.since());
    }

    private static String container(Resource pod, String wanted) {
        List<String> names = new ArrayList<>();
        for (String list : List.of("containers", "initContainers", "ephemeralContainers")) {
            pod.spec()
                    .at(list)
                    .items()
                    .forEach(item -> names.add(item.at("name").text("")));
        }
        if (!wanted.isEmpty()) {
            if (!names.contains(wanted)) {
                List<String> near = Nearest.to(wanted, names);
                throw new MeshNotFoundException(
                        pod.ref() + " has no container " + wanted + ".",
                        near.isEmpty()
                                ? "It has " + String.join(", ", names) + "."
                                : "Did you mean " + near.get(0) + "?");
            }
            return wanted;
        }
        // istiod's container, and that of the CNI agent, speak of the mesh too.
        for (String known : List.of(Pods.PROXY_CONTAINER, "discovery", "install-cni")) {
            if (names.contains(known)) {
                return known;
            }
        }
        throw new MeshUnsupportedException(
                Reason.UNSUPPORTED,
                pod.ref() + " has no container " + Pods.PROXY_CONTAINER
                        + (Pods.isAmbient(pod)
                                ? ": it is in ambient mode, and has no proxy of its own."
                                : ": it has no sidecar."),
                Pods.isAmbient(pod)
                        ? "Look at the ztunnel of its node: kubectl -n istio-system get pods -l app=ztunnel -o wide | grep "
                                + pod.spec().at("nodeName").text("NODE")
                        : "Name one of its containers (" + String.join(", ", names)
                                + "), or see why it was not injected.");
    }

    /** Passes on what is young enough: for sources that do not know the age of lines. */
    private static final class Age implements LineFeed.Sink {
        private final LineFeed.Sink sink;
        private final LineScanner scanner;
        private final Line line = new Line();
        private final long oldest;
        private boolean passes;
        private boolean empty = true;

        Age(Session session, Bounds bounds, LineFeed.Sink sink, LogFormat format) {
            this.sink = sink;
            this.scanner = format.scanner();
            Instant from = bounds.since() == null ? null : session.now().minus(bounds.since());
            this.oldest = from == null ? Long.MIN_VALUE : from.getEpochSecond() * 1_000_000L + from.getNano() / 1000;
            this.passes = from == null;
        }

        @Override
        public void line(byte[] text, int start, int end) {
            if (!passes) {
                scanner.scan(text, start, end, line);
                // Logs are in the order of time, near enough: from the first young line on all are wanted.
                passes = line.time() != Timestamps.NONE && line.time() >= oldest;
            }
            if (passes) {
                empty = false;
                sink.line(text, start, end);
            }
        }

        boolean isEmpty() {
            return empty;
        }
    }

    /** Ends after so many bytes. */
    private static final class Limited extends InputStream {
        private final InputStream in;
        private final long limit;
        private long bytes;
        private boolean cut;

        Limited(InputStream in, long limit) {
            this.in = in;
            this.limit = limit;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (bytes >= limit) {
                cut = true;
                return -1;
            }
            int count = in.read(buffer, offset, (int) Math.min(length, limit - bytes));
            bytes += Math.max(0, count);
            return count;
        }

        long bytes() {
            return bytes;
        }

        boolean isCut() {
            return cut;
        }
    }
}
