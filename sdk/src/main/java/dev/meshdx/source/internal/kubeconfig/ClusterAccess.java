package dev.meshdx.source.internal.kubeconfig;

import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;

/**
 * Everything that is needed to talk to one API server.
 *
 * @param description for reports: {@code context prod-eu}, {@code in-cluster}
 * @param namespace the namespace to use where the caller names none
 * @param server the server's base URL
 * @param http sends requests: it verifies the server, proves who we are (an interceptor adds token and impersonation
 *     headers, and asks for a new token once on 401), and goes through the configured proxy; WebSocket upgrades included
 * @param onClose lets go of what was opened for it (never of what the caller brought)
 */
public record ClusterAccess(
        String description, String namespace, HttpUrl server, OkHttpClient http, Runnable onClose) {}
