package dev.meshdx.source.internal.kubeconfig;

import dev.meshdx.error.MeshAccessException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.model.Json;
import io.kubernetes.client.util.authenticators.OpenIDConnectAuthenticator;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code auth-provider: oidc}: the id token of the kubeconfig while it is good, then a new one for the refresh token, from
 * the identity provider, through client-java.
 *
 * <p>What the provider gives is kept in memory only: the kubeconfig is never written. Where the provider lets a refresh token
 * be used once only, kubectl's own copy is spent by that; an exec plug-in ({@code kubelogin}) has no such trouble.
 */
final class OidcCredentials extends RenewableCredentials {
    private static final String ID_TOKEN = OpenIDConnectAuthenticator.OIDC_ID_TOKEN;
    private static final String REFRESH_TOKEN = OpenIDConnectAuthenticator.OIDC_REFRESH_TOKEN;
    private static final String ISSUER = OpenIDConnectAuthenticator.OIDC_ISSUER;
    private static final String REMEDY =
            "Log in again with the tool that wrote the entry, or replace it by an exec plug-in such as kubelogin.";
    private static final AtomicInteger THREADS = new AtomicInteger();

    private final YamlNode provider;
    private final @Nullable ClientIdentity identity;
    private final Duration timeout;
    private Map<String, Object> config;

    private OidcCredentials(
            YamlNode provider, Map<String, Object> config, @Nullable ClientIdentity identity, AccessRequest request) {
        super(request.clock());
        this.provider = provider;
        this.config = config;
        this.identity = identity;
        this.timeout = request.pluginTimeout();
    }

    /** Reads the entry. */
    static OidcCredentials of(YamlNode provider, @Nullable ClientIdentity identity, AccessRequest request) {
        YamlNode entry = provider.at("config");
        Map<String, Object> config = new HashMap<>();
        for (String key : entry.keys()) {
            String value = entry.at(key).text();
            if (value != null) {
                config.put(key, value);
            }
        }
        byte[] authority = entry.at("idp-certificate-authority").fileBytes();
        if (authority != null) {
            config.putIfAbsent(
                    OpenIDConnectAuthenticator.OIDC_IDP_CERT_DATA,
                    Base64.getEncoder().encodeToString(authority));
        }
        if (!config.containsKey(ID_TOKEN) && !config.containsKey(REFRESH_TOKEN)) {
            throw entry.wrong("there is neither an id-token nor a refresh-token.", REMEDY);
        }
        return new OidcCredentials(provider, config, identity, request);
    }

    @Override
    Obtained obtain(@Nullable Credential previous, BooleanSupplier canceled) throws IOException {
        String token = String.valueOf(config.getOrDefault(ID_TOKEN, ""));
        Instant end = expiry(token);
        if (previous != null
                || token.isEmpty()
                || (end != null && !clock().instant().isBefore(end))) {
            config = refreshed(end, canceled);
            token = String.valueOf(config.get(ID_TOKEN));
            end = expiry(token);
        }
        String problem = Tokens.problem(token);
        if (problem != null) {
            throw refused("the id-token " + problem);
        }
        return new Obtained(new Credential("Bearer " + token, identity), end);
    }

    private Map<String, Object> refreshed(@Nullable Instant end, BooleanSupplier canceled) throws IOException {
        String expired = end == null ? "the id-token is refused" : "the id-token expired at " + end;
        for (String key : List.of(REFRESH_TOKEN, ISSUER, OpenIDConnectAuthenticator.OIDC_CLIENT_ID)) {
            if (!config.containsKey(key)) {
                throw refused(expired + ", and without " + key + " there is no new one to be had");
            }
        }
        String issuer = String.valueOf(config.get(ISSUER));
        if (!issuer.startsWith("https://")) {
            throw refused(expired + ", and " + ISSUER + " does not start with https://");
        }
        // client-java waits without a limit, so it does that on a thread of its own.
        Map<String, Object> copy = new HashMap<>(config);
        FutureTask<Map<String, Object>> task = new FutureTask<>(() -> new OpenIDConnectAuthenticator().refresh(copy));
        Thread thread = new Thread(task, "mesh-oidc-" + THREADS.incrementAndGet());
        thread.setDaemon(true);
        thread.start();
        Map<String, Object> fresh = await(task, expired, issuer, canceled);
        if (!(fresh.get(ID_TOKEN) instanceof String)) {
            throw refused(expired + ", and " + issuer + " answered without a new one");
        }
        // A provider that lets the refresh token live on does not repeat it.
        fresh.computeIfAbsent(REFRESH_TOKEN, config::get);
        return fresh;
    }

    private Map<String, Object> await(
            FutureTask<Map<String, Object>> task, String expired, String issuer, BooleanSupplier canceled)
            throws IOException {
        long end = System.nanoTime() + timeout.toNanos();
        while (true) {
            try {
                return task.get(25, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (canceled.getAsBoolean() || isClosed()) {
                    task.cancel(true);
                    throw new IOException("Canceled", e);
                }
                if (System.nanoTime() - end > 0) {
                    task.cancel(true);
                    throw refused(
                            expired + ", and " + issuer + " did not answer within " + timeout.toSeconds() + " seconds");
                }
            } catch (ExecutionException e) {
                Throwable root = e;
                while (root.getCause() != null && root.getCause() != root) {
                    root = root.getCause();
                }
                String why = Tokens.redact(
                        String.valueOf(root.getMessage()),
                        config.values().stream().map(String::valueOf).toList(),
                        200);
                throw refused(expired + ", and getting a new one from " + issuer + " failed: " + why);
            } catch (InterruptedException e) {
                task.cancel(true);
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted");
            }
        }
    }

    private MeshAccessException refused(String what) {
        return new MeshAccessException(provider.place() + ": " + what + ".", REMEDY);
    }

    /** The end of a JSON web token; null where it tells none. */
    static @Nullable Instant expiry(String token) {
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3) {
            return null;
        }
        try {
            String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
            long seconds = Json.parse(claims).at("exp").number(0);
            return seconds <= 0 ? null : Instant.ofEpochSecond(seconds);
        } catch (IllegalArgumentException | MeshProtocolException | java.time.DateTimeException e) {
            return null;
        }
    }
}
