package dev.meshdx.envoy;

import dev.meshdx.model.Json;
import dev.meshdx.model.internal.Projection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The filters of a proxy that are delivered by themselves (ECDS). */
public final class Extensions extends EnvoyResources<ProxyExtension, Extensions> {
    Extensions(Dump dump) {
        this(new Query<>(
                dump,
                Section.EXTENSIONS,
                entry -> List.of(new ProxyExtension(entry)),
                Projection.of("name", "typed_config.@type"),
                List.of()));
    }

    private Extensions(Query<ProxyExtension> query) {
        super(query);
    }

    @Override
    Extensions with(Query<ProxyExtension> query) {
        return new Extensions(query);
    }

    /** The one with this name. */
    public Extensions named(String name) {
        Objects.requireNonNull(name, "name");
        return narrow(new Filter<>(
                "name " + name,
                extension -> extension.name().equals(name),
                Projection.of("name"),
                NameFilter.exactly(name),
                name,
                extension -> Stream.of(extension.name())));
    }

    @Override
    Comparator<Map<String, String>> order() {
        return by("type", "ecdsName");
    }

    @Override
    Json raw(ProxyExtension extension) {
        return extension.raw();
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
    void rows(ProxyExtension extension, Consumer<Map<String, String>> rows) {
        rows.accept(row(
                extension.state(),
                extension.error(),
                extension.rejectedVersion(),
                "ecdsName",
                extension.name(),
                "type",
                extension.type()));
    }
}
