package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import java.time.Instant;
import java.util.Optional;

/**
 * A resource with what the dump says about it.
 *
 * @param name the name that the dump gives it; empty where only the resource has one
 * @param resource the resource itself; where only a refused version exists, that one
 * @param state what the proxy does with it
 * @param about where version, time and error stand
 */
record Entry(String name, Json resource, ResourceState state, Json about) {
    Optional<String> error() {
        return about.at("error_state", "details")
                .text()
                .or(() -> about.at("details").text());
    }

    Optional<String> version() {
        return about.at("version_info").text();
    }

    Optional<Instant> lastUpdated() {
        return ProtoValues.time(about.at("last_updated"));
    }

    ClientStatus clientStatus() {
        return ClientStatus.of(about.at("client_status"));
    }

    Optional<String> rejectedVersion() {
        return about.at("error_state", "version_info").text().filter(text -> !text.isEmpty());
    }

    Optional<Instant> rejectedAt() {
        return ProtoValues.time(about.at("error_state", "last_update_attempt"));
    }
}
