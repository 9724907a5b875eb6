package dev.meshdx.logs.internal.line;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Looks for many texts at once, and skips what cannot be part of any: three bytes that occur in none of the texts let the search go
 * on behind them. Source: S. Wu, U. Manber, "A fast algorithm for multi-pattern searching" (1994).
 */
public final class LiteralSet {
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    /** Bytes that are looked at together. */
    private static final int BYTES = 3;

    private static final int BITS = 14;
    private static final int THREE_BYTES = 0xFFFFFF;

    /** Makes lower case of ASCII letters, and of other bytes something that is the same for text and pattern. */
    private static final int LOWER = 0x202020;

    private final byte[][] literals;

    /** Which of the texts each literal is: one may be written in two ways. */
    private final int[] numbers;

    private final int texts;
    private final boolean tolerant;
    private final int window;
    private final byte[] shifts = new byte[1 << BITS];
    private final int[][] candidates = new int[1 << BITS][];

    /**
     * A search.
     *
     * @param texts what to look for, each of at least four bytes
     * @param tolerant whether the case of ASCII letters does not matter, and underscores may stand for the blanks, as they do where
     *     Envoy does not quote a text
     */
    public LiteralSet(List<String> texts, boolean tolerant) {
        this.texts = texts.size();
        this.tolerant = tolerant;
        List<byte[]> all = new ArrayList<>();
        List<Integer> owners = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i);
            all.add(text.getBytes(StandardCharsets.UTF_8));
            owners.add(i);
            if (tolerant && text.indexOf(' ') >= 0) {
                all.add(text.replace(' ', '_').getBytes(StandardCharsets.UTF_8));
                owners.add(i);
            }
        }
        this.literals = all.toArray(byte[][]::new);
        this.numbers = owners.stream().mapToInt(Integer::intValue).toArray();
        int shortest =
                Arrays.stream(literals).mapToInt(text -> text.length).min().orElse(Byte.MAX_VALUE);
        if (shortest <= BYTES || texts.isEmpty()) {
            throw new IllegalArgumentException("Each text must have at least four bytes: " + texts);
        }
        this.window = Math.min(shortest, Byte.MAX_VALUE);
        Arrays.fill(shifts, (byte) (window - BYTES + 1));
        List<List<Integer>> found = new ArrayList<>();
        for (int i = 0; i < candidates.length; i++) {
            found.add(List.of());
        }
        for (int literal = 0; literal < literals.length; literal++) {
            byte[] text = literals[literal];
            for (int at = 0; at + BYTES <= window; at++) {
                int hash = hash(three(text, at));
                int shift = window - BYTES - at;
                shifts[hash] = (byte) Math.min(shifts[hash], shift);
                if (shift == 0) {
                    List<Integer> more = new ArrayList<>(found.get(hash));
                    more.add(literal);
                    found.set(hash, more);
                }
            }
        }
        for (int i = 0; i < candidates.length; i++) {
            candidates[i] = found.get(i).stream().mapToInt(Integer::intValue).toArray();
        }
    }

    /** How many texts. */
    public int size() {
        return texts;
    }

    /** How many longs {@link #find} needs for its answer. */
    public int words() {
        return (texts + 63) >>> 6;
    }

    private int hash(int three) {
        return (((tolerant ? three | LOWER : three) & THREE_BYTES) * 0x9E3779B1) >>> (32 - BITS);
    }

    /**
     * Sets the bit of each text that occurs.
     *
     * @return whether there was any
     */
    public boolean find(byte[] text, int from, int to, long[] hits) {
        boolean any = false;
        for (int start = candidate(text, from, to); start >= 0; start = candidate(text, start + 1, to)) {
            for (int literal : candidates[hash(three(text, start + window - BYTES))]) {
                if (isAt(text, start, to, literals[literal])) {
                    int number = numbers[literal];
                    hits[number >>> 6] |= 1L << number;
                    any = true;
                }
            }
        }
        return any;
    }

    /** Where the first of the texts begins; -1 where none occurs. */
    int indexOf(byte[] text, int from, int to) {
        for (int start = candidate(text, from, to); start >= 0; start = candidate(text, start + 1, to)) {
            for (int literal : candidates[hash(three(text, start + window - BYTES))]) {
                if (isAt(text, start, to, literals[literal])) {
                    return start;
                }
            }
        }
        return -1;
    }

    /** The next place where one of the texts may begin; -1 where there is none. */
    private int candidate(byte[] text, int from, int to) {
        int at = from + window - BYTES;
        while (at + BYTES <= to) {
            int shift = shifts[hash(three(text, at))];
            if (shift == 0) {
                return at + BYTES - window;
            }
            at += shift;
        }
        return -1;
    }

    private static int three(byte[] text, int at) {
        return at + 4 <= text.length
                ? (int) INTS.get(text, at)
                : (text[at] & 0xFF) | ((text[at + 1] & 0xFF) << 8) | ((text[at + 2] & 0xFF) << 16);
    }

    private boolean isAt(byte[] text, int start, int to, byte[] literal) {
        if (to - start < literal.length) {
            return false;
        }
        if (!tolerant) {
            return Arrays.equals(text, start, start + literal.length, literal, 0, literal.length);
        }
        for (int i = 0; i < literal.length; i++) {
            if (lower(text[start + i]) != lower(literal[i])) {
                return false;
            }
        }
        return true;
    }

    private static int lower(byte c) {
        return c >= 'A' && c <= 'Z' ? c + 32 : c;
    }
}
