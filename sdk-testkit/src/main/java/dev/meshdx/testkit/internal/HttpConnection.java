package dev.meshdx.testkit.internal;

import dev.meshdx.testkit.Fault;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of an HTTP/1.1 connection: over TLS for the API server, inside a tunnel for the ports of pods.
 *
 * <p>Source: RFC 9112, sections 2 to 9.
 */
final class HttpConnection {
    private static final int MAX_HEAD = 64 * 1024;
    private static final int MAX_BODY = 16 * 1024 * 1024;
    private static final int PORTION = 32 * 1024;

    /** Larger answers are compressed where the client takes that. Source: Kubernetes API server, 128 KiB. */
    private static final int COMPRESSED_FROM = 128 * 1024;

    /** Answers requests. */
    @FunctionalInterface
    interface Handler {
        HttpResponse answer(HttpRequest request);
    }

    private final InputStream in;
    private final OutputStream out;
    private final CountDownLatch closing;

    /**
     * A connection.
     *
     * @param closing is counted down when the server stops: nothing waits beyond that
     */
    HttpConnection(InputStream in, OutputStream out, CountDownLatch closing) {
        this.in = new BufferedInputStream(in, PORTION);
        this.out = out;
        this.closing = closing;
    }

    /** Answers requests until one side has enough; the caller closes the streams. */
    void serve(Handler handler) throws IOException, InterruptedException {
        while (closing.getCount() > 0) {
            HttpRequest request = read();
            if (request == null) {
                return;
            }
            HttpResponse response = handler.answer(request);
            boolean goesOn = write(request, response);
            if (response.upgrade() != null && goesOn) {
                response.upgrade().run(in, out);
                return;
            }
            if (!goesOn || request.headerItems("connection").stream().anyMatch("close"::equalsIgnoreCase)) {
                return;
            }
        }
    }

    private @Nullable HttpRequest read() throws IOException {
        String start = line(true);
        while (start != null && start.isEmpty()) {
            start = line(true);
        }
        if (start == null) {
            return null;
        }
        String[] parts = start.split(" ", -1);
        if (parts.length != 3 || !parts[2].startsWith("HTTP/1.")) {
            throw new IOException("not HTTP/1.1");
        }
        Map<String, List<String>> headers = new LinkedHashMap<>();
        int size = 0;
        for (String line = line(false); line != null && !line.isEmpty(); line = line(false)) {
            size += line.length();
            int colon = line.indexOf(':');
            if (colon < 1 || size > MAX_HEAD) {
                throw new IOException("not an HTTP header");
            }
            headers.computeIfAbsent(line.substring(0, colon).toLowerCase(Locale.ROOT), key -> new ArrayList<>())
                    .add(line.substring(colon + 1).trim());
        }
        HttpRequest head = new HttpRequest(parts[0], parts[1], headers, ByteString.EMPTY);
        if (head.header("expect").orElse("").equalsIgnoreCase("100-continue")) {
            out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
        }
        return new HttpRequest(parts[0], parts[1], headers, body(head));
    }

    private ByteString body(HttpRequest head) throws IOException {
        if (head.headerItems("transfer-encoding").contains("chunked")) {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            while (true) {
                String size = line(false);
                int length = chunkSize(size == null ? "" : size);
                if (length == 0) {
                    break;
                }
                if (body.size() + length > MAX_BODY) {
                    throw new IOException("body too large");
                }
                body.write(exactly(length));
                line(false);
            }
            for (String trailer = line(false); trailer != null && !trailer.isEmpty(); trailer = line(false)) {
                // Trailers say nothing that counts here.
            }
            return ByteString.of(body.toByteArray());
        }
        int length;
        try {
            length = Integer.parseInt(head.header("content-length").orElse("0"));
        } catch (NumberFormatException e) {
            throw new IOException("not a length", e);
        }
        if (length < 0 || length > MAX_BODY) {
            throw new IOException("body too large");
        }
        return ByteString.of(exactly(length));
    }

    private static int chunkSize(String line) throws IOException {
        int end = line.indexOf(';');
        try {
            return Integer.parseUnsignedInt((end < 0 ? line : line.substring(0, end)).trim(), 16);
        } catch (NumberFormatException e) {
            throw new IOException("not a chunk", e);
        }
    }

