package dev.meshdx.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.testkit.internal.SpdyWords;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.Deflater;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** SPDY/3.1 as kubectl speaks it, from a client of its own, so that it is tested without kubectl too. */
class SpdyTest {
    private final FakeMesh mesh = Meshes.small();
    private final Deflater deflater = new Deflater();
    private SSLSocket socket;
    private DataInputStream in;
    private DataOutputStream out;

    SpdyTest() throws IOException {
        socket = (SSLSocket) FakeMeshTest.client(mesh)
                .sslSocketFactory()
                .createSocket("127.0.0.1", mesh.url().getPort());
        in = new DataInputStream(socket.getInputStream());
        out = new DataOutputStream(socket.getOutputStream());
    }

    @BeforeEach
    void upgrade() throws IOException {
        deflater.setDictionary(SpdyWords.dictionary());
        out.writeBytes("POST /api/v1/namespaces/production/pods/web/portforward HTTP/1.1\r\nHost: x\r\n"
                + "Authorization: Bearer " + mesh.token() + "\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n"
                + "X-Stream-Protocol-Version: portforward.k8s.io\r\nContent-Length: 0\r\n\r\n");
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            head.append((char) in.readUnsignedByte());
        }
        assertThat(head.toString())
                .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
                .contains("Upgrade: SPDY/3.1");
    }

    @AfterEach
    void close() throws IOException {
        socket.close();
        deflater.end();
        mesh.close();
    }

    private void control(int type, int flags, byte[] payload) throws IOException {
        out.writeInt(0x80030000 | type);
        out.writeInt(flags << 24 | payload.length);
        out.write(payload);
        out.flush();
    }

    private void open(int id, String type, int port) throws IOException {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        DataOutputStream words = new DataOutputStream(block);
        Map<String, String> headers =
                new TreeMap<>(Map.of("port", String.valueOf(port), "requestid", "0", "streamtype", type));
        words.writeInt(headers.size());
        for (Map.Entry<String, String> header : headers.entrySet()) {
            words.writeInt(header.getKey().length());
            words.writeBytes(header.getKey());
            words.writeInt(header.getValue().length());
            words.writeBytes(header.getValue());
        }
        byte[] compressed = new byte[1024];
        deflater.setInput(block.toByteArray());
        int length = deflater.deflate(compressed, 0, compressed.length, Deflater.SYNC_FLUSH);
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        DataOutputStream frame = new DataOutputStream(payload);
        frame.writeInt(id);
        frame.writeInt(0);
        frame.writeShort(0);
        frame.write(compressed, 0, length);
        control(1, 0, payload.toByteArray());
    }

    private void data(int id, int flags, String text) throws IOException {
        out.writeInt(id);
        out.writeInt(flags << 24 | text.length());
        out.writeBytes(text);
        out.flush();
    }

    /** Reads frames until both streams have ended: what came on each. */
    private Map<Integer, String> readToEnd() throws IOException {
        Map<Integer, String> received = new TreeMap<>();
        int ended = 0;
        while (ended < 2) {
            int word = in.readInt();
            int lengthAndFlags = in.readInt();
            byte[] payload = new byte[lengthAndFlags & 0xffffff];
            in.readFully(payload);
            if (word >= 0) {
                received.merge(word, new String(payload, StandardCharsets.ISO_8859_1), String::concat);
                ended += lengthAndFlags >>> 24 & 1;
            } else {
                received.merge(-(word & 0xffff), "+", String::concat);
            }
        }
        return received;
    }

    @Test
    void should_forward_to_a_port() throws Exception {
        control(6, 0, new byte[] {0, 0, 0, 1});
        open(1, "error", 15000);
        data(1, 1, "");
        open(3, "data", 15000);
        data(3, 0, "GET /ready HTTP/1.1\r\nHost: x\r\n");
        data(3, 0, "Connection: close\r\n\r\n");
        Map<Integer, String> received = readToEnd();
        assertThat(received.get(1)).isEmpty();
        assertThat(received.get(3)).contains("HTTP/1.1 200 OK", "LIVE");
        assertThat(received)
                .as("two replies and a ping")
                .containsEntry(-2, "++")
                .containsEntry(-6, "+");
    }

    @Test
    void should_say_on_the_error_stream_why_it_cannot() throws Exception {
        open(1, "error", 15999);
        open(3, "data", 15999);
        Map<Integer, String> received = readToEnd();
        assertThat(received.get(1))
                .startsWith("error forwarding port 15999 to pod ")
                .contains("connection refused");
        assertThat(received.get(3)).isEmpty();
    }

    @Test
    void should_reset_streams_that_make_no_sense() throws Exception {
        open(1, "error", 0);
        assertThat(in.readInt()).isEqualTo(0x80030003);
    }
}
