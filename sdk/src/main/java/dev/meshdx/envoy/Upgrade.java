package dev.meshdx.envoy;

import dev.meshdx.model.Json;
import java.util.List;

/**
 * A protocol that a client may ask to change to, such as {@code websocket} or {@code CONNECT}. Source: Envoy,
 * {@code UpgradeConfig} of {@code http_connection_manager.proto} and of {@code route_components.proto}.
 *
 * @param type the protocol as the client's {@code upgrade} header names it, case not regarded
 * @param enabled whether it is allowed
 * @param terminates whether the proxy itself ends a {@code CONNECT} tunnel and passes on the bytes in it
 */
public record Upgrade(String type, boolean enabled, boolean terminates) {
    static List<Upgrade> all(Json configs) {
        return configs.items().stream()
                .map(config -> new Upgrade(
                        config.at("upgrade_type").text(""),
                        config.at("enabled").bool(true),
                        config.at("connect_config").exists()))
                .toList();
    }

    /** {@code websocket}, {@code CONNECT (terminated here)}, {@code websocket (off)}. */
    @Override
    public String toString() {
        return type + (enabled ? (terminates ? " (terminated here)" : "") : " (off)");
    }
}
