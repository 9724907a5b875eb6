package dev.meshdx.testkit.internal;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * The server's side of SPDY/3.1 as far as {@code kubectl port-forward} speaks it: for each connection that it forwards, the
 * client opens an error stream and a data stream with the same {@code requestID}.
 *
 * <p>Windows are neither kept nor announced: the clients of Kubernetes do not keep them either, and TCP holds back a sender
 * that is too fast. Source: "SPDY Protocol - Draft 3.1", section 2; Kubernetes, {@code kubelet} streaming
 * {@code portforward/httpstream.go} for the pairing.
 */
final class SpdyConnection {
    private static final int SYN_STREAM = 1;
    private static final int SYN_REPLY = 2;
    private static final int RST_STREAM = 3;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int HEADERS = 8;
    private static final int FLAG_FIN = 1;
    private static final int VERSION = 3;
    private static final int PORTION = 32 * 1024;
    private static final int MAX_HEADERS = 64 * 1024;

    private final DataInputStream in;
    private final DataOutputStream out;
    private final ExecutorService executor;
    private final PodPorts.Dialer dialer;
    private final Inflater inflater = new Inflater();
    private final Deflater deflater = new Deflater();
    private final Map<Integer, Stream> streams = new HashMap<>();
    private final Map<String, Stream> unpaired = new HashMap<>();
    private final List<Future<?>> tasks = new ArrayList<>();

    /** One stream. Its {@code reset} is only touched under the connection's lock. */
    private static final class Stream {
        private final int id;
        private final Map<String, String> headers;
        private final Pipe received = new Pipe();
        private boolean done;

        Stream(int id, Map<String, String> headers) {
            this.id = id;
            this.headers = headers;
        }

        String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }

    SpdyConnection(InputStream in, OutputStream out, ExecutorService executor, PodPorts.Dialer dialer) {
        this.in = new DataInputStream(in);
        this.out = new DataOutputStream(out);
        this.executor = executor;
        this.dialer = dialer;
        deflater.setDictionary(SpdyDictionary.bytes());
    }

    /** Serves until the client has gone. */
    void serve() throws IOException {
        try {
            while (frame()) {
                // Each frame is handled as it comes.
            }
        } finally {
            streams.values().forEach(stream -> stream.received.end());
            tasks.forEach(task -> task.cancel(true));
            synchronized (out) {
                streams.values().forEach(stream -> stream.done = true);
                inflater.end();
                deflater.end();
            }
        }
    }

    private boolean frame() throws IOException {
        int first = in.read();
        if (first < 0) {
            return false;
        }
        int word = first << 24 | in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int flags = in.readUnsignedByte();
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        byte[] payload = new byte[length];
        in.readFully(payload);
        if (word >= 0) {
            data(word, flags, payload);
            return true;
        }
        DataInputStream body = new DataInputStream(new ByteArrayInputStream(payload));
        switch (word & 0xffff) {
            case SYN_STREAM -> {
                int id = body.readInt() & 0x7fffffff;
                body.skipBytes(6);
                Stream stream = new Stream(id, headers(body.readAllBytes()));
                streams.put(id, stream);
                if ((flags & FLAG_FIN) != 0) {
                    stream.received.end();
                }
                open(stream);
            }
            case SYN_REPLY, HEADERS -> {
                body.readInt();
                // Nothing in it counts, but the compression's state goes on with it.
                headers(body.readAllBytes());
            }
            case RST_STREAM -> {
                Stream stream = streams.remove(body.readInt() & 0x7fffffff);
                if (stream != null) {
                    synchronized (out) {
                        stream.done = true;
                    }
                    stream.received.end();
                }
            }
            case PING -> control(PING, 0, payload);
            case GOAWAY -> {
                return true;
            }
            default -> {
                // SETTINGS and WINDOW_UPDATE: no windows are kept.
            }
        }
        return true;
    }

    private void data(int id, int flags, byte[] payload) throws IOException {
        Stream stream = streams.get(id);
        if (stream == null) {
            return;
        }
        stream.received.put(payload);
        if ((flags & FLAG_FIN) != 0) {
            stream.received.end();
        }
    }

