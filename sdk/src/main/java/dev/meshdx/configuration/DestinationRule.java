package dev.meshdx.configuration;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.internal.Hosts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How clients connect to a host. Source: Istio, "Destination Rule".
 *
 * @param resource the resource
 */
public record DestinationRule(Resource resource) implements TypedResource {
    /** The host, as written. */
    public String host() {
        return resource.spec().at("host").text("");
    }

    /** The host in full: a name without a dot is a service of its own namespace. */
    public String qualifiedHost() {
        return Hosts.qualify(host(), namespace());
    }

    /** The namespaces that see it; empty where the mesh's default holds. */
    public List<String> exportTo() {
        return resource.spec().at("exportTo").texts();
    }

    /** The labels of the clients that it is for; empty for all. */
    public Map<String, String> workloadSelector() {
        return resource.spec().at("workloadSelector", "matchLabels").textMap();
    }

    /** Its subsets. */
    public List<Subset> subsets() {
        List<Subset> subsets = new ArrayList<>();
        for (Json subset : resource.spec().at("subsets").items()) {
            subsets.add(new Subset(
                    subset.at("name").text(""),
                    subset.at("labels").textMap(),
                    subset.at("trafficPolicy").exists(),
                    subset));
        }
        return List.copyOf(subsets);
    }

    /** What it asks clients to do about TLS; empty where it leaves that to auto mTLS. */
    public Optional<ClientTlsMode> tls() {
        Json tls = resource.spec().at("trafficPolicy", "tls");
        if (!tls.exists()) {
            return Optional.empty();
        }
        return Optional.of(
                switch (tls.at("mode").text("DISABLE")) {
                    case "DISABLE" -> ClientTlsMode.DISABLE;
                    case "SIMPLE" -> ClientTlsMode.SIMPLE;
                    case "MUTUAL" -> ClientTlsMode.MUTUAL;
                    case "ISTIO_MUTUAL" -> ClientTlsMode.ISTIO_MUTUAL;
                    default -> ClientTlsMode.UNKNOWN;
                });
    }

    /**
     * A part of a host's endpoints.
     *
     * @param name its name
     * @param labels those of its endpoints
     * @param hasPolicy whether it has a traffic policy of its own
     * @param raw the subset
     */
    public record Subset(String name, Map<String, String> labels, boolean hasPolicy, Json raw) {
        /** Copies the labels. */
        public Subset {
            labels = Map.copyOf(labels);
        }

        /** One line. */
        @Override
        public String toString() {
            return name + " (" + Configuration.text(labels) + ")";
        }
    }

    /** One line. */
    @Override
    public String toString() {
        return ref() + ": " + host() + (subsets().isEmpty() ? "" : ", subsets " + subsets())
                + tls().map(mode -> ", TLS " + mode).orElse("");
    }
}
