package dev.meshdx.logs.internal.line;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** Counts the lines in which one of some texts occurs, as {@code grep -c -F} does, without looking at a line as such. */
public final class LineCounter {
    private LineCounter() {}

    /**
     * How many lines of a stream hold at least one of the texts. The stream stays open.
     *
     * @throws IOException if reading fails
     */
    public static long count(InputStream in, List<String> texts) throws IOException {
        LiteralSet literals = new LiteralSet(texts, false);
        long[] count = new long[1];
        LineFeed.blocks(in, (text, start, end) -> count[0] += count(literals, text, start, end));
        return count[0];
    }

    private static long count(LiteralSet literals, byte[] text, int start, int end) {
        long count = 0;
        int at = start;
        while (true) {
            int found = literals.indexOf(text, at, end);
            if (found < 0) {
                return count;
            }
            count++;
            // One is enough: the rest of the line is passed over.
            at = LineFeed.indexOfBreak(text, found, end) + 1;
        }
    }
}
