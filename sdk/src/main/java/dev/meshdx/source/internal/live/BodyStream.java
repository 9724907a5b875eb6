package dev.meshdx.source.internal.live;

import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.source.Deadline;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * An answer's body that says, in our own exceptions, when it is cut off or late. They are thrown from here rather than
 * translated later, because a reader may swallow an {@link IOException}.
 */
final class BodyStream extends InputStream {
    /** No page and no dump is larger, unpacked; a compressed answer that is, is made to exhaust the memory. */
    static final long MAX_BYTES = 1L << 30;

    private final InputStream in;
    private final String what;
    private final Deadline deadline;
    private long bytes;

    BodyStream(InputStream in, String what, Deadline deadline) {
        this.in = in;
        this.what = what;
        this.deadline = deadline;
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
        deadline.require(what);
        try {
            int count = in.read(buffer, offset, length);
            bytes += Math.max(count, 0);
            if (bytes > MAX_BYTES) {
                throw new MeshProtocolException(
                        what + ": the answer is larger than 1 GiB, and was not read further.",
                        "Ask for less (one namespace, one pod), and look at what answers.",
                        null);
            }
            return count;
        } catch (IOException e) {
            throw Failures.inBody(what, bytes, e, deadline);
        }
    }

    @Override
    public int available() throws IOException {
        return in.available();
    }

    @Override
    public void close() {
        closeQuietly(in);
    }

    /** Closing what was read can fail, and says nothing new. */
    static void closeQuietly(@Nullable AutoCloseable closeable) {
        try {
            if (closeable != null) {
                closeable.close();
            }
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
