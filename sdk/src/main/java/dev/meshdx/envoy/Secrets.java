package dev.meshdx.envoy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The secrets that a proxy holds or waits for, judged at one time. */
public final class Secrets extends EnvoyResources<ProxySecret, Secrets> {
    private final Instant at;

    Secrets(List<ProxySecret> all, Trail trail, Instant at) {
        super(all, trail);
        this.at = at;
    }

    @Override
    Secrets with(List<ProxySecret> some, Trail trail) {
        return new Secrets(some, trail, at);
    }

    /** The time at which validity is judged. */
    public Instant at() {
        return at;
    }

    /** The one with this name. */
    public Secrets named(String name) {
        Objects.requireNonNull(name, "name");
        return narrow(
                "name " + name,
                secret -> secret.name().equals(name),
                name,
                all().stream().map(ProxySecret::name).toList());
    }

    /** Those in a state. */
    public Secrets state(ResourceState state) {
        return narrow("state " + state, secret -> secret.state() == state, "", List.of());
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
        List<Map<String, String>> rows = new ArrayList<>();
        boolean domains =
                !isEmpty() && stream().noneMatch(secret -> secret.trustDomain().isEmpty());
        for (ProxySecret secret : this) {
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
            cells.addAll(List.of(
                    "state", secret.state().toString(), "error", secret.error().orElse("")));
            rows.add(row(cells.toArray(String[]::new)));
        }
        return List.copyOf(rows);
    }
}
