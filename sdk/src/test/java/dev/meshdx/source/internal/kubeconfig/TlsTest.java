package dev.meshdx.source.internal.kubeconfig;

import static dev.meshdx.source.internal.kubeconfig.TestCluster.base64;
import static dev.meshdx.source.internal.kubeconfig.TestCluster.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.meshdx.error.MeshConfigurationException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TlsTest {
    @TempDir
    private Path folder;

    @Test
    void should_trust_the_authority_of_the_kubeconfig_only() throws Exception {
        HeldCertificate other =
                new HeldCertificate.Builder().certificateAuthority(0).build();
        try (TestCluster cluster = new TestCluster()) {
            cluster.answers(200);

            assertThatThrownBy(() -> get(cluster.open(cluster.kubeconfig(
                            List.of("certificate-authority-data: " + base64(other.certificatePem())), List.of()))))
                    .isInstanceOf(SSLHandshakeException.class);
            assertThatThrownBy(() -> get(cluster.open(cluster.kubeconfig(List.of(), List.of()))))
                    .isInstanceOf(SSLHandshakeException.class);
            assertThat(get(cluster.open(cluster.kubeconfig(
                            List.of("certificate-authority-data: "
                                    + base64(other.certificatePem() + TestCluster.CA.certificatePem())),
                            List.of()))))
                    .isEqualTo(200);
        }
    }

    @Test
    void should_read_the_authority_from_a_file() throws Exception {
        Files.writeString(folder.resolve("ca.pem"), TestCluster.CA.certificatePem());
        try (TestCluster cluster = new TestCluster()) {
            cluster.answers(200);
            Path file = Files.writeString(
                    folder.resolve("config"), cluster.kubeconfig(List.of("certificate-authority: ca.pem"), List.of()));

            assertThat(get(cluster.open(TestCluster.request().files(List.of(file)))))
                    .isEqualTo(200);
        }
    }

    @Test
    void should_check_the_name_of_the_server() {
        try (TestCluster cluster = new TestCluster("api.internal")) {
            assertThatThrownBy(() -> get(cluster.open(cluster.kubeconfig())))
                    .isInstanceOf(SSLPeerUnverifiedException.class);
        }
    }

    @Test
    void should_check_and_send_the_tls_server_name_instead() throws Exception {
        for (String name : List.of("api.internal", "kubernetes")) {
            try (TestCluster cluster = new TestCluster(name)) {
                cluster.answers(200);
                ClusterAccess access = cluster.open(
                        cluster.kubeconfig(List.of(TestCluster.trustLine(), "tls-server-name: " + name), List.of()));

                assertThat(get(access)).isEqualTo(200);
                assertThat(cluster.server.takeRequest().getHandshakeServerNames())
                        .containsExactly(name);
            }
        }
    }

    @Test
    void should_accept_an_address_as_tls_server_name() throws Exception {
        try (TestCluster cluster = new TestCluster("10.9.8.7")) {
            cluster.answers(200);

            assertThat(get(cluster.open(cluster.kubeconfig(
                            List.of(TestCluster.trustLine(), "tls-server-name: 10.9.8.7"), List.of()))))
                    .isEqualTo(200);
        }
    }

    @Test
    void should_refuse_a_server_that_does_not_bear_the_tls_server_name() {
        try (TestCluster cluster = new TestCluster("localhost")) {
            assertThatThrownBy(() -> get(cluster.open(cluster.kubeconfig(
                            List.of(TestCluster.trustLine(), "tls-server-name: api.internal"), List.of()))))
                    .isInstanceOf(SSLException.class);
        }
    }

    @Test
    void should_believe_every_server_when_told_to() throws Exception {
        for (String name : List.of("", "tls-server-name: api.internal")) {
            try (TestCluster cluster = new TestCluster("elsewhere.example")) {
                cluster.answers(200);

                assertThat(get(cluster.open(
                                cluster.kubeconfig(List.of("insecure-skip-tls-verify: true", name), List.of()))))
                        .isEqualTo(200);
            }
        }
    }

    @Test
    void should_refuse_an_authority_that_is_not_one() {
        for (String rubbish :
                List.of("rubbish", "-----BEGIN CERTIFICATE-----\nQUJD\n", "-----BEGIN X-----\n-----END X-----\n")) {
            assertThat(catchThrowableOfType(
                            MeshConfigurationException.class,
                            () -> ClusterAccessFactory.open(TestCluster.request()
                                    .text(TestCluster.kubeconfig(
                                            "https://a.example",
                                            List.of("certificate-authority-data: " + base64(rubbish)),
                                            List.of()))
                                    .build())))
                    .hasMessageContaining("cluster \"main\", certificate-authority-data")
                    .hasMessageContaining("the certificate authority");
        }
    }

    @Test
    void should_change_nothing_of_the_JVM() throws Exception {
        Object context = javax.net.ssl.SSLContext.getDefault();
        Object selector = java.net.ProxySelector.getDefault();
        Object properties = System.getProperties().clone();
        Object verifier = javax.net.ssl.HttpsURLConnection.getDefaultHostnameVerifier();
        Object factory = javax.net.ssl.HttpsURLConnection.getDefaultSSLSocketFactory();
        List<?> providers = List.of(java.security.Security.getProviders());
        try (TestCluster cluster = new TestCluster()) {
            cluster.answers(200);
            get(cluster.open(cluster.kubeconfig("token: abc")));
        }

        assertThat(javax.net.ssl.SSLContext.getDefault()).isSameAs(context);
        assertThat(java.net.ProxySelector.getDefault()).isSameAs(selector);
        assertThat(java.net.Authenticator.getDefault()).isNull();
        assertThat(System.getProperties()).isEqualTo(properties);
        assertThat(javax.net.ssl.HttpsURLConnection.getDefaultHostnameVerifier())
                .isSameAs(verifier);
        assertThat(javax.net.ssl.HttpsURLConnection.getDefaultSSLSocketFactory())
                .isSameAs(factory);
        assertThat(List.of(java.security.Security.getProviders())).isEqualTo(providers);
    }
}
