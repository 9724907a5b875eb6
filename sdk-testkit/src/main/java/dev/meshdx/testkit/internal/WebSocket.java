package dev.meshdx.testkit.internal;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** The server's side of a WebSocket after the handshake, without extensions. Source: RFC 6455, sections 1.3 and 5. */
final class WebSocket {
    private static final int CONTINUATION = 0;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int MAX_MESSAGE = 16 * 1024 * 1024;

    private final DataInputStream in;
    private final OutputStream out;
    private boolean closed;

    WebSocket(InputStream in, OutputStream out) {
        this.in = new DataInputStream(in);
        this.out = out;
    }

    /** The answer to {@code Sec-WebSocket-Key}. */
    static String accept(String key) {
        try {
            // SHA-1 is what the protocol prescribes; nothing is protected by it.
            byte[] digest = MessageDigest.getInstance("SHA-1")
                    .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The next message; null when the other side closes. Pings are answered meanwhile. */
    byte @Nullable [] read() throws IOException {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        while (true) {
            int first = in.read();
            if (first < 0) {
                return null;
            }
            int second = in.readUnsignedByte();
            long length = second & 0x7f;
            if (length == 126) {
                length = in.readUnsignedShort();
            } else if (length == 127) {
                length = in.readLong();
            }
            if ((second & 0x80) == 0 || length < 0 || message.size() + length > MAX_MESSAGE) {
                close(1002);
                return null;
            }
            byte[] mask = in.readNBytes(4);
            byte[] payload = new byte[(int) length];
            in.readFully(payload);
            for (int i = 0; i < payload.length; i++) {
                payload[i] ^= mask[i & 3];
            }
            int opcode = first & 0x0f;
            if (opcode == PING) {
                frame(PONG, payload, 0, payload.length);
            } else if (opcode == CLOSE) {
                close(1000);
                return null;
            } else if (opcode <= BINARY && opcode >= CONTINUATION) {
                message.write(payload);
                if ((first & 0x80) != 0) {
                    return message.toByteArray();
                }
            }
        }
    }

    /** Sends a binary message. */
    void write(byte[] bytes, int offset, int length) throws IOException {
        frame(BINARY, bytes, offset, length);
    }

    /** Says goodbye, once. */
    synchronized void close(int code) throws IOException {
        if (!closed) {
            frame(CLOSE, new byte[] {(byte) (code >> 8), (byte) code}, 0, 2);
            closed = true;
        }
    }

    private synchronized void frame(int opcode, byte[] bytes, int offset, int length) throws IOException {
        if (closed) {
            throw new IOException("closed");
        }
        byte[] head = length < 126
                ? new byte[] {(byte) (0x80 | opcode), (byte) length}
                : length < 65536
                        ? new byte[] {(byte) (0x80 | opcode), 126, (byte) (length >> 8), (byte) length}
                        : new byte[] {
                            (byte) (0x80 | opcode),
                            127,
                            0,
                            0,
                            0,
                            0,
                            (byte) (length >> 24),
                            (byte) (length >> 16),
                            (byte) (length >> 8),
                            (byte) length
                        };
        byte[] frame = new byte[head.length + length];
        System.arraycopy(head, 0, frame, 0, head.length);
        System.arraycopy(bytes, offset, frame, head.length, length);
        out.write(frame);
        out.flush();
    }

    /** The messages' content as one stream. */
    InputStream input() {
        return new InputStream() {
            private byte[] message = new byte[0];
            private int at;

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                while (at == message.length) {
                    byte[] next = WebSocket.this.read();
                    if (next == null) {
                        return -1;
                    }
                    message = next;
                    at = 0;
                }
                int count = Math.min(length, message.length - at);
                System.arraycopy(message, at, into, offset, count);
                at += count;
                return count;
            }
        };
    }

    /** A stream that sends each write as a message. */
    OutputStream output() {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                WebSocket.this.write(bytes, offset, length);
            }
        };
    }
}
