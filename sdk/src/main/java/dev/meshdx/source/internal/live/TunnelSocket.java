package dev.meshdx.source.internal.live;

import dev.meshdx.source.Deadline;
import dev.meshdx.source.internal.live.PodTunnel.Target;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a port of a pod that looks like a socket, so that an ordinary HTTP client can use it.
 *
 * <p>On the wire each message is a channel's number and some bytes: channel 0 carries data, channel 1 what the kubelet has
 * to complain about. The first two bytes on each are the port's number, little-endian; they may come alone, in two pieces, or
 * with what follows.
 *
 * <p>What arrives waits in a queue of bounded size. When it is full, the thread that reads the WebSocket waits, and so, in
 * the end, does the pod: a dump of any size needs little memory here. A reader that takes nothing for longer than the
 * ping interval loses the tunnel, because pongs wait in the same line.
 */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // a lock guards the state; close() must not wait for a read
final class TunnelSocket extends Socket {
    /** Above this, the pod must wait. */
    static final int QUEUE = 512 * 1024;

    private static final int FRAME = 32 * 1024;
    private static final long UNSENT = 8L * 1024 * 1024;
    private static final int ERROR_TEXT = 4096;

    /** A complaint may come in pieces; the end of the connection ends it, or this time. */
    private static final Duration COMPLAINT = Duration.ofMillis(300);

    private static final Duration CONNECT = Duration.ofSeconds(30);

    private final WebSocketTunnel tunnel;
    private final Target target;
    private final Input input = new Input();
    private final Output output = new Output();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<ByteString> queue = new ArrayDeque<>();
    private final Buffer complaint = new Buffer();
    private int headOffset;
    private int queued;
    private int peak;
    private int dataPortBytes;
    private int errorPortBytes;
    private long complaintAt;
    private boolean started;
    private boolean opened;
    private boolean agreed;
    private boolean ended;
    private boolean closed;
    private boolean inputShutdown;
    private boolean outputShutdown;
    private @Nullable TunnelException failure;
    private @Nullable WebSocket webSocket;
    private volatile int soTimeout;

    TunnelSocket(WebSocketTunnel tunnel, Target target) {
        this.tunnel = tunnel;
        this.target = target;
    }

    @Override
    public void connect(SocketAddress endpoint) throws IOException {
        connect(endpoint, 0);
    }

    /** Opens the tunnel. The address is of no importance: the pod's loopback is what is reached. */
    @Override
    public void connect(SocketAddress endpoint, int timeout) throws IOException {
        Deadline deadline = Deadline.after(timeout == 0 ? CONNECT : Duration.ofMillis(timeout));
        lock.lock();
        try {
            requireOpen();
            if (started) {
                throw new SocketException("already connected");
            }
            started = true;
        } finally {
            lock.unlock();
        }
        WebSocket handshake = tunnel.start(this, target, new Listener());
        lock.lock();
        try {
            webSocket = handshake;
            while (!opened && !ended && !closed) {
                long left = deadline.remaining().toNanos();
                if (left <= 0) {
                    throw new SocketTimeoutException("connect timed out: port-forward to " + target);
                }
                await(left);
            }
            if (failure != null) {
                throw failure;
            }
            requireOpen();
        } catch (IOException e) {
            closed = true;
            throw e;
        } finally {
            boolean gone = closed;
            lock.unlock();
            if (gone) {
                handshake.cancel();
                tunnel.ended(this);
            }
        }
    }

