package dev.meshdx.envoy;

import dev.meshdx.model.Json;
import java.util.Optional;

/** A filter that is delivered by itself (ECDS), such as a Wasm plugin. Immutable. */
public final class ProxyExtension {
    private final Entry entry;

    ProxyExtension(Entry entry) {
        this.entry = entry;
    }

    /** Its name. */
    public String name() {
        return entry.resource().at("name").text(entry.name());
    }

    /** The type of its configuration, without the {@code type.googleapis.com/} in front. */
    public String type() {
        String url = entry.resource().at("typed_config", "@type").text("");
        return url.substring(url.lastIndexOf('/') + 1);
    }

    /** What the proxy does with it. */
    public ResourceState state() {
        return entry.state();
    }

    /** Why the newest version was refused, in Envoy's words. */
    public Optional<String> error() {
        return entry.error();
    }

    /** The version that was refused, where Envoy tells it. Source: {@code admin/v3/config_dump_shared.proto}, UpdateFailureState. */
    public Optional<String> rejectedVersion() {
        return entry.rejectedVersion();
    }

    /** The whole extension as Envoy prints it. */
    public Json raw() {
        return entry.resource();
    }

    /** One line. */
    @Override
    public String toString() {
        return name() + " " + type() + " " + state();
    }
}
