package dev.meshdx.envoy.admin;

import dev.meshdx.envoy.internal.AdminPage;
import dev.meshdx.envoy.internal.Row;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Json;
import dev.meshdx.model.internal.TextTable;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The certificates that a proxy has loaded, each once, from the page {@code /certs}, where Envoy repeats them for each TLS
 * context. {@code dev.meshdx.security} judges chains and trust; this is what the process itself uses. Immutable; safe for use by
 * several threads.
 *
 * <p>Source: Envoy, {@code admin/v3/certs.proto}.
 */
public final class LoadedCertificates implements Iterable<LoadedCertificate> {
    private static final String PATH = "/certs";

    private final List<LoadedCertificate> all;
    private final List<Inconclusive> gaps;
    private final Instant at;

    private LoadedCertificates(List<LoadedCertificate> all, List<Inconclusive> gaps, Instant at) {
        this.all = List.copyOf(all);
        this.gaps = List.copyOf(gaps);
        this.at = at;
    }

    /**
     * Reads the page, for example from a file. The stream stays open.
     *
     * @param at the time at which validity is judged
     * @throws MeshProtocolException if it is something else
     * @throws IOException if the stream cannot be read
     */
    public static LoadedCertificates parse(InputStream in, Instant at) throws IOException {
        AdminPage page = AdminPage.json(in, PATH, List.of("certificates"), true);
        Map<String, LoadedCertificate> found = new LinkedHashMap<>();
        for (Json entry : page.json().at("certificates").items()) {
            entry.at("cert_chain").items().forEach(item -> add(found, item, false));
            entry.at("ca_cert").items().forEach(item -> add(found, item, true));
        }
        Inconclusive problem = page.problem();
        return new LoadedCertificates(List.copyOf(found.values()), problem == null ? List.of() : List.of(problem), at);
    }

    private static void add(Map<String, LoadedCertificate> found, Json item, boolean authority) {
        if (item.isObject()) {
            String serial = item.at("serial_number").text("");
            found.putIfAbsent(
                    authority + (serial.isEmpty() ? item.toString() : serial), new LoadedCertificate(item, authority));
        }
    }

    /** All, in Envoy's order; one that is both shown and trusted is there twice. */
    public List<LoadedCertificate> all() {
        return all;
    }

    /** A stream over them. */
    public Stream<LoadedCertificate> stream() {
        return all.stream();
    }

    @Override
    public Iterator<LoadedCertificate> iterator() {
        return all.iterator();
    }

    /** How many there are. */
    public int size() {
        return all.size();
    }

    /** Those that the proxy shows to others: its own, a gateway's. Intermediate ones are among them. */
    public List<LoadedCertificate> shown() {
        return all.stream().filter(certificate -> !certificate.isAuthority()).toList();
    }

    /** Those that it trusts to vouch for others. */
    public List<LoadedCertificate> trusted() {
        return all.stream().filter(LoadedCertificate::isAuthority).toList();
    }

    /** Those that are not valid, at the time of the reading. */
    public List<LoadedCertificate> invalid() {
        return all.stream().filter(certificate -> !certificate.isValidAt(at)).toList();
    }

    /** The time at which validity is judged. */
    public Instant at() {
        return at;
    }

    /** What could not be read: the page was cut off. */
    public List<Inconclusive> gaps() {
        return gaps;
    }

    /** One map a row: {@code use}, {@code names}, {@code serialNumber}, {@code notBefore}, {@code notAfter}, {@code valid}, {@code path}. */
    public List<Map<String, String>> rows() {
        return all.stream()
                .map(certificate -> Row.of(
                        "use",
                        certificate.isAuthority() ? "TRUSTED" : "SHOWN",
                        "names",
                        certificate.subjectAlternativeNames().stream()
                                .map(LoadedCertificate.SubjectAlternativeName::value)
                                .collect(Collectors.joining(",")),
                        "serialNumber",
                        certificate.serialNumber(),
                        "notBefore",
                        certificate.notBefore().map(Instant::toString).orElse(""),
                        "notAfter",
                        certificate.notAfter().map(Instant::toString).orElse(""),
                        "valid",
                        String.valueOf(certificate.isValidAt(at)),
                        "path",
                        certificate.path()))
                .toList();
    }

    /** As many as fit on a screen. */
    @Override
    public String toString() {
        TextTable table = new TextTable("USE", "SERIAL NUMBER", "NAME", "LEFT");
        for (LoadedCertificate certificate : all) {
            table.row(
                    certificate.isAuthority() ? "trusted" : "shown",
                    certificate.serialNumber(),
                    certificate.subjectAlternativeNames().stream()
                            .findFirst()
                            .map(LoadedCertificate.SubjectAlternativeName::value)
                            .orElse("-"),
                    !certificate.isValidAt(at)
                            ? "NOT VALID"
                            : certificate
                                    .remaining(at)
                                    .map(LoadedCertificates::left)
                                    .orElse("-"));
        }
        return table.summary("", "certificates");
    }

    private static String left(Duration left) {
        return left.toDays() > 1 ? left.toDays() + " days" : left.toHours() + " h";
    }
}