    /** May return early: callers look again at what they wait for. */
    @SuppressWarnings({"WaitNotInLoop", "ReturnValueIgnored"})
    private void await(long nanos) throws IOException {
        try {
            changed.awaitNanos(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException("interrupted");
        }
    }

    private void requireOpen() throws SocketException {
        if (closed) {
            throw new SocketException("Socket closed");
        }
    }

    /** What the API server sends. Runs on the WebSocket's own thread, which may be made to wait. */
    private final class Listener extends WebSocketListener {
        @Override
        public void onOpen(WebSocket webSocket, Response response) {
            String protocol = response.header("Sec-WebSocket-Protocol");
            if (protocol != null && !protocol.equals(WebSocketTunnel.PROTOCOL)) {
                fail(new TunnelException(TunnelFailures.spdyOnly(target, "chose " + PlainText.of(protocol)), false));
                webSocket.cancel();
                return;
            }
            lock.lock();
            try {
                agreed = protocol != null;
                opened = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void onMessage(WebSocket webSocket, ByteString bytes) {
            TunnelException wrong = null;
            lock.lock();
            try {
                if (bytes.size() > 0) {
                    wrong = switch (bytes.getByte(0)) {
                        case 0 -> data(bytes);
                        case 1 -> error(bytes);
                        default -> TunnelFailures.protocol(target, "channel " + (bytes.getByte(0) & 0xff));
                    };
                }
            } finally {
                lock.unlock();
            }
            if (wrong != null) {
                fail(wrong);
                webSocket.cancel();
            }
        }

        @Override
        public void onMessage(WebSocket webSocket, String text) {
            fail(TunnelFailures.protocol(target, "text where bytes were agreed on"));
            webSocket.cancel();
        }

        @Override
        public void onClosing(WebSocket webSocket, int code, String reason) {
            webSocket.close(1000, null);
            lock.lock();
            try {
                if (!agreed && dataPortBytes == 0 && failure == null) {
                    failure = new TunnelException(
                            TunnelFailures.spdyOnly(target, "closed with " + code + " " + PlainText.of(reason)), false);
                } else if (code != 1000 && code != 1001 && code != 1005 && failure == null && complaint.size() == 0) {
                    failure = TunnelFailures.broken(target, new IOException("closed with " + code + " " + reason));
                }
            } finally {
                lock.unlock();
            }
            end();
        }

        @Override
        public void onClosed(WebSocket webSocket, int code, String reason) {
            end();
        }

        @Override
        public void onFailure(WebSocket webSocket, Throwable t, @Nullable Response response) {
            fail(reason(t, response));
        }

        private TunnelException reason(Throwable t, @Nullable Response response) {
            TunnelException known = Failures.find(t, TunnelException.class);
            if (known != null) {
                return known;
            }
            boolean wasOpen;
            lock.lock();
            try {
                wasOpen = opened;
            } finally {
                lock.unlock();
            }
            if (wasOpen) {
                return TunnelFailures.broken(target, t);
            }
            if (response != null && response.code() != 101) {
                return TunnelFailures.handshake(target, response);
            }
            IOException cause = t instanceof IOException io ? io : new IOException(t);
            return new TunnelException(
                    Failures.beforeAnswer(
                            "port-forward to " + target, tunnel.serverUrl(), cause, Deadline.after(CONNECT)),
                    false);
        }
    }

    /** Called with the lock held. */
    private @Nullable TunnelException data(ByteString bytes) {
        int offset = 1;
        while (offset < bytes.size() && dataPortBytes < 2) {
            if (bytes.getByte(offset) != portByte(dataPortBytes)) {
                return TunnelFailures.protocol(target, "data of another port");
            }
            dataPortBytes++;
            offset++;
        }
        if (offset >= bytes.size()) {
            return null;
        }
        while (queued >= QUEUE && !closed && !inputShutdown) {
            changed.awaitUninterruptibly();
        }
        if (!closed && !inputShutdown) {
            queue.add(bytes.substring(offset));
            queued += bytes.size() - offset;
            peak = Math.max(peak, queued);
            changed.signalAll();
        }
        return null;
    }

    /** Called with the lock held. */
    private @Nullable TunnelException error(ByteString bytes) {
        int offset = 1;
        while (offset < bytes.size() && errorPortBytes < 2) {
            if (bytes.getByte(offset) != portByte(errorPortBytes)) {
                return TunnelFailures.protocol(target, "errors of another port");
            }
            errorPortBytes++;
            offset++;
        }
        if (offset < bytes.size() && complaint.size() < ERROR_TEXT) {
            if (complaint.size() == 0) {
                complaintAt = System.nanoTime();
            }
            complaint.write(bytes.substring(offset));
            changed.signalAll();
        }
        return null;
    }

    private byte portByte(int index) {
        return (byte) (target.port() >> (8 * index));
    }

    private void fail(TunnelException e) {
        lock.lock();
        try {
            // What the kubelet said before explains more than how the connection ended.
            if (failure == null && complaint.size() == 0) {
                failure = e;
            }
        } finally {
            lock.unlock();
        }
        end();
    }

    private void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        tunnel.ended(this);
    }

    private int receive(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        lock.lock();
        try {
            int timeout = soTimeout;
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeout);
            while (true) {
                requireOpen();
                if (inputShutdown) {
                    return -1;
                }
                if (queued > 0) {
                    return take(bytes, offset, length);
                }
                long wait = Long.MAX_VALUE;
                if (complaint.size() > 0) {
                    wait = complaintAt + COMPLAINT.toNanos() - System.nanoTime();
                }
                if (ended || wait <= 0) {
                    TunnelException why = why();
                    if (why != null) {
                        throw why;
                    }
                    return -1;
                }
                if (timeout > 0) {
                    long left = end - System.nanoTime();
                    if (left <= 0) {
                        throw new SocketTimeoutException("Read timed out");
                    }
                    wait = Math.min(wait, left);
                }
                await(wait);
            }
        } finally {
            lock.unlock();
        }
    }

    /** What ended the tunnel: what the kubelet said explains more than how the connection broke. */
    private @Nullable TunnelException why() {
        lock.lock();
        try {
            return complaint.size() == 0
                    ? failure
                    : new TunnelException(
                            TunnelFailures.inPod(target, complaint.clone().readString(StandardCharsets.UTF_8)), false);
        } finally {
            lock.unlock();
        }
    }

    private IOException whyOr(String otherwise) {
        TunnelException why = why();
        return why != null ? why : new SocketException(otherwise);
    }

    private int take(byte[] bytes, int offset, int length) {
        int taken = 0;
        while (taken < length && !queue.isEmpty()) {
            ByteString head = queue.element();
            int count = Math.min(length - taken, head.size() - headOffset);
            head.copyInto(headOffset, bytes, offset + taken, count);
            taken += count;
            headOffset += count;
            if (headOffset == head.size()) {
                queue.remove();
                headOffset = 0;
            }
        }
        queued -= taken;
        changed.signalAll();
        return taken;
    }

    private void send(byte[] bytes, int offset, int length) throws IOException {
        WebSocket to;
        lock.lock();
        try {
            requireOpen();
            if (outputShutdown) {
                throw new SocketException("Socket output is shutdown");
            }
            to = webSocket;
            if (to == null || ended) {
                throw whyOr("The tunnel has ended");
            }
        } finally {
            lock.unlock();
        }
        for (int sent = 0; sent < length; ) {
            int count = Math.min(FRAME, length - sent);
            // Requests are small. OkHttp does not tell when its queue drains, so a large one is refused rather than
            // polled.
            if (to.queueSize() > UNSENT) {
                throw new SocketException("The tunnel does not take more than " + UNSENT + " bytes at once");
            }
            Buffer frame = new Buffer();
            frame.writeByte(0);
            frame.write(bytes, offset + sent, count);
            if (!to.send(frame.readByteString())) {
                throw whyOr("The tunnel has ended");
            }
            sent += count;
        }
    }

    /** The largest number of bytes that waited so far, for tests. */
    int peak() {
        lock.lock();
        try {
            return peak;
        } finally {
            lock.unlock();
        }
    }

    private final class Input extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return receive(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            java.util.Objects.checkFromIndexSize(offset, length, bytes.length);
            return receive(bytes, offset, length);
        }

        @Override
        public int available() {
            lock.lock();
            try {
                return queued;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            TunnelSocket.this.close();
        }
    }

    private final class Output extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            send(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            java.util.Objects.checkFromIndexSize(offset, length, bytes.length);
            send(bytes, offset, length);
        }

        @Override
        public void close() {
            TunnelSocket.this.close();
        }
    }

