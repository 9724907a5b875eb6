package dev.meshdx.traffic.internal.checks;

import dev.meshdx.envoy.Cluster;
import dev.meshdx.envoy.FilterChain;
import dev.meshdx.envoy.Listener;
import dev.meshdx.model.Json;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The secrets that TLS settings ask for by name. Source: Envoy, {@code extensions/transport_sockets/tls/v3/tls.proto},
 * CommonTlsContext; sockets that wrap another one (internal upstream, PROXY protocol) name it {@code transport_socket}.
 */
final class SdsNames {
    /** Wrapped sockets deeper than this are made to exhaust the stack. */
    private static final int DEEPEST = 4;

    private SdsNames() {}

    static Set<String> of(Listener listener) {
        Set<String> names = new LinkedHashSet<>();
        for (FilterChain chain : listener.allFilterChains()) {
            socket(chain.raw().at("transport_socket"), names, 0);
        }
        return names;
    }

    static Set<String> of(Cluster cluster) {
        Set<String> names = new LinkedHashSet<>();
        socket(cluster.raw().at("transport_socket"), names, 0);
        for (Json match : cluster.raw().at("transport_socket_matches").items()) {
            socket(match.at("transport_socket"), names, 0);
        }
        return names;
    }

    private static void socket(Json socket, Set<String> names, int depth) {
        Json config = socket.at("typed_config");
        if (!config.exists() || depth > DEEPEST) {
            return;
        }
        Json context = config.at("common_tls_context");
        context.at("tls_certificate_sds_secret_configs").items().forEach(secret -> add(secret, names));
        add(context.at("validation_context_sds_secret_config"), names);
        add(context.at("combined_validation_context", "validation_context_sds_secret_config"), names);
        socket(config.at("transport_socket"), names, depth + 1);
    }

    /** One without a source is a static secret of the bootstrap, which the proxy would not start without. */
    private static void add(Json secret, Set<String> names) {
        secret.at("name").text().filter(name -> !name.isEmpty()).ifPresent(names::add);
    }
}
