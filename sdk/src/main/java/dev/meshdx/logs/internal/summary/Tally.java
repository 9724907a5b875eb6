package dev.meshdx.logs.internal.summary;

import dev.meshdx.logs.internal.Redaction;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts texts where they lie, without making strings of them: a hash table over bytes. Takes a number of different texts and
 * counts all further ones together, so that hostile input does not fill the memory.
 */
final class Tally {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long FACTOR = 0x9E3779B97F4A7C15L;

    /** Longer texts are told apart by their beginning. */
    private static final int LONGEST = 300;

    private final int limit;
    private byte[][] keys;
    private long[] hashes;
    private long[] counts;
    private int size;
    private long others;

    /** For as many different texts. */
    Tally(int limit) {
        this.limit = limit;
        int capacity = 64;
        this.keys = new byte[capacity][];
        this.hashes = new long[capacity];
        this.counts = new long[capacity];
    }

    /** Counts a text; {@code -} stands for none. */
    void add(byte[] text, int from, int to) {
        int slot = slot(text, from, Math.min(to, from + LONGEST), 1);
        if (slot < 0) {
            others++;
        }
    }

    private int slot(byte[] text, int from, int to, long times) {
        long hash = hash(text, from, to);
        int mask = keys.length - 1;
        int at = (int) (hash >>> 32) & mask;
        while (keys[at] != null) {
            if (hashes[at] == hash && Arrays.equals(keys[at], 0, keys[at].length, text, from, to)) {
                counts[at] += times;
                return at;
            }
            at = at + 1 & mask;
        }
        if (size == limit) {
            return -1;
        }
        if (2 * size >= keys.length) {
            grow();
            return slot(text, from, to, times);
        }
        keys[at] = Arrays.copyOfRange(text, from, to);
        hashes[at] = hash;
        counts[at] = times;
        size++;
        return at;
    }

    private void grow() {
        byte[][] oldKeys = keys;
        long[] oldHashes = hashes;
        long[] oldCounts = counts;
        int capacity = 2 * oldKeys.length;
        keys = new byte[capacity][];
        hashes = new long[capacity];
        counts = new long[capacity];
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != null) {
                int at = (int) (oldHashes[i] >>> 32) & capacity - 1;
                while (keys[at] != null) {
                    at = at + 1 & capacity - 1;
                }
                keys[at] = oldKeys[i];
                hashes[at] = oldHashes[i];
                counts[at] = oldCounts[i];
            }
        }
    }

    private static long hash(byte[] text, int from, int to) {
        long hash = (long) to - from;
        int at = from;
        for (; at + 8 <= to; at += 8) {
            hash = (hash ^ (long) LONGS.get(text, at)) * FACTOR;
            hash ^= hash >>> 29;
        }
        for (; at < to; at++) {
            hash = (hash ^ text[at]) * FACTOR;
        }
        hash ^= hash >>> 32;
        return hash * FACTOR;
    }

    /** Adds the counts of another one. */
    void merge(Tally other) {
        for (int i = 0; i < other.keys.length; i++) {
            byte[] key = other.keys[i];
            if (key != null && slot(key, 0, key.length, other.counts[i]) < 0) {
                others += other.counts[i];
            }
        }
        others += other.others;
    }

    /** The texts, the most frequent first; none is {@code -}, and those that were counted together are {@code (others)}. */
    Map<String, Long> counts() {
        Map<String, Long> all = new TreeMap<>();
        for (int i = 0; i < keys.length; i++) {
            if (keys[i] != null) {
                String text = keys[i].length == 0 ? "-" : new String(keys[i], StandardCharsets.UTF_8);
                all.merge(Redaction.text(text), counts[i], Long::sum);
            }
        }
        Map<String, Long> sorted = new LinkedHashMap<>(Counts.sorted(all));
        if (others > 0) {
            sorted.put("(others)", others);
        }
        return Collections.unmodifiableMap(sorted);
    }
}
