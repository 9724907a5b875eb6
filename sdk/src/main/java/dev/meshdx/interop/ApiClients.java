package dev.meshdx.interop;

import dev.meshdx.Mesh;
import dev.meshdx.MeshOptions;
import dev.meshdx.error.MeshConfigurationException;
import dev.meshdx.source.internal.kubeconfig.ClusterAccess;
import dev.meshdx.source.internal.live.LiveSource;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.Pair;
import io.kubernetes.client.openapi.auth.Authentication;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;

/**
 * For applications that have an {@code ApiClient} of the official Kubernetes client already: meshdx then goes the same way
 * to the cluster, with the same TLS, proxy, credentials and default headers. The client stays the application's: it is
 * neither changed nor closed.
 *
 * <p>This is the only class of meshdx with a type of another library in a signature.
 */
public final class ApiClients {
    private ApiClients() {}

    /**
     * Connects through an application's client. Sends no request. Of the options, those that name a kubeconfig, a context or a
     * token are not looked at: the client has its own.
     *
     * @throws MeshConfigurationException if the client's base path is not a URL
     */
    public static Mesh connect(ApiClient client, MeshOptions options) {
        String namespace = options.namespace().orElse("default");
        return Mesh.over(new LiveSource(access(client, namespace)), options);
    }

    /**
     * The way to the cluster that the client goes. No request is sent.
     *
     * @param namespace the namespace to use where the caller names none
     * @throws MeshConfigurationException if the client's base path is not a URL
     */
    static ClusterAccess access(ApiClient client, String namespace) {
        HttpUrl server = HttpUrl.parse(String.valueOf(client.getBasePath()));
        if (server == null) {
            throw new MeshConfigurationException(
                    "The base path of the ApiClient is not a URL that starts with https:// or http://.",
                    "Call setBasePath(\"https://HOST:6443\").");
        }
        // Shares the connections and the threads of the client; only the interceptor is ours.
        return new ClusterAccess(
                "ApiClient of the application",
                namespace,
                server,
                client.getHttpClient()
                        .newBuilder()
                        .addInterceptor(new AsTheClientDoes(client, server))
                        .build(),
                () -> {});
    }

    /** Adds what {@code ApiClient.buildRequest} adds, to requests to the API server only. */
    private record AsTheClientDoes(ApiClient client, HttpUrl server) implements Interceptor {
        @Override
        public Response intercept(Chain chain) throws IOException {
            Request request = chain.request();
            HttpUrl url = request.url();
            if (!url.scheme().equals(server.scheme())
                    || !url.host().equals(server.host())
                    || url.port() != server.port()) {
                return chain.proceed(request);
            }
            List<Pair> query = new ArrayList<>();
            Map<String, String> headers = new HashMap<>();
            Map<String, String> cookies = new HashMap<>();
            for (Authentication authentication : client.getAuthentications().values()) {
                try {
                    authentication.applyToParams(query, headers, cookies, "", request.method(), url.uri());
                } catch (ApiException e) {
                    throw new IOException("The ApiClient's authentication failed", e);
                }
            }
            // The client's own method adds its default headers; those of the request count more.
            Request.Builder collected = new Request.Builder().url(url);
            client.processHeaderParams(headers, collected);
            client.processCookieParams(cookies, collected);
            Request added = collected.build();
            Request.Builder builder = request.newBuilder();
            for (String name : added.headers().names()) {
                if (request.header(name) == null) {
                    added.headers(name).forEach(value -> builder.addHeader(name, value));
                }
            }
            HttpUrl.Builder target = url.newBuilder();
            query.forEach(pair -> target.addQueryParameter(pair.getName(), pair.getValue()));
            return chain.proceed(builder.url(target.build()).build());
        }
    }
}
