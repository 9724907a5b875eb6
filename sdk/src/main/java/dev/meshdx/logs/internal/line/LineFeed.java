package dev.meshdx.logs.internal.line;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Cuts a stream into lines, block by block: the memory does not grow with the stream, only with its longest line. */
public final class LineFeed {
    /** Fits into a core's own cache together with what looks at it. */
    private static final int BLOCK = 256 * 1024;

    /** Container runtimes split lines at 16 KiB; of what is longer the rest is passed over. */
    private static final int MAX_LINE = 1024 * 1024;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;
    private static final long BREAKS = ONES * '\n';

    private LineFeed() {}

    /** Takes lines. */
    @FunctionalInterface
    public interface Sink {
        /**
         * One line; the bytes are its own only during the call.
         *
         * @param start its first byte
         * @param end its end, without the line break
         */
        void line(byte[] text, int start, int end);
    }

    /** Takes blocks of whole lines. */
    @FunctionalInterface
    interface BlockSink {
        /** Whole lines with their breaks; only the last one of a stream may lack its own. */
        void block(byte[] text, int start, int end);
    }

    /**
     * Hands out every line of a stream, which stays open.
     *
     * @return how many bytes there were
     * @throws IOException if reading fails; the whole lines that came before were handed out
     */
    public static long read(InputStream in, Sink sink) throws IOException {
        return blocks(in, (text, start, end) -> lines(text, start, end, sink));
    }

    /** Hands out the stream in blocks of whole lines. */
    static long blocks(InputStream in, BlockSink sink) throws IOException {
        byte[] buffer = new byte[BLOCK];
        long total = 0;
        int filled = 0;
        boolean passing = false;
        while (true) {
            int count = in.read(buffer, filled, buffer.length - filled);
            if (count < 0) {
                break;
            }
            total += count;
            int end = filled + count;
            if (passing) {
                int stop = indexOfBreak(buffer, 0, end);
                if (stop == end) {
                    continue;
                }
                passing = false;
                filled = end - stop - 1;
                System.arraycopy(buffer, stop + 1, buffer, 0, filled);
                end = filled;
                if (filled == 0) {
                    continue;
                }
            }
            int last = end - 1;
            while (last >= 0 && buffer[last] != '\n') {
                last--;
            }
            if (last >= 0) {
                sink.block(buffer, 0, last + 1);
                filled = end - last - 1;
                System.arraycopy(buffer, last + 1, buffer, 0, filled);
            } else {
                filled = end;
            }
            if (filled == buffer.length) {
                if (buffer.length >= MAX_LINE) {
                    sink.block(buffer, 0, filled);
                    filled = 0;
                    passing = true;
                } else {
                    buffer = Arrays.copyOf(buffer, 2 * buffer.length);
                }
            }
        }
        if (filled > 0 && !passing) {
            sink.block(buffer, 0, filled);
        }
        return total;
    }

    /** Hands out every line of a block. */
    public static void lines(byte[] text, int start, int end, Sink sink) {
        int at = start;
        while (at < end) {
            int stop = indexOfBreak(text, at, end);
            int length = stop > at && text[stop - 1] == '\r' ? stop - 1 : stop;
            sink.line(text, at, length);
            at = stop + 1;
        }
    }

    /** The next line break; the end where there is none. */
    static int indexOfBreak(byte[] text, int from, int to) {
        int at = from;
        for (; at + 8 <= to; at += 8) {
            long found = (long) LONGS.get(text, at) ^ BREAKS;
            found = (found - ONES) & ~found & HIGHS;
            if (found != 0) {
                return at + (Long.numberOfTrailingZeros(found) >>> 3);
            }
        }
        for (; at < to; at++) {
            if (text[at] == '\n') {
                return at;
            }
        }
        return to;
    }
}
