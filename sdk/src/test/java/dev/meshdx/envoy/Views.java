package dev.meshdx.envoy;

import dev.meshdx.model.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** Listeners and routes of a dump with every setting that has a view. */
final class Views {
    private Views() {}

    static ConfigDump dump() {
        try (InputStream in = Objects.requireNonNull(Views.class.getResourceAsStream("/envoy/views.json"))) {
            return ConfigDump.parse(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Listener listener(String name) {
        return dump().listeners().named(name).first().orElseThrow();
    }

    static Listener listener(Json resource) {
        return new Listener(new Entry("", resource, ResourceState.ACTIVE, Json.MISSING));
    }

    static RouteConfiguration routes(Json resource) {
        return new RouteConfiguration(new Entry("", resource, ResourceState.ACTIVE, Json.MISSING));
    }
}
