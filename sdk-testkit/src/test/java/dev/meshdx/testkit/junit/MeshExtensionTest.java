package dev.meshdx.testkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.meshdx.model.ResourceKind;
import dev.meshdx.testkit.FakeMesh;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

class MeshExtensionTest {
    private static final List<FakeMesh> SEEN = new ArrayList<>();

    private static TestExecutionSummary run(Class<?> test) {
        SEEN.clear();
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectClass(test))
                                .build(),
                        listener);
        return listener.getSummary();
    }

    private static void ask(FakeMesh mesh, String path) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TrustAll()}, new SecureRandom());
        HttpClient.newBuilder()
                .sslContext(context)
                .build()
                .send(
                        HttpRequest.newBuilder(URI.create(mesh.url() + path))
                                .header("Authorization", "Bearer " + mesh.token())
                                .build(),
                        BodyHandlers.ofString());
    }

    @MeshTest(yaml = "pod.yaml")
    static class Good {
        @Test
        void first(FakeMesh mesh) throws Exception {
            SEEN.add(mesh);
            assertThat(mesh.objects(ResourceKind.POD)).hasSize(1);
            ask(mesh, "/api/v1/pods");
        }

        @Test
        void second(FakeMesh mesh) {
            SEEN.add(mesh);
        }
    }

    @MeshTest
    static class Unexpected {
        @Test
        void asks(FakeMesh mesh) throws Exception {
            ask(mesh, "/apis/example.org/v1/widgets");
        }

        @Test
        @MeshTest(strict = false)
        void asksLeniently(FakeMesh mesh) throws Exception {
            ask(mesh, "/apis/example.org/v1/widgets");
        }
    }

    static class Registered {
        @RegisterExtension
        final MeshExtension extension =
                MeshExtension.with(() -> FakeMesh.start().addUser("viewer")).lenient();

        @Test
        void asks(FakeMesh mesh) throws Exception {
            assertThat(mesh.kubeconfig("viewer")).contains("fake-viewer");
            ask(mesh, "/apis/example.org/v1/widgets");
        }
    }

    @Test
    void should_give_each_test_a_mesh_and_close_it() {
        TestExecutionSummary summary = run(Good.class);
        assertThat(summary.getFailures()).isEmpty();
        assertThat(summary.getTestsSucceededCount()).isEqualTo(2);
        assertThat(SEEN)
                .hasSize(2)
                .doesNotHaveDuplicates()
                .allSatisfy(mesh -> assertThat(listens(mesh)).isFalse());
    }

    private static boolean listens(FakeMesh mesh) {
        try (Socket socket = new Socket("127.0.0.1", mesh.url().getPort())) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void should_fail_on_unexpected_requests_unless_lenient() {
        TestExecutionSummary summary = run(Unexpected.class);
        assertThat(summary.getFailures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.getException())
                        .isInstanceOf(AssertionError.class)
                        .hasMessageContaining("GET /apis/example.org/v1/widgets"));
        assertThat(summary.getTestsSucceededCount()).isEqualTo(1);
    }

    @Test
    void should_take_a_mesh_that_code_makes() {
        assertThat(run(Registered.class).getFailures()).isEmpty();
    }

    /** These tests are about JUnit; others look at the certificate. */
    private static final class TrustAll extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
