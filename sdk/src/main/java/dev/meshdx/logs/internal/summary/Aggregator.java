package dev.meshdx.logs.internal.summary;

import dev.meshdx.logs.AccessFailure;
import dev.meshdx.logs.AccessSummary;
import dev.meshdx.logs.LineKind;
import dev.meshdx.logs.LogMatch;
import dev.meshdx.logs.LogMatches;
import dev.meshdx.logs.LogPattern;
import dev.meshdx.logs.LogSummary;
import dev.meshdx.logs.internal.Redaction;
import dev.meshdx.logs.internal.line.AccessField;
import dev.meshdx.logs.internal.line.FieldsKey;
import dev.meshdx.logs.internal.line.Line;
import dev.meshdx.logs.internal.line.LineFeed;
import dev.meshdx.logs.internal.line.LineScanner;
import dev.meshdx.logs.internal.line.Message;
import dev.meshdx.logs.internal.line.Timestamps;
import dev.meshdx.logs.internal.pattern.PatternMatcher;
import dev.meshdx.logs.internal.pattern.PatternTable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts what a log says while it is read. Its memory is bounded, however long the log is and whatever stands in it: texts are
 * counted where they lie, and only examples are copied. Not safe for use by several threads: one for each log, and {@link #merge}.
 */
@SuppressWarnings("EnumOrdinal") // Kinds and flags are bits and places in arrays here.
public final class Aggregator implements LineFeed.Sink {
    private static final int KEYS = 5_000;
    private static final int GROUPS = 1_000;
    private static final int EXAMPLES = 3;
    private static final int EXAMPLE = 2048;
    private static final int CODES = 1_000;
    private static final int FIRST_FAILURE = 400;
    private static final byte[] DELAY = "DI".getBytes(StandardCharsets.US_ASCII);

    /** What tells failures apart; of a field with a thousand letters the first of them. */
    private static final List<AccessField> BY_CLUSTER = failure(AccessField.UPSTREAM_CLUSTER);

    /** The same, of those that failed before a cluster was chosen. */
    private static final List<AccessField> BY_HOST = failure(AccessField.AUTHORITY);

    private final LineScanner scanner;
    private final Line line = new Line();
    private final PatternMatcher matcher = new PatternMatcher();
    private final long[] kinds = new long[LineKind.values().length];
    private final Hit[] hits = new Hit[PatternTable.patterns().size()];
    private final long[] codes = new long[CODES];
    private final Tally flags = new Tally(KEYS);
    private final Tally routes = new Tally(KEYS);
    private final Tally clusters = new Tally(KEYS);
    private final Tally peers = new Tally(KEYS);
    private final Top slowest = new Top();
    private final Top biggest = new Top();
    private final Map<FieldsKey, Group> groups = new LinkedHashMap<>();
    private final List<String> unknown = new ArrayList<>();
    private final FieldsKey groupKey = new FieldsKey(BY_CLUSTER.size(), 200);
    private long lines;
    private long bytes;
    private long continued;
    private long entries;
    private long failed;
    private long ungrouped;
    private long first = Timestamps.NONE;
    private long last = Timestamps.NONE;

    private final Message messages = new Message();

    /** Who wrote the last message. */
    private LineKind writer = LineKind.AGENT;

    private long messageTime = Timestamps.NONE;
    private byte[] messageStart = new byte[0];

    /** Reads lines as the scanner does. */
    public Aggregator(LineScanner scanner) {
        this.scanner = scanner;
    }

    /** What is known of the lines of one pattern. */
    private static final class Hit {
        private final Occurrences occurrences = new Occurrences();
        /** The newest lines, one after the other over the oldest: most are overwritten before anybody looks. */
        private final byte[][] examples = new byte[EXAMPLES][0];

        private final int[] lengths = new int[EXAMPLES];
        private int newest = -1;

        void example(byte[] text, int start, int end) {
            newest = (newest + 1) % EXAMPLES;
            int length = Math.min(end - start, EXAMPLE);
            if (examples[newest].length < length) {
                examples[newest] = new byte[Math.min(EXAMPLE, 2 * length)];
            }
            System.arraycopy(text, start, examples[newest], 0, length);
            lengths[newest] = length;
        }

        /** The newest first. */
        List<byte[]> examples() {
            List<byte[]> all = new ArrayList<>();
            for (int i = 0; i < EXAMPLES && newest >= 0; i++) {
                int at = (newest - i + EXAMPLES) % EXAMPLES;
                if (lengths[at] > 0) {
                    all.add(Arrays.copyOf(examples[at], lengths[at]));
                }
            }
            return all;
        }
    }

    /** Requests that failed alike. */
    private static final class Group {
        private final AccessFailure.Fields fields;
        private final Occurrences occurrences = new Occurrences();
        private final Tally peers = new Tally(50);
        private byte[] example = new byte[0];

        Group(AccessFailure.Fields fields) {
            this.fields = fields;
        }

        AccessFailure build() {
            return new AccessFailure(fields.with(
                    occurrences.count,
                    occurrences.first(),
                    occurrences.last(),
                    occurrences.bursts(),
                    peers.counts(),
                    shown(example)));
        }
    }

    private static List<AccessField> failure(AccessField place) {
        return List.of(
                place,
                AccessField.ROUTE_NAME,
                AccessField.RESPONSE_CODE,
                AccessField.RESPONSE_FLAGS,
                AccessField.RESPONSE_CODE_DETAILS,
                AccessField.UPSTREAM_TRANSPORT_FAILURE_REASON);
    }

    private static String shown(byte[] example) {
        return Redaction.line(new String(example, StandardCharsets.UTF_8));
    }

    /** How many bytes were read; the feed knows. */
    public void bytes(long read) {
        bytes += read;
    }

    @Override
    public void line(byte[] text, int start, int end) {
        lines++;
        scanner.scan(text, start, end, line);
        LineKind kind = line.kind();
        if (messages.goesOn(line)) {
            continued++;
            matcher.more(line, writer);
            report(messageStart, 0, messageStart.length, messageTime);
            return;
        }
        kinds[kind.ordinal()]++;
        told = 0;
        long time = line.time();
        if (time != Timestamps.NONE) {
            first = first == Timestamps.NONE ? time : Math.min(first, time);
            last = Math.max(last, time);
        }
        matcher.begin(line);
        report(text, start, end, time);
        if (kind == LineKind.ACCESS) {
            access();
            return;
        }
        if (kind == LineKind.OTHER) {
            if (unknown.size() < EXAMPLES && end > start) {
                unknown.add(shown(Arrays.copyOfRange(text, start, Math.min(end, start + EXAMPLE))));
            }
            return;
        }
        writer = kind;
        messageTime = time;
        messageStart = Arrays.copyOfRange(text, start, Math.min(end, start + EXAMPLE));
        if (line.isConnection()) {
            access();
        }
    }

    /** How many patterns of the present message were counted. */
    private int told;

    private void report(byte[] text, int start, int end, long time) {
        for (; told < matcher.count(); told++) {
            int pattern = matcher.pattern(told);
            Hit hit = hits[pattern];
            if (hit == null) {
                hit = new Hit();
                hits[pattern] = hit;
            }
            hit.occurrences.add(time);
            hit.example(text, start, end);
        }
    }

    private void access() {
        entries++;
        count(flags, AccessField.RESPONSE_FLAGS);
        count(routes, AccessField.ROUTE_NAME);
        count(clusters, AccessField.UPSTREAM_CLUSTER);
        int code = (int) line.number(AccessField.RESPONSE_CODE, 0);
        codes[code >= 0 && code < CODES ? code : 0]++;
        AccessField peer = peer();
        int peerEnd = peer == AccessField.UPSTREAM_HOST ? line.to(peer) : withoutPort(peer);
        peers.add(line.values(), line.from(peer), peerEnd);
        boolean http = line.has(AccessField.METHOD);
        if (http) {
            slowest.add(line.number(AccessField.DURATION, 0), line);
        }
        biggest.add(line.number(AccessField.BYTES_SENT, 0) + line.number(AccessField.BYTES_RECEIVED, 0), line);
        boolean failure = http
                ? code == 0 || code >= FIRST_FAILURE
                : code >= FIRST_FAILURE
                        || (line.has(AccessField.RESPONSE_FLAGS) && !line.is(AccessField.RESPONSE_FLAGS, DELAY))
                        || line.has(AccessField.UPSTREAM_TRANSPORT_FAILURE_REASON);
        if (failure) {
            failed++;
            group(code, peer, peerEnd);
        }
    }

    private void count(Tally tally, AccessField field) {
        tally.add(line.values(), line.from(field), line.to(field));
    }

    /** The other side: of what arrives at a workload the client, else the endpoint that was chosen. */
    private AccessField peer() {
        int at = line.from(AccessField.UPSTREAM_CLUSTER);
        boolean inbound =
                line.has(AccessField.UPSTREAM_CLUSTER) && (line.values()[at] == 'i' || line.values()[at] == 'I');
        return inbound || !line.has(AccessField.UPSTREAM_HOST)
                ? AccessField.DOWNSTREAM_REMOTE_ADDRESS
                : AccessField.UPSTREAM_HOST;
    }

    private int withoutPort(AccessField field) {
        int at = line.to(field) - 1;
        while (at > line.from(field) && line.values()[at] >= '0' && line.values()[at] <= '9') {
            at--;
        }
        return at > line.from(field) && line.values()[at] == ':' ? at : line.to(field);
    }

    private void group(int code, AccessField peer, int peerEnd) {
        groupKey.read(line, line.has(AccessField.UPSTREAM_CLUSTER) ? BY_CLUSTER : BY_HOST);
        Group group = groups.get(groupKey);
        if (group == null) {
            if (groups.size() == GROUPS) {
                ungrouped++;
                return;
            }
            group = new Group(AccessFailure.Fields.of(
                    Redaction.text(line.text(AccessField.UPSTREAM_CLUSTER)),
                    Redaction.text(line.text(AccessField.AUTHORITY)),
                    Redaction.text(line.text(AccessField.ROUTE_NAME)),
                    code,
                    Redaction.text(line.text(AccessField.RESPONSE_FLAGS)),
                    Redaction.text(line.text(AccessField.RESPONSE_CODE_DETAILS)),
                    Redaction.text(line.text(AccessField.UPSTREAM_TRANSPORT_FAILURE_REASON)),
                    patternIds()));
            groups.put(groupKey.kept(), group);
        }
        group.occurrences.add(line.time());
        group.peers.add(line.values(), line.from(peer), peerEnd);
        if (group.example.length == 0) {
            group.example = Arrays.copyOfRange(line.text(), line.start(), Math.min(line.end(), line.start() + EXAMPLE));
        }
    }

    private List<String> patternIds() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < matcher.count(); i++) {
            ids.add(PatternTable.patterns().get(matcher.pattern(i)).id());
        }
        return ids;
    }

    /** Adds what another log says. */
    public void merge(Aggregator other) {
        lines += other.lines;
        bytes += other.bytes;
        continued += other.continued;
        entries += other.entries;
        failed += other.failed;
        ungrouped += other.ungrouped;
        for (int i = 0; i < kinds.length; i++) {
            kinds[i] += other.kinds[i];
        }
        for (int i = 0; i < codes.length; i++) {
            codes[i] += other.codes[i];
        }
        for (int i = 0; i < hits.length; i++) {
            Hit theirs = other.hits[i];
            Hit mine = hits[i];
            if (theirs != null && mine == null) {
                hits[i] = theirs;
            } else if (theirs != null && mine != null) {
                mine.occurrences.merge(theirs.occurrences);
                List<byte[]> newer = theirs.examples();
                for (int j = newer.size() - 1; j >= 0; j--) {
                    mine.example(newer.get(j), 0, newer.get(j).length);
                }
            }
        }
        flags.merge(other.flags);
        routes.merge(other.routes);
        clusters.merge(other.clusters);
        peers.merge(other.peers);
        slowest.merge(other.slowest);
        biggest.merge(other.biggest);
        other.groups.forEach((key, theirs) -> {
            Group mine = groups.get(key);
            if (mine != null) {
                mine.occurrences.merge(theirs.occurrences);
                mine.peers.merge(theirs.peers);
            } else if (groups.size() < GROUPS) {
                groups.put(key, theirs);
            } else {
                ungrouped += theirs.occurrences.count;
            }
        });
        for (String text : other.unknown) {
            if (unknown.size() < EXAMPLES) {
                unknown.add(text);
            }
        }
        first = first == Timestamps.NONE
                ? other.first
                : other.first == Timestamps.NONE ? first : Math.min(first, other.first);
        last = Math.max(last, other.last);
    }

    /** What was read so far. */
    public LogSummary summary() {
        Map<LineKind, Long> byKind = new EnumMap<>(LineKind.class);
        for (LineKind kind : LineKind.values()) {
            byKind.put(kind, kinds[kind.ordinal()]);
        }
        return new LogSummary(new LogSummary.Fields(
                lines,
                bytes,
                byKind,
                continued,
                unknown,
                Line.instant(first),
                Line.instant(last),
                matches(),
                accessSummary(),
                List.of(),
                List.of()));
    }

    /** The patterns that occurred. */
    public LogMatches matches() {
        List<LogMatch> matches = new ArrayList<>();
        List<LogPattern> patterns = PatternTable.patterns();
        for (int i = 0; i < hits.length; i++) {
            Hit hit = hits[i];
            if (hit != null) {
                matches.add(new LogMatch(
                        patterns.get(i),
                        hit.occurrences.count,
                        hit.occurrences.first(),
                        hit.occurrences.last(),
                        hit.occurrences.bursts(),
                        hit.examples().stream().map(Aggregator::shown).toList()));
            }
        }
        matches.sort(Comparator.comparingLong(LogMatch::count).reversed().thenComparing(LogMatch::id));
        return new LogMatches(matches);
    }

    private AccessSummary accessSummary() {
        Map<Integer, Long> byCode = new TreeMap<>();
        for (int code = 0; code < CODES; code++) {
            if (codes[code] > 0) {
                byCode.put(code, codes[code]);
            }
        }
        List<AccessFailure> failures = groups.values().stream()
                .map(Group::build)
                .sorted(Comparator.comparingLong(AccessFailure::count)
                        .reversed()
                        .thenComparing(AccessFailure::cluster)
                        .thenComparing(AccessFailure::route)
                        .thenComparing(AccessFailure::details))
                .toList();
        return new AccessSummary(new AccessSummary.Fields(
                entries,
                failed,
                flagCounts(),
                byCode,
                routes.counts(),
                clusters.counts(),
                peers.counts(),
                slowest.entries(),
                biggest.entries(),
                failures,
                ungrouped));
    }

    /** Several flags of one request are each counted. */
    private Map<String, Long> flagCounts() {
        Map<String, Long> single = new TreeMap<>();
        flags.counts().forEach((joined, count) -> {
            for (String flag : joined.split(",", -1)) {
                single.merge(flag, count, Long::sum);
            }
        });
        return Counts.sorted(single);
    }
}
