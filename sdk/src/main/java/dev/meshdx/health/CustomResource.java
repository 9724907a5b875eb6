package dev.meshdx.health;

import java.util.List;

/**
 * A kind that Istio brings, and whether the API server serves it. Source: Kubernetes, "CustomResourceDefinitions".
 *
 * @param name of the definition: {@code virtualservices.networking.istio.io}
 * @param installed whether there is a definition
 * @param established whether the API server has accepted it
 * @param servedVersions newest first, as the definition names them
 */
public record CustomResource(String name, boolean installed, boolean established, List<String> servedVersions) {
    /** Keeps a copy of the versions. */
    public CustomResource {
        servedVersions = List.copyOf(servedVersions);
    }

    /** Whether objects of the kind can be read and written. */
    public boolean served() {
        return installed && established && !servedVersions.isEmpty();
    }

    /** One line. */
    @Override
    public String toString() {
        return name + " "
                + (!installed
                        ? "not installed"
                        : !established ? "not established" : served() ? "served" : "no version served");
    }
}
