package dev.meshdx.analysis.internal.checks.gateway;

import static dev.meshdx.model.ResourceKind.SERVICE;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.model.Resource;
import java.util.List;

/** Suggests Services. */
final class Services {
    private Services() {}

    /** Names of a namespace that were probably meant: a route names the Service alone, without namespace and domain. */
    static List<String> near(Configuration configuration, String namespace, String name) {
        int dot = name.indexOf('.');
        if (dot > 0
                && configuration
                        .find(SERVICE, namespace, name.substring(0, dot))
                        .isPresent()) {
            return List.of(name.substring(0, dot));
        }
        return configuration.near(
                name,
                configuration.in(SERVICE, namespace).stream()
                        .map(Resource::name)
                        .toList());
    }
}