    @Override
    public InputStream getInputStream() throws IOException {
        requireConnected();
        return input;
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        requireConnected();
        return output;
    }

    private void requireConnected() throws SocketException {
        if (isClosed()) {
            throw new SocketException("Socket closed");
        }
        if (!isConnected()) {
            throw new SocketException("Socket is not connected");
        }
    }

    @Override
    public void close() {
        WebSocket to;
        lock.lock();
        try {
            closed = true;
            queue.clear();
            queued = 0;
            headOffset = 0;
            to = webSocket;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (to != null) {
            // No farewell: the other side may never answer it, and the kubelet takes the end of the connection as the
            // end.
            to.cancel();
        }
        tunnel.ended(this);
    }

    @Override
    public void shutdownInput() throws IOException {
        requireConnected();
        lock.lock();
        try {
            inputShutdown = true;
            queue.clear();
            queued = 0;
            headOffset = 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Only this side notes it: the protocol has no way to tell the pod. */
    @Override
    public void shutdownOutput() throws IOException {
        requireConnected();
        lock.lock();
        try {
            outputShutdown = true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isConnected() {
        lock.lock();
        try {
            return opened;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isBound() {
        return isConnected();
    }

    @Override
    public boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Also when the pod has ended the connection: a pool then does not use it again. */
    @Override
    public boolean isInputShutdown() {
        lock.lock();
        try {
            return inputShutdown || (ended && queued == 0);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isOutputShutdown() {
        lock.lock();
        try {
            return outputShutdown;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int getSoTimeout() {
        return soTimeout;
    }

    @Override
    public void setSoTimeout(int timeout) {
        if (timeout < 0) {
            throw new IllegalArgumentException("negative timeout");
        }
        soTimeout = timeout;
    }

    @Override
    public InetAddress getInetAddress() {
        return InetAddress.getLoopbackAddress();
    }

    @Override
    public InetAddress getLocalAddress() {
        return InetAddress.getLoopbackAddress();
    }

    @Override
    public int getPort() {
        return isConnected() ? target.port() : 0;
    }

    @Override
    public int getLocalPort() {
        return -1;
    }

    @Override
    public @Nullable SocketAddress getRemoteSocketAddress() {
        return isConnected() ? new InetSocketAddress(InetAddress.getLoopbackAddress(), target.port()) : null;
    }

    @Override
    public @Nullable SocketAddress getLocalSocketAddress() {
        return null;
    }

    @Override
    public void bind(@Nullable SocketAddress bindpoint) {
        // There is no local port.
    }

    @Override
    public @Nullable SocketChannel getChannel() {
        return null;
    }

    @Override
    public void sendUrgentData(int data) throws IOException {
        throw new SocketException("Urgent data are not supported");
    }

    // What follows tunes a TCP connection, and this is none.

    @Override
    public void setTcpNoDelay(boolean on) {}

    @Override
    public boolean getTcpNoDelay() {
        return true;
    }

    @Override
    public void setSoLinger(boolean on, int linger) {}

    @Override
    public int getSoLinger() {
        return -1;
    }

    @Override
    public void setOOBInline(boolean on) {}

    @Override
    public boolean getOOBInline() {
        return false;
    }

    @Override
    public void setSendBufferSize(int size) {}

    @Override
    public int getSendBufferSize() {
        return FRAME;
    }

    @Override
    public void setReceiveBufferSize(int size) {}

    @Override
    public int getReceiveBufferSize() {
        return QUEUE;
    }

    @Override
    public void setKeepAlive(boolean on) {}

    @Override
    public boolean getKeepAlive() {
        return true;
    }

    @Override
    public void setTrafficClass(int tc) {}

    @Override
    public int getTrafficClass() {
        return 0;
    }

    @Override
    public void setReuseAddress(boolean on) {}

    @Override
    public boolean getReuseAddress() {
        return false;
    }

    @Override
    public String toString() {
        return "TunnelSocket[" + target + "]";
    }
}
