package dev.meshdx.envoy;

import dev.meshdx.model.Json;
import dev.meshdx.model.internal.Projection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The secrets that a proxy holds or waits for, judged at one time. */
public final class Secrets extends EnvoyResources<ProxySecret, Secrets> {
    private final Instant at;

    Secrets(Dump dump, Instant at) {
        this(new Query<>(dump, Section.SECRETS, ProxySecret::of, Projection.WHOLE, List.of()), at);
    }

    private Secrets(Query<ProxySecret> query, Instant at) {
        super(query);
        this.at = at;
    }

    /** The same, judged at another time. */
    Secrets at(Instant other) {
        Secrets same = new Secrets(query(), other);
        same.knowAs(this);
        return same;
    }

    @Override
    Secrets with(Query<ProxySecret> query) {
        return new Secrets(query, at);
    }

    /** Those that the proxy waits for come first, as in istioctl's table. */
    @Override
    List<ProxySecret> ordered(List<ProxySecret> secrets) {
        return secrets.stream()
                .sorted(Comparator.comparing(secret -> secret.state() != ResourceState.WARMING))
                .toList();
    }

    /** The time at which validity is judged. */
    public Instant at() {
        return at;
    }

    /** The one with this name. */
    public Secrets named(String name) {
        Objects.requireNonNull(name, "name");
        return narrow(new Filter<>(
                "name " + name,
                secret -> secret.name().equals(name),
                Projection.WHOLE,
                NameFilter.exactly(name),
                name,
                secret -> Stream.of(secret.name())));
    }

    /** Those in a state. */
    public Secrets state(ResourceState state) {
        return narrow(new Filter<>("state " + state, secret -> secret.state() == state, Projection.WHOLE));
    }

    @Override
    Comparator<Map<String, String>> order() {
        return by();
    }

    @Override
    Json raw(ProxySecret secret) {
        return secret.raw();
    }

    @Override
    String what() {
        return "secrets";
    }

    @Override
    List<String> header() {
        return List.of("NAME", "TYPE", "STATE", "VALID", "NOT AFTER");
    }

    @Override
    List<String> line(ProxySecret secret) {
        return List.of(
                secret.name(),
                secret.type(),
                secret.state().toString(),
                String.valueOf(secret.isValidAt(at)),
                text(secret.notAfter()));
    }

    private static String text(Optional<Instant> time) {
        return time.map(Instant::toString).orElse("");
    }

    @Override
    public List<Map<String, String>> rows() {
        boolean domains =
                !isEmpty() && stream().noneMatch(secret -> secret.trustDomain().isEmpty());
        List<Map<String, String>> rows = new ArrayList<>();
        all().forEach(secret -> rows.add(row(secret, domains)));
        return List.copyOf(rows);
    }

    @Override
    void rows(ProxySecret secret, Consumer<Map<String, String>> rows) {
        rows.accept(row(secret, false));
    }

    private Map<String, String> row(ProxySecret secret, boolean domains) {
        List<String> cells = new ArrayList<>(List.of(
                "resourceName",
                secret.name(),
                "type",
                secret.type(),
                "status",
                secret.state() == ResourceState.WARMING ? "WARMING" : "ACTIVE",
                "validCert",
                String.valueOf(secret.isValidAt(at)),
                "serialNumber",
                secret.serialNumber(),
                "notAfter",
                text(secret.notAfter()),
                "notBefore",
                text(secret.notBefore())));
        if (domains) {
            cells.addAll(List.of("trustDomain", secret.trustDomain()));
        }
        return row(secret.state(), secret.error(), secret.rejectedVersion(), cells.toArray(String[]::new));
    }
}
