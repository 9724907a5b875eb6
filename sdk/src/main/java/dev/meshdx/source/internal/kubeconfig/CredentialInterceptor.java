package dev.meshdx.source.internal.kubeconfig;

import dev.meshdx.source.internal.kubeconfig.Credentials.Credential;
import java.io.IOException;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * Proves who we are to the API server, and to nobody else: requests of derived clients to other places (a pod's admin port
 * through a tunnel) are left as they are. On 401 it asks once for another credential. WebSocket upgrades pass through here
 * too.
 */
final class CredentialInterceptor implements Interceptor {
    private final HttpUrl server;
    private final Credentials credentials;
    private final Headers impersonation;
    private final ServerTls tls;

    CredentialInterceptor(HttpUrl server, Credentials credentials, Headers impersonation, ServerTls tls) {
        this.server = server;
        this.credentials = credentials;
        this.impersonation = impersonation;
        this.tls = tls;
    }

    @Override
    public Response intercept(Chain chain) throws IOException {
        Request request = chain.request();
        HttpUrl url = request.url();
        if (!url.scheme().equals(server.scheme()) || !url.host().equals(server.host()) || url.port() != server.port()) {
            return chain.proceed(request);
        }
        Credential credential = credentials.current(chain.call()::isCanceled);
        Response response = tls.showing(chain, credential.identity()).proceed(proven(request, credential));
        RequestBody body = request.body();
        if (response.code() != 401 || (body != null && body.isOneShot())) {
            return response;
        }
        Credential fresh;
        try {
            fresh = credentials.renewed(credential, chain.call()::isCanceled);
        } catch (IOException | RuntimeException e) {
            response.close();
            throw e;
        }
        if (fresh.sameAs(credential)) {
            return response;
        }
        response.close();
        if (credential.identity() != fresh.identity()) {
            tls.abandon(credential.identity());
        }
        return tls.showing(chain, fresh.identity()).proceed(proven(request, fresh));
    }

    private Request proven(Request request, Credential credential) {
        Headers.Builder headers = request.headers().newBuilder();
        String authorization = credential.authorization();
        if (authorization != null && request.header("Authorization") == null) {
            headers.add("Authorization", authorization);
        }
        headers.addAll(impersonation);
        return request.newBuilder().headers(headers.build()).build();
    }
}
