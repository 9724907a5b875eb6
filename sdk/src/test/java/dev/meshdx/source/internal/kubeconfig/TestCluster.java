package dev.meshdx.source.internal.kubeconfig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;

/** An API server with TLS that answers what it is told to, and a kubeconfig for it. */
final class TestCluster implements AutoCloseable {
    static final HeldCertificate CA = new HeldCertificate.Builder()
            .certificateAuthority(1)
            .commonName("test-ca")
            .build();

    final MockWebServer server = new MockWebServer();
    private final List<ClusterAccess> opened = new ArrayList<>();

    TestCluster() {
        this("localhost");
    }

    TestCluster(String certifiedName) {
        HeldCertificate certificate = new HeldCertificate.Builder()
                .signedBy(CA)
                .commonName("apiserver")
                .addSubjectAlternativeName(certifiedName)
                .build();
        server.useHttps(serverSide(certificate).sslSocketFactory());
        server.requestClientAuth();
        try {
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static HandshakeCertificates serverSide(HeldCertificate certificate) {
        return new HandshakeCertificates.Builder()
                .heldCertificate(certificate)
                .addTrustedCertificate(CA.certificate())
                .build();
    }

    static HeldCertificate client(String name) {
        return new HeldCertificate.Builder()
                .signedBy(CA)
                .commonName(name)
                .duration(1, java.util.concurrent.TimeUnit.HOURS)
                .build();
    }

    String url() {
        return "https://localhost:" + server.getPort();
    }

    TestCluster answers(int... codes) {
        for (int code : codes) {
            server.enqueue(new MockResponse.Builder().code(code).body("{}").build());
        }
        return this;
    }

    /** One cluster, one user, one context; the arguments are lines of YAML. */
    String kubeconfig(List<String> clusterLines, List<String> userLines) {
        return kubeconfig(url(), clusterLines, userLines);
    }

    static String kubeconfig(String url, List<String> clusterLines, List<String> userLines) {
        StringBuilder text = new StringBuilder("""
                apiVersion: v1
                kind: Config
                current-context: test
                contexts:
                - name: test
                  context: {cluster: main, user: dev, namespace: shop}
                clusters:
                - name: main
                  cluster:
                """);
        text.append("    server: ").append(url).append('\n');
        clusterLines.forEach(line -> text.append("    ").append(line).append('\n'));
        text.append("users:\n- name: dev\n  user:\n    ignored: true\n");
        userLines.forEach(line -> text.append("    ").append(line).append('\n'));
        return text.toString();
    }

    String kubeconfig(String... userLines) {
        return kubeconfig(List.of(trustLine()), List.of(userLines));
    }

    static String trustLine() {
        return "certificate-authority-data: " + base64(CA.certificatePem());
    }

    static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    static AccessRequest.Builder request() {
        return AccessRequest.builder()
                .environment(Map.of("PATH", System.getenv("PATH")))
                .home(Path.of("/nonexistent"))
                .pluginTimeout(Duration.ofSeconds(20));
    }

    ClusterAccess open(String kubeconfig) {
        return open(request().text(kubeconfig));
    }

    ClusterAccess open(AccessRequest.Builder request) {
        ClusterAccess access = ClusterAccessFactory.open(request.build());
        opened.add(access);
        return access;
    }

    static int get(ClusterAccess access) throws IOException {
        Request request = new Request.Builder()
                .url(access.server().newBuilder().addPathSegment("version").build())
                .build();
        try (Response response = access.http().newCall(request).execute()) {
            return response.code();
        }
    }

    /** The same elliptic key in the older form (SEC 1), as openssl writes it. */
    static String olderPem(PrivateKey key) {
        try {
            ECPrivateKey older = new ECPrivateKey(
                    256,
                    ((java.security.interfaces.ECPrivateKey) key).getS(),
                    PrivateKeyInfo.getInstance(key.getEncoded())
                            .getPrivateKeyAlgorithm()
                            .getParameters());
            return "-----BEGIN EC PRIVATE KEY-----\n"
                    + Base64.getMimeEncoder().encodeToString(older.getEncoded())
                    + "\n-----END EC PRIVATE KEY-----\n";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path script(Path file, String body) {
        try {
            Files.writeString(file, "#!/bin/sh\n" + body);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }

    @Override
    public void close() {
        opened.forEach(access -> access.onClose().run());
        server.close();
    }

    /** A clock that is moved by hand. */
    static final class ManualClock extends Clock {
        private volatile Instant now;

        ManualClock(Instant now) {
            this.now = now;
        }

        void advance(Duration by) {
            now = now.plus(by);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
