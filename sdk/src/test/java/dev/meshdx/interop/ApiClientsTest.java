package dev.meshdx.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.meshdx.error.MeshConfigurationException;
import dev.meshdx.source.internal.kubeconfig.ClusterAccess;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.auth.ApiKeyAuth;
import java.util.List;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ApiClientsTest {
    private final MockWebServer server = new MockWebServer();
    private ApiClient client;

    @BeforeEach
    void start() throws Exception {
        server.start();
        server.enqueue(new MockResponse.Builder().build());
        client = new ApiClient();
        client.setBasePath(server.url("/prefix").toString());
    }

    @AfterEach
    void stop() {
        client.getHttpClient().dispatcher().executorService().shutdown();
        client.getHttpClient().connectionPool().evictAll();
        server.close();
    }

    private RecordedRequest sent(Request.Builder request) throws Exception {
        ClusterAccess access = ApiClients.access(client, "shop");
        try (Response response = access.http()
                .newCall(request.url(access.server()
                                .newBuilder()
                                .addPathSegment("version")
                                .build())
                        .build())
                .execute()) {
            assertThat(response.code()).isEqualTo(200);
        }
        return server.takeRequest();
    }

    @Test
    void should_go_the_way_that_the_client_goes() throws Exception {
        ((ApiKeyAuth) client.getAuthentication("BearerToken")).setApiKeyPrefix("Bearer");
        client.setApiKey("s3cr3t");
        client.addDefaultHeader("X-Team", "mesh");
        client.addDefaultCookie("route", "a");

        RecordedRequest request = sent(new Request.Builder());

        assertThat(request.getTarget()).isEqualTo("/prefix/version");
        assertThat(request.getHeaders().values("Authorization")).containsExactly("Bearer s3cr3t");
        assertThat(request.getHeaders().get("X-Team")).isEqualTo("mesh");
        assertThat(request.getHeaders().get("Cookie")).contains("route=a");
    }

    @Test
    void should_see_a_token_that_is_set_later_and_prefer_the_headers_of_the_request() throws Exception {
        ClusterAccess before = ApiClients.access(client, "shop");
        client.setApiKey("later");
        client.addDefaultHeader("Accept", "text/plain");

        before.http()
                .newCall(new Request.Builder()
                        .url(before.server())
                        .header("Accept", "application/json")
                        .build())
                .execute()
                .close();

        RecordedRequest request = server.takeRequest();
        assertThat(request.getHeaders().get("Authorization")).isEqualTo("later");
        assertThat(request.getHeaders().values("Accept")).containsExactly("application/json");
    }

    @Test
    void should_prove_nothing_to_other_servers() throws Exception {
        client.setApiKey("s3cr3t");
        try (MockWebServer other = new MockWebServer()) {
            other.enqueue(new MockResponse.Builder().build());
            other.start();

            ApiClients.access(client, "shop")
                    .http()
                    .newCall(new Request.Builder().url(other.url("/")).build())
                    .execute()
                    .close();

            assertThat(other.takeRequest().getHeaders().get("Authorization")).isNull();
        }
    }

    @Test
    void should_neither_change_nor_close_the_client() throws Exception {
        OkHttpClient http = client.getHttpClient();
        int interceptors = http.interceptors().size();
        ClusterAccess access = ApiClients.access(client, "shop");

        access.onClose().run();

        assertThat(client.getHttpClient()).isSameAs(http);
        assertThat(http.interceptors()).hasSize(interceptors);
        assertThat(http.dispatcher().executorService().isShutdown()).isFalse();
        assertThat(access.namespace()).isEqualTo("shop");
        sent(new Request.Builder());
    }

    @Test
    void should_refuse_a_client_without_a_server() {
        client.setBasePath("nowhere");

        assertThat(catchThrowableOfType(MeshConfigurationException.class, () -> ApiClients.access(client, "shop")))
                .hasMessageContaining("base path");
    }

    @Test
    void should_do_without_the_libraries_that_are_left_out() throws Exception {
        for (String left : List.of(
                "org.apache.commons.compress.archivers.ArchiveEntry",
                "org.apache.commons.io.IOUtils",
                "org.apache.commons.collections4.CollectionUtils",
                "com.google.protobuf.Message",
                "io.kubernetes.client.proto.V1")) {
            assertThatThrownBy(() -> Class.forName(left)).as(left).isInstanceOf(ClassNotFoundException.class);
        }

        // All that meshdx mentions of client-java.
        assertThat(sent(new Request.Builder())).isNotNull();
        assertThat(Class.forName("io.kubernetes.client.util.authenticators.OpenIDConnectAuthenticator")
                        .getDeclaredConstructor()
                        .newInstance())
                .isNotNull();
    }

    @Test
    void should_change_nothing_of_client_java_or_the_JVM() throws Exception {
        Object json = io.kubernetes.client.openapi.JSON.getGson();
        Object standard = io.kubernetes.client.openapi.Configuration.getDefaultApiClient();
        Object providers = List.of(java.security.Security.getProviders());

        sent(new Request.Builder());

        assertThat(io.kubernetes.client.openapi.JSON.getGson()).isSameAs(json);
        assertThat(io.kubernetes.client.openapi.Configuration.getDefaultApiClient())
                .isSameAs(standard);
        assertThat(List.of(java.security.Security.getProviders())).isEqualTo(providers);
    }
}
