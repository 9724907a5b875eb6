package dev.meshdx.logs.internal.pattern;

import dev.meshdx.logs.LineKind;
import dev.meshdx.logs.ResponseFlag;
import dev.meshdx.logs.internal.line.AccessField;
import dev.meshdx.logs.internal.line.FieldsKey;
import dev.meshdx.logs.internal.line.Line;
import dev.meshdx.logs.internal.line.LiteralSet;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the patterns of a line. All texts of all patterns are looked for at once; what was found decides. Not safe for use by
 * several threads.
 */
@SuppressWarnings("EnumOrdinal") // Kinds and flags are bits and places in arrays here.
public final class PatternMatcher {
    private static final Compiled ACCESS = new Compiled(true);
    private static final Compiled MESSAGES = new Compiled(false);
    private static final byte[] VIA_UPSTREAM = "via_upstream".getBytes(StandardCharsets.US_ASCII);
    private static final int FIRST_FAILURE = 400;

    /** What decides of a request. */
    private static final List<AccessField> DECISIVE = List.of(
            AccessField.RESPONSE_CODE,
            AccessField.RESPONSE_FLAGS,
            AccessField.RESPONSE_CODE_DETAILS,
            AccessField.CONNECTION_TERMINATION_DETAILS,
            AccessField.UPSTREAM_TRANSPORT_FAILURE_REASON);

    /** Of a longer field the beginning decides; proxies write some hundred letters. */
    private static final int LONGEST = 2_000;

    /** A flag has at most five letters: they are one number. */
    private static final Map<Long, Long> FLAGS = flags();

    private final long[] accessHits = new long[ACCESS.literals.words()];
    private final long[] messageHits = new long[MESSAGES.literals.words()];
    private final boolean[] reported = new boolean[PatternTable.RULES.size()];
    private final int[] found = new int[PatternTable.RULES.size()];
    private final @Nullable Seen[] cache = new Seen[256];
    private final FieldsKey key = new FieldsKey(DECISIVE.size(), LONGEST);
    private int count;

    /** Loggers of Envoy through which scripts and extensions write what they like, at any level. */
    private static final byte[] LUA = bytes("lua");

    private static final byte[] WASM = bytes("wasm");

    /** Whether the message may quote what clients sent: those at debug and trace, and those of Envoy's extensions. */
    private boolean quotes;

    /** One alternative of one rule, as bits. */
    private static final class Test {
        private final int rule;
        private final int writers;
        private final byte[] scope;
        private final byte[] begins;
        private final long[] texts;
        private final long[] unless;
        private final long flag;
        private final Rule.Alternative alternative;

        Test(int rule, Rule.Alternative alternative, Map<String, Integer> numbers, int words) {
            this.rule = rule;
            this.alternative = alternative;
            int mask = 0;
            for (LineKind writer : alternative.writers()) {
                mask |= 1 << writer.ordinal();
            }
            this.writers = mask;
            this.scope = bytes(alternative.scope());
            this.begins = bytes(alternative.begins());
            this.texts = bits(alternative.texts(), numbers, words);
            this.unless = bits(alternative.unless(), numbers, words);
            this.flag =
                    alternative.flag() == null ? 0 : 1L << alternative.flag().ordinal();
        }

        private static long[] bits(List<String> texts, Map<String, Integer> numbers, int words) {
            long[] bits = new long[words];
            for (String text : texts) {
                int number = numbers.getOrDefault(text, 0);
                bits[number >>> 6] |= 1L << number;
            }
            return bits;
        }

        boolean texts(long[] hits) {
            for (int i = 0; i < hits.length; i++) {
                if ((hits[i] & texts[i]) != texts[i] || (hits[i] & unless[i]) != 0) {
                    return false;
                }
            }
            return true;
        }
    }

    /** The alternatives for access logs, or for messages, with all texts that they ask for. */
    private static final class Compiled {
        private final LiteralSet literals;
        private final Test[] tests;

        Compiled(boolean access) {
            Map<String, Integer> numbers = new LinkedHashMap<>();
            List<Rule.Alternative> wanted = new ArrayList<>();
            List<Integer> rules = new ArrayList<>();
            for (int i = 0; i < PatternTable.RULES.size(); i++) {
                for (Rule.Alternative alternative : PatternTable.RULES.get(i).alternatives()) {
                    if (alternative.writers().contains(LineKind.ACCESS) == access) {
                        wanted.add(alternative);
                        rules.add(i);
                        alternative.texts().forEach(text -> numbers.putIfAbsent(text, numbers.size()));
                        alternative.unless().forEach(text -> numbers.putIfAbsent(text, numbers.size()));
                    }
                }
            }
            List<String> texts = new ArrayList<>(numbers.keySet());
            this.literals = new LiteralSet(texts, true);
            this.tests = new Test[wanted.size()];
            for (int i = 0; i < tests.length; i++) {
                tests[i] = new Test(rules.get(i), wanted.get(i), numbers, literals.words());
            }
        }
    }

    private static byte[] bytes(@Nullable String text) {
        return text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
    }

    private static Map<Long, Long> flags() {
        Map<Long, Long> flags = new HashMap<>();
        for (ResponseFlag flag : ResponseFlag.values()) {
            byte[] name = flag.shortName().getBytes(StandardCharsets.US_ASCII);
            flags.put(packed(name, 0, name.length), 1L << flag.ordinal());
        }
        return flags;
    }

    private static long packed(byte[] text, int from, int to) {
        long packed = 0;
        for (int at = from; at < to; at++) {
            packed = packed << 8 | text[at];
        }
        return packed;
    }

