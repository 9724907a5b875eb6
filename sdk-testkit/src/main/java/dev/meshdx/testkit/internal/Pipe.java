package dev.meshdx.testkit.internal;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;

/** Bytes that one thread hands to another; the writer waits when the reader lags behind by more than a mebibyte. */
final class Pipe extends InputStream {
    private static final int CAPACITY = 1024 * 1024;

    private final Deque<byte[]> portions = new ArrayDeque<>();
    private int offset;
    private long waiting;
    private boolean ended;

    /** Hands over bytes; they are dropped when the reader has gone. */
    synchronized void put(byte[] bytes) throws IOException {
        try {
            while (waiting > CAPACITY && !ended) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (!ended && bytes.length > 0) {
            portions.add(bytes);
            waiting += bytes.length;
            notifyAll();
        }
    }

    /** No more bytes will come, or none are wanted. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public synchronized int read(byte[] into, int at, int length) throws IOException {
        try {
            while (portions.isEmpty() && !ended) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        byte[] first = portions.peek();
        if (first == null) {
            return -1;
        }
        int count = Math.min(length, first.length - offset);
        System.arraycopy(first, offset, into, at, count);
        offset += count;
        waiting -= count;
        if (offset == first.length) {
            portions.remove();
            offset = 0;
        }
        notifyAll();
        return count;
    }

    @Override
    public synchronized int available() {
        byte[] first = portions.peek();
        return first == null ? 0 : first.length - offset;
    }

    @Override
    public void close() {
        end();
    }
}
