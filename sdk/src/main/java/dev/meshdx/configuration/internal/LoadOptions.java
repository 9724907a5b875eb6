package dev.meshdx.configuration.internal;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a configuration is read.
 *
 * @param revision of the control plane whose resources count; empty for all
 * @param meshConfigYaml stands in for the mesh configuration in the ConfigMap {@code istio}
 * @param meshNetworksYaml stands in for the networks in that ConfigMap
 */
public record LoadOptions(
        String revision,
        @Nullable String meshConfigYaml,
        @Nullable String meshNetworksYaml) {
    /** All revisions, and what the ConfigMap says. */
    public static final LoadOptions DEFAULT = new LoadOptions("", null, null);

    Optional<String> meshConfig() {
        return Optional.ofNullable(meshConfigYaml);
    }

    Optional<String> meshNetworks() {
        return Optional.ofNullable(meshNetworksYaml);
    }
}