    /** Looks at a line that begins something new. */
    public void begin(Line line) {
        for (int i = 0; i < count; i++) {
            reported[found[i]] = false;
        }
        count = 0;
        if (line.kind() == LineKind.ACCESS) {
            access(line);
            return;
        }
        Arrays.fill(messageHits, 0);
        quotes = line.isVerbose() || (line.kind() == LineKind.ENVOY && (line.isScope(LUA) || line.isScope(WASM)));
        if (line.isConnection()) {
            // The other values are what the peer says of itself.
            if (line.has(AccessField.UPSTREAM_TRANSPORT_FAILURE_REASON)
                    && MESSAGES.literals.find(
                            line.values(),
                            line.from(AccessField.UPSTREAM_TRANSPORT_FAILURE_REASON),
                            line.to(AccessField.UPSTREAM_TRANSPORT_FAILURE_REASON),
                            messageHits)) {
                message(line, line.kind());
            }
            return;
        }
        int from = line.kind() == LineKind.OTHER ? line.start() : line.messageStart();
        int to = line.kind() == LineKind.OTHER ? line.end() : line.messageEnd();
        byte[] text = line.kind() == LineKind.OTHER ? line.text() : line.parts();
        if (MESSAGES.literals.find(text, from, to, messageHits)) {
            message(line, line.kind());
        }
    }

    /**
     * Looks at a line that goes on with the message that {@link #begin} saw: texts of one pattern may stand on several lines, and a
     * pattern counts once for all of them. What it finds is added to what was found.
     *
     * @param writer who wrote the message
     */
    public void more(Line line, LineKind writer) {
        if (MESSAGES.literals.find(line.text(), line.start(), line.end(), messageHits)) {
            message(line, writer);
        }
    }

    /** How many patterns were found since {@link #begin}. */
    public int count() {
        return count;
    }

    /** The number of a pattern in the table. */
    public int pattern(int index) {
        return found[index];
    }

    private void message(Line line, LineKind writer) {
        int writers = 1 << writer.ordinal();
        for (Test test : MESSAGES.tests) {
            if ((test.writers & writers) != 0
                    && test.texts(messageHits)
                    && (test.scope.length == 0 ? !quotes : line.isScope(test.scope))
                    && begins(line, test.begins)) {
                report(test.rule);
            }
        }
    }

    private static boolean begins(Line line, byte[] text) {
        boolean other = line.kind() == LineKind.OTHER;
        byte[] from = other ? line.text() : line.parts();
        int start = other ? line.start() : line.messageStart();
        int end = other ? line.end() : line.messageEnd();
        return end - start >= text.length && Arrays.equals(from, start, start + text.length, text, 0, text.length);
    }

    private void report(int rule) {
        if (!reported[rule]) {
            reported[rule] = true;
            found[count++] = rule;
        }
    }

    private void access(Line line) {
        boolean relayed = line.is(AccessField.RESPONSE_CODE_DETAILS, VIA_UPSTREAM);
        boolean texts = line.has(AccessField.CONNECTION_TERMINATION_DETAILS)
                || line.has(AccessField.UPSTREAM_TRANSPORT_FAILURE_REASON)
                || (!relayed && line.has(AccessField.RESPONSE_CODE_DETAILS));
        int code = (int) line.number(AccessField.RESPONSE_CODE, 0);
        if (!texts && code < FIRST_FAILURE && !line.has(AccessField.RESPONSE_FLAGS)) {
            return;
        }
        Seen seen = seen(line);
        if (seen.rules == null) {
            int before = count;
            decide(line, code, relayed, texts);
            seen.rules = Arrays.copyOfRange(found, before, count);
            return;
        }
        for (int rule : seen.rules) {
            report(rule);
        }
    }

    /** The failures of a log are alike: what was decided of one holds for all that say the same. */
    private Seen seen(Line line) {
        key.read(line, DECISIVE);
        int at = key.hashCode() & (cache.length - 1);
        Seen seen = cache[at];
        if (seen == null || !seen.key.equals(key)) {
            seen = new Seen(key.kept());
            cache[at] = seen;
        }
        return seen;
    }

    /** What was decided of requests that say the same. */
    private static final class Seen {
        private final FieldsKey key;
        private int @Nullable [] rules;

        Seen(FieldsKey key) {
            this.key = key;
        }
    }

    private void decide(Line line, int code, boolean relayed, boolean texts) {
        Arrays.fill(accessHits, 0);
        if (texts) {
            find(line, AccessField.RESPONSE_CODE_DETAILS);
            find(line, AccessField.CONNECTION_TERMINATION_DETAILS);
            find(line, AccessField.UPSTREAM_TRANSPORT_FAILURE_REASON);
        }
        long flags = flags(line);
        for (Test test : ACCESS.tests) {
            if ((test.flag & flags) == test.flag
                    && test.texts(accessHits)
                    && code >= test.alternative.minCode()
                    && code <= test.alternative.maxCode()
                    && (relayed || !test.alternative.relayed())) {
                report(test.rule);
            }
        }
    }

    private void find(Line line, AccessField field) {
        if (line.has(field)) {
            int to = Math.min(line.to(field), line.from(field) + LONGEST);
            ACCESS.literals.find(line.values(), line.from(field), to, accessHits);
        }
    }

    private static long flags(Line line) {
        int to = line.to(AccessField.RESPONSE_FLAGS);
        int start = line.from(AccessField.RESPONSE_FLAGS);
        byte[] text = line.values();
        long flags = 0;
        while (start < to) {
            int stop = start;
            while (stop < to && text[stop] != ',') {
                stop++;
            }
            if (stop - start <= 5) {
                flags |= FLAGS.getOrDefault(packed(text, start, stop), 0L);
            }
            start = stop + 1;
        }
        return flags;
    }
}
