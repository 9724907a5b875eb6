package dev.meshdx.envoy;

import java.util.List;
import java.util.Map;

/** The filters of a proxy that are delivered by themselves (ECDS). */
public final class Extensions extends EnvoyResources<ProxyExtension, Extensions> {
    Extensions(List<ProxyExtension> all, Trail trail) {
        super(all, trail);
    }

    @Override
    Extensions with(List<ProxyExtension> some, Trail trail) {
        return new Extensions(some, trail);
    }

    @Override
    String what() {
        return "extensions";
    }

    @Override
    List<String> header() {
        return List.of("NAME", "TYPE", "STATE");
    }

    @Override
    List<String> line(ProxyExtension extension) {
        return List.of(extension.name(), extension.type(), extension.state().toString());
    }

    @Override
    public List<Map<String, String>> rows() {
        return stream()
                .map(extension -> row(
                        "ecdsName",
                        extension.name(),
                        "type",
                        extension.type(),
                        "state",
                        extension.state().toString(),
                        "error",
                        extension.error().orElse("")))
                .toList();
    }
}
