package dev.meshdx.testkit.baddays;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.meshdx.Mesh;
import dev.meshdx.MeshOptions;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.error.MeshTimeoutException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Answers without an end, small on the wire and as large as the memory once they are unpacked. */
@ExtendWith(NothingLeft.class)
class BombsTest {
    /** An API server that answers everything with a start, and then the same again and again, compressed. */
    private static final class Bomb implements AutoCloseable {
        private final HeldCertificate certificate = new HeldCertificate.Builder()
                .addSubjectAlternativeName("127.0.0.1")
                .build();
        private final ServerSocket server;
        private final byte[] start;
        private final byte[] again;

        Bomb(String start, String again) throws IOException {
            this.start = start.getBytes(StandardCharsets.UTF_8);
            this.again = again.repeat(1 + 64 * 1024 / again.length()).getBytes(StandardCharsets.UTF_8);
            this.server = new HandshakeCertificates.Builder()
                    .heldCertificate(certificate)
                    .build()
                    .sslContext()
                    .getServerSocketFactory()
                    .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
            thread(() -> {
                while (!server.isClosed()) {
                    Socket socket = server.accept();
                    thread(() -> answer(socket));
                }
            });
        }

        private interface Work {
            void run() throws IOException;
        }

        private static void thread(Work work) {
            Thread thread = new Thread(
                    () -> {
                        try {
                            work.run();
                        } catch (IOException e) {
                            // The client has had enough, or the test is over.
                        }
                    },
                    "bomb");
            thread.setDaemon(true);
            thread.start();
        }

        private void answer(Socket socket) throws IOException {
            try (socket) {
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
                for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                    // The request does not matter.
                }
                OutputStream out = socket.getOutputStream();
                out.write(("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
                                + "Connection: close\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
                GZIPOutputStream zip = new GZIPOutputStream(out, 64 * 1024);
                zip.write(start);
                while (true) {
                    zip.write(again);
                }
            }
        }

        MeshOptions options() {
            String authority = Base64.getEncoder()
                    .encodeToString(certificate.certificatePem().getBytes(StandardCharsets.US_ASCII));
            return MeshOptions.builder()
                    .kubeconfigText("""
                            apiVersion: v1
                            kind: Config
                            current-context: c
                            clusters: [{name: c, cluster: {server: "https://127.0.0.1:%d", certificate-authority-data: %s}}]
                            contexts: [{name: c, context: {cluster: c, user: u}}]
                            users: [{name: u, user: {token: abc}}]
                            """.formatted(server.getLocalPort(), authority))
                    .deadline(Duration.ofMillis(1500))
                    .build();
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    static List<List<String>> bombs() {
        String items = "{\"kind\":\"PodList\",\"items\":[{\"metadata\":{}}";
        return List.of(
                List.of("", " "),
                List.of("{\"a\":\"", "a"),
                List.of("[", "[],"),
                List.of(items, ",{\"metadata\":{\"name\":\"a\"}}"),
                List.of("{\"kind\":\"PodList\",\"items\":[{\"metadata\":{\"x\":[0", ",[],{}"),
                List.of("x", "\n"));
    }

    @ParameterizedTest
    @MethodSource("bombs")
    void should_not_unpack_an_answer_without_end(List<String> bomb) throws Exception {
        try (Bomb server = new Bomb(bomb.get(0), bomb.get(1));
                Mesh mesh = Mesh.connect(server.options())) {
            for (Verb verb : List.of(Verb.CONTROL_PLANE, Verb.LOGS)) {
                long start = System.nanoTime();
                Throwable thrown = catchThrowable(() -> verb.ask(mesh));
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
                boolean cutLog = verb == Verb.LOGS && thrown == null;
                if (!cutLog) {
                    assertThat(thrown)
                            .as("%s %s", verb, bomb)
                            .isInstanceOfAny(MeshProtocolException.class, MeshTimeoutException.class);
                }
            }
        }
    }

    /** A document that goes on for ever. */
    private static final class Endless extends InputStream {
        private final byte[] start;
        private final byte[] again;
        private long at;

        Endless(String start, String again) {
            this.start = start.getBytes(StandardCharsets.UTF_8);
            this.again = again.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public int read() {
            long index = at++;
            return index < start.length ? start[(int) index] : again[(int) ((index - start.length) % again.length)];
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
            for (int i = 0; i < length; i++) {
                buffer[offset + i] = (byte) read();
            }
            return length;
        }
    }

    @Test
    void should_not_read_a_config_dump_without_end() throws IOException {
        for (List<String> endless : List.of(
                List.of("{\"configs\":[{\"dynamic_active_clusters\":[{}", ",{}"),
                List.of("{\"configs\":[{\"dynamic_active_clusters\":[{\"cluster\":{\"a\":[0", ",[]"),
                List.of("{\"configs\":[{}", ",{}"),
                List.of("{\"cluster_statuses\":[{\"host_statuses\":[{}", ",{}"))) {
            ConfigDump dump = null;
            Throwable thrown = null;
            try {
                dump = ConfigDump.parse(new Endless(endless.get(0), endless.get(1)));
            } catch (MeshException e) {
                thrown = e;
            }
            if (dump != null) {
                assertThat(dump.problem()).isPresent();
            } else {
                assertThat(thrown).isInstanceOf(MeshProtocolException.class).hasMessageContaining("more than");
            }
        }
    }
}
