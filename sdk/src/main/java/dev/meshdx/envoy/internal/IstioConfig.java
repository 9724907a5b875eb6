package dev.meshdx.envoy.internal;

import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceRef;
import java.util.Optional;

/**
 * The Istio resource that made istiod generate a cluster or a route, from the metadata that istiod puts beside it:
 * {@code /apis/networking.istio.io/v1/namespaces/NAMESPACE/virtual-service/NAME}. Source: Istio,
 * {@code pilot/pkg/networking/util/util.go}, {@code BuildConfigInfoMetadata}.
 */
public final class IstioConfig {
    private static final int PARTS = 8;

    private IstioConfig() {}

    /** The resource, where the metadata names one. */
    public static Optional<ResourceRef> of(Json metadata) {
        String[] parts = path(metadata).split("/", -1);
        if (parts.length != PARTS) {
            return Optional.empty();
        }
        return Optional.of(ResourceRef.of(kind(parts[6]), parts[5], parts[7]));
    }

    /** As istioctl's tables show it: {@code name.namespace}, or {@code <unknown>} for what it does not recognise. */
    public static String cell(Json metadata) {
        String path = path(metadata);
        if (path.isEmpty()) {
            return "";
        }
        String[] parts = path.split("/", -1);
        return parts.length == PARTS && parts[2].equals("networking.istio.io")
                ? parts[7] + "." + parts[5]
                : "<unknown>";
    }

    private static String path(Json metadata) {
        return metadata.at("filter_metadata", "istio", "config").text("");
    }

    private static String kind(String kebab) {
        StringBuilder kind = new StringBuilder();
        for (String word : kebab.split("-")) {
            if (!word.isEmpty()) {
                kind.append(Character.toUpperCase(word.charAt(0))).append(word, 1, word.length());
            }
        }
        return kind.toString();
    }
}