    private void open(Stream stream) throws IOException {
        String type = stream.header("streamtype");
        int port = port(stream.header("port"));
        if (port < 1 || !(type.equals("data") || type.equals("error"))) {
            streams.remove(stream.id);
            ByteArrayOutputStream refusal = new ByteArrayOutputStream();
            DataOutputStream words = new DataOutputStream(refusal);
            words.writeInt(stream.id);
            words.writeInt(3);
            control(RST_STREAM, 0, refusal.toByteArray());
            return;
        }
        reply(stream.id);
        Stream other = unpaired.remove(stream.header("requestid"));
        if (other == null) {
            unpaired.put(stream.header("requestid"), stream);
            return;
        }
        Stream data = type.equals("data") ? stream : other;
        Stream error = type.equals("data") ? other : stream;
        tasks.removeIf(Future::isDone);
        tasks.add(executor.submit(() -> forward(port, data, error)));
    }

    private static int port(String text) {
        try {
            int port = Integer.parseInt(text);
            return port > 65535 ? -1 : port;
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private void forward(int port, Stream data, Stream error) {
        try {
            try {
                dialer.talk(port, data.received, output(data));
            } catch (PodPorts.RefusedException e) {
                byte[] text = String.valueOf(e.getMessage()).getBytes(StandardCharsets.UTF_8);
                send(error, text, 0, text.length, 0);
            } finally {
                data.received.end();
                send(error, new byte[0], 0, 0, FLAG_FIN);
                send(data, new byte[0], 0, 0, FLAG_FIN);
            }
        } catch (IOException e) {
            // The client has gone: there is nobody to tell.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private OutputStream output(Stream stream) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                for (int at = 0; at < length; at += PORTION) {
                    send(stream, bytes, offset + at, Math.min(PORTION, length - at), 0);
                }
            }
        };
    }

    private void send(Stream stream, byte[] bytes, int offset, int length, int flags) throws IOException {
        synchronized (out) {
            if (stream.done) {
                if (length > 0) {
                    throw new IOException("the stream was reset");
                }
                return;
            }
            stream.done = (flags & FLAG_FIN) != 0;
            byte[] frame = new byte[8 + length];
            frame[0] = (byte) (stream.id >> 24);
            frame[1] = (byte) (stream.id >> 16);
            frame[2] = (byte) (stream.id >> 8);
            frame[3] = (byte) stream.id;
            frame[4] = (byte) flags;
            frame[5] = (byte) (length >> 16);
            frame[6] = (byte) (length >> 8);
            frame[7] = (byte) length;
            System.arraycopy(bytes, offset, frame, 8, length);
            out.write(frame);
            out.flush();
        }
    }

    private void control(int type, int flags, byte[] payload) throws IOException {
        synchronized (out) {
            ByteArrayOutputStream frame = new ByteArrayOutputStream();
            DataOutputStream words = new DataOutputStream(frame);
            words.writeShort(0x8000 | VERSION);
            words.writeShort(type);
            words.writeInt(flags << 24 | payload.length);
            words.write(payload);
            out.write(frame.toByteArray());
            out.flush();
        }
    }

    private void reply(int id) throws IOException {
        synchronized (out) {
            byte[] block = new byte[64];
            deflater.setInput(new byte[4]);
            int length = deflater.deflate(block, 0, block.length, Deflater.SYNC_FLUSH);
            ByteArrayOutputStream payload = new ByteArrayOutputStream();
            DataOutputStream words = new DataOutputStream(payload);
            words.writeInt(id);
            words.write(block, 0, length);
            control(SYN_REPLY, 0, payload.toByteArray());
        }
    }

    private Map<String, String> headers(byte[] compressed) throws IOException {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        byte[] portion = new byte[4096];
        inflater.setInput(compressed);
        try {
            while (true) {
                int count = inflater.inflate(portion);
                if (count == 0 && inflater.needsDictionary()) {
                    inflater.setDictionary(SpdyDictionary.bytes());
                } else if (count == 0) {
                    break;
                }
                block.write(portion, 0, count);
                if (block.size() > MAX_HEADERS) {
                    throw new IOException("headers too large");
                }
            }
        } catch (DataFormatException | IllegalArgumentException e) {
            throw new IOException("headers that are not compressed as SPDY/3 does", e);
        }
        DataInputStream words = new DataInputStream(new ByteArrayInputStream(block.toByteArray()));
        Map<String, String> headers = new LinkedHashMap<>();
        int count = words.readInt();
        for (int i = 0; i < count; i++) {
            String name = text(words).toLowerCase(Locale.ROOT);
            headers.put(name, text(words));
        }
        return headers;
    }

    private static String text(DataInputStream words) throws IOException {
        int length = words.readInt();
        if (length < 0 || length > MAX_HEADERS) {
            throw new IOException("a header that is too long");
        }
        byte[] bytes = new byte[length];
        words.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
