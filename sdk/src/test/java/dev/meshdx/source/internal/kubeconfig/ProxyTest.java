package dev.meshdx.source.internal.kubeconfig;

import static dev.meshdx.source.internal.kubeconfig.TestCluster.get;
import static dev.meshdx.source.internal.kubeconfig.TestCluster.request;
import static dev.meshdx.source.internal.kubeconfig.TestCluster.trustLine;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.meshdx.error.MeshConfigurationException;
import dev.meshdx.source.internal.kubeconfig.TestProxy.Kind;
import java.util.List;
import java.util.Map;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ProxyTest {
    // A name that only the proxy knows: whoever reaches the server went through it.
    private final TestCluster cluster = new TestCluster("api.only-behind-the-proxy");

    private String url() {
        return "https://api.only-behind-the-proxy:" + cluster.server.getPort();
    }

    private String text(String... lines) {
        List<String> all = new java.util.ArrayList<>(List.of(lines));
        all.add(trustLine());
        return TestCluster.kubeconfig(url(), all, List.of("token: abc"));
    }

    @Test
    void should_go_through_an_http_proxy() throws Exception {
        try (cluster;
                TestProxy proxy = new TestProxy(Kind.HTTP)) {
            cluster.answers(200);

            assertThat(get(cluster.open(text("proxy-url: http://localhost:" + proxy.port()))))
                    .isEqualTo(200);
            assertThat(proxy.asked).singleElement().asString().startsWith("CONNECT api.only-behind-the-proxy:");
            assertThat(proxy.asked.get(0)).doesNotContain("Authorization");
        }
    }

    @Test
    void should_send_the_password_to_the_proxy_only() throws Exception {
        try (cluster;
                TestProxy proxy = new TestProxy(Kind.HTTP)) {
            cluster.answers(200);

            get(cluster.open(text("proxy-url: http://me:p%40ss@localhost:" + proxy.port())));

            assertThat(proxy.asked.get(0))
                    .contains("Proxy-Authorization: " + okhttp3.Credentials.basic("me", "p@ss"))
                    .doesNotContain("\r\nAuthorization");
            assertThat(cluster.server.takeRequest().getHeaders().get("Proxy-Authorization"))
                    .isNull();
        }
    }

    @Test
    void should_go_through_a_proxy_that_speaks_TLS() throws Exception {
        try (cluster;
                TestProxy proxy = new TestProxy(Kind.HTTPS)) {
            cluster.answers(200);

            assertThat(get(cluster.open(text("proxy-url: https://localhost:" + proxy.port()))))
                    .isEqualTo(200);
            assertThat(proxy.asked).hasSize(1);
        }
    }

    @Test
    void should_verify_a_proxy_that_speaks_TLS() throws Exception {
        try (cluster;
                TestProxy proxy = new TestProxy(Kind.HTTPS)) {
            assertThatThrownBy(() -> get(cluster.open(text("proxy-url: https://127.0.0.1:" + proxy.port()))))
                    .isInstanceOf(java.io.IOException.class);
            assertThat(proxy.asked).isEmpty();
        }
    }

    @Test
    void should_go_through_a_SOCKS_proxy_that_resolves_the_name() throws Exception {
        try (cluster;
                TestProxy proxy = new TestProxy(Kind.SOCKS)) {
            cluster.answers(200);

            assertThat(get(cluster.open(text("proxy-url: socks5://127.0.0.1:" + proxy.port()))))
                    .isEqualTo(200);
            assertThat(proxy.asked).containsExactly("api.only-behind-the-proxy:" + cluster.server.getPort());
        }
    }

    @Test
    void should_take_the_proxy_of_the_environment_unless_the_kubeconfig_names_one() throws Exception {
        try (cluster;
                TestProxy ours = new TestProxy(Kind.HTTP);
                TestProxy other = new TestProxy(Kind.HTTP)) {
            cluster.answers(200, 200, 200);
            Map<String, String> environment = Map.of("HTTPS_PROXY", "localhost:" + other.port());

            get(cluster.open(request().environment(environment).text(text())));
            assertThat(other.asked).hasSize(1);
            get(cluster.open(
                    request().environment(environment).text(text("proxy-url: http://localhost:" + ours.port()))));
            assertThat(other.asked).hasSize(1);
            assertThat(ours.asked).hasSize(1);
            get(cluster.open(request()
                    .environment(Map.of("https_proxy", "http://localhost:" + other.port(), "NO_PROXY", "other.example"))
                    .text(text())));
            assertThat(other.asked).hasSize(2);
        }
    }

    @Test
    void should_go_directly_to_loopback() throws Exception {
        try (cluster;
                TestCluster local = new TestCluster()) {
            local.answers(200);

            assertThat(get(local.open(request()
                            .environment(Map.of("HTTPS_PROXY", "http://localhost:1"))
                            .text(local.kubeconfig()))))
                    .isEqualTo(200);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    https://a.example.com:6443 | *                        | true
                    https://a.example.com:6443 | example.com              | true
                    https://a.example.com:6443 | .example.com             | true
                    https://a.example.com:6443 | *.example.com            | true
                    https://example.com        | example.com              | true
                    https://example.com        | .example.com             | false
                    https://notexample.com     | example.com              | false
                    https://a.example.com:6443 | example.com:6443         | true
                    https://a.example.com:6443 | example.com:443          | false
                    https://a.example.com:6443 | EXAMPLE.com              | true
                    https://10.1.2.3           | 10.0.0.0/8               | true
                    https://11.1.2.3           | 10.0.0.0/8               | false
                    https://10.1.2.3           | 10.1.2.3                 | true
                    https://10.1.2.3           | 10.1.2.4,10.1.2.3        | true
                    https://10.1.2.3           | ' x , 10.1.2.3 '         | true
                    https://[fd00::1]          | fd00::/8                 | true
                    https://[fd00::1]          | fd00::1                  | true
                    https://[fd00::1]:6443     | [fd00::1]:6443           | true
                    https://[fd00::1]:6443     | [fd00::1]:443            | false
                    https://10.1.2.3           | 10.0.0.0/99              | false
                    https://10.1.2.3           | 10.0.0.0/x               | false
                    https://a.example.com      | ','                      | false
                    """)
    void should_read_NO_PROXY_as_Go_does(String server, String noProxy, boolean exempt) {
        cluster.close();
        assertThat(ProxyRoute.isExempt(HttpUrl.get(server), noProxy)).isEqualTo(exempt);
    }

    @Test
    void should_refuse_a_proxy_that_cannot_be_used() {
        try (cluster) {
            for (String url :
                    List.of("ftp://a", "http://", "\"http://a b\"", "socks5://me:s3cr3t@a", "http://me:s3cr3t@ a")) {
                assertThat(catchThrowableOfType(
                                MeshConfigurationException.class, () -> cluster.open(text("proxy-url: " + url))))
                        .as(url)
                        .hasMessageContaining("cluster \"main\", proxy-url")
                        .message()
                        .doesNotContain("s3cr3t");
            }
            assertThat(catchThrowableOfType(
                            MeshConfigurationException.class,
                            () -> cluster.open(request()
                                    .environment(Map.of("HTTPS_PROXY", "ftp://a"))
                                    .text(text()))))
                    .hasMessageContaining("The environment variable HTTPS_PROXY has a scheme");
        }
    }
}