    private byte[] exactly(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException();
        }
        return bytes;
    }

    /** A line without its end; null where nothing more comes. */
    private @Nullable String line(boolean first) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                if (first && line.length() == 0) {
                    return null;
                }
                throw new EOFException();
            }
            if (line.length() >= MAX_HEAD) {
                throw new IOException("line too long");
            }
            line.append((char) c);
        }
        int length = line.length();
        if (length > 0 && line.charAt(length - 1) == '\r') {
            line.setLength(length - 1);
        }
        return line.toString();
    }

    /** Sends an answer; false where the connection must end. */
    private boolean write(HttpRequest request, HttpResponse response) throws IOException, InterruptedException {
        Fault fault = response.fault();
        Fault.Kind kind = fault == null ? Fault.Kind.NONE : fault.kind();
        if (fault != null && closing.await(fault.delay().toNanos(), TimeUnit.NANOSECONDS)) {
            return false;
        }
        switch (kind) {
            case HANG -> {
                closing.await();
                return false;
            }
            case DISCONNECT -> {
                return false;
            }
            case RUBBISH -> {
                out.write("\u0000\u0001rubbish \u007f\r\n\u0002 no HTTP\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
                out.flush();
                return false;
            }
            default -> {}
        }
        Page page = response.page();
        Page.Writing writing = page != null && kind == Fault.Kind.NONE ? page.writing() : null;
        ByteString body = page != null && writing == null ? page.body() : response.body();
        Map<String, String> headers = new LinkedHashMap<>(response.headers());
        if (fault != null && kind == Fault.Kind.TRUNCATE && body.size() > fault.bytes()) {
            body = body.substring(0, (int) fault.bytes());
        }
        if (kind == Fault.Kind.NONE
                && body.size() >= COMPRESSED_FROM
                && request.headerItems("accept-encoding").contains("gzip")) {
            body = gzip(body);
            headers.put("Content-Encoding", "gzip");
        }
        boolean bodiless = request.method().equals("HEAD") || response.status() == 204 || response.status() == 101;
        if (response.status() != 101) {
            headers.put(
                    response.chunked() ? "Transfer-Encoding" : "Content-Length",
                    response.chunked() ? "chunked" : String.valueOf(body.size()));
        }
        StringBuilder head = new StringBuilder("HTTP/1.1 ")
                .append(response.status())
                .append(' ')
                .append(Statuses.phrase(response.status()))
                .append("\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        byte[] start = head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
        OutputStream to = fault != null && kind == Fault.Kind.DRIP
                ? new Dripping(out, (int) fault.bytes(), fault.pause(), closing)
                : out;
        long limit = fault != null && kind == Fault.Kind.CLOSE_AFTER ? fault.bytes() : Long.MAX_VALUE;
        to.write(start);
        if (!bodiless && writing != null) {
            Chunks chunks = new Chunks(to);
            writing.to(chunks);
            chunks.end();
        } else if (!bodiless) {
            writeBody(to, body, response.chunked(), limit);
        }
        to.flush();
        return limit >= body.size();
    }

    private static void writeBody(OutputStream to, ByteString body, boolean chunked, long limit) throws IOException {
        byte[] bytes = body.toByteArray();
        int length = (int) Math.min(bytes.length, limit);
        for (int at = 0; at < length; at += PORTION) {
            int portion = Math.min(PORTION, length - at);
            if (chunked) {
                to.write((Integer.toHexString(portion) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            }
            to.write(bytes, at, portion);
            if (chunked) {
                to.write("\r\n".getBytes(StandardCharsets.US_ASCII));
            }
        }
        if (chunked && length == bytes.length) {
            to.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static ByteString gzip(ByteString body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(body.size() / 4);
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(body.toByteArray());
        }
        return ByteString.of(bytes.toByteArray());
    }

    /** Sends in chunks; what it writes to stays open. */
    private static final class Chunks extends OutputStream {
        private final OutputStream out;
        private final byte[] portion = new byte[PORTION];
        private int filled;

        Chunks(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            for (int at = 0; at < length; ) {
                int count = Math.min(PORTION - filled, length - at);
                System.arraycopy(bytes, offset + at, portion, filled, count);
                filled += count;
                at += count;
                if (filled == PORTION) {
                    send();
                }
            }
        }

        private void send() throws IOException {
            if (filled > 0) {
                out.write((Integer.toHexString(filled) + "\r\n").getBytes(StandardCharsets.US_ASCII));
                out.write(portion, 0, filled);
                out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
                filled = 0;
            }
        }

        /** Says that this was all; without it the reader knows that something is missing. */
        void end() throws IOException {
            send();
            out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** Sends a few bytes at a time. */
    private static final class Dripping extends OutputStream {
        private final OutputStream out;
        private final int portion;
        private final Duration pause;
        private final CountDownLatch closing;

        Dripping(OutputStream out, int portion, Duration pause, CountDownLatch closing) {
            this.out = out;
            this.portion = portion;
            this.pause = pause;
            this.closing = closing;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            for (int at = 0; at < length; at += portion) {
                try {
                    if (closing.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
                        throw new IOException("the server stops");
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IOException("the connection ends", e);
                }
                out.write(bytes, offset + at, Math.min(portion, length - at));
                out.flush();
            }
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }
    }
}
