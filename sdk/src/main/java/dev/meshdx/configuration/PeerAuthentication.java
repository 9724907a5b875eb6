package dev.meshdx.configuration;

import dev.meshdx.model.Resource;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which mutual TLS mode workloads accept. Source: Istio, "PeerAuthentication".
 *
 * @param resource the resource
 */
public record PeerAuthentication(Resource resource) implements TypedResource {
    /** The labels of the workloads that it is for; empty for all of its namespace, or of the mesh in the root namespace. */
    public Map<String, String> selector() {
        return resource.spec().at("selector", "matchLabels").textMap();
    }

    /** The mode; empty where it inherits it. */
    public Optional<MtlsMode> mode() {
        return mode(resource.spec().at("mtls", "mode").text(""));
    }

    /** Modes of single ports of the workload, not of the Service, by number; those that inherit are left out. */
    public Map<Integer, MtlsMode> ports() {
        Map<Integer, MtlsMode> ports = new TreeMap<>();
        resource.spec()
                .at("portLevelMtls")
                .forEachField((port, mtls) -> mode(mtls.at("mode").text("")).ifPresent(mode -> {
                    if (port.matches("[0-9]{1,5}")) {
                        ports.put(Integer.parseInt(port), mode);
                    }
                }));
        return Collections.unmodifiableMap(ports);
    }

    private static Optional<MtlsMode> mode(String written) {
        return switch (written) {
            case "STRICT" -> Optional.of(MtlsMode.STRICT);
            case "PERMISSIVE" -> Optional.of(MtlsMode.PERMISSIVE);
            case "DISABLE" -> Optional.of(MtlsMode.DISABLE);
            default -> Optional.empty();
        };
    }

    /** One line. */
    @Override
    public String toString() {
        return ref() + ": " + mode().map(MtlsMode::name).orElse("inherits")
                + (ports().isEmpty() ? "" : ", ports " + ports());
    }
}
