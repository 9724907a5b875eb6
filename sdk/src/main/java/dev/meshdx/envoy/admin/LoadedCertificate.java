package dev.meshdx.envoy.admin;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A certificate that a proxy has loaded. Envoy's page shows neither subject nor issuer nor key: those are in the secrets.
 * Immutable; safe for use by several threads.
 *
 * <p>Source: Envoy, {@code admin/v3/certs.proto}, {@code CertificateDetails}. Its {@code days_until_expiration} is not shown: 0
 * is what the mesh's certificates of a day always have.
 */
public final class LoadedCertificate {
    private final Json raw;
    private final boolean authority;

    LoadedCertificate(Json raw, boolean authority) {
        this.raw = raw;
        this.authority = authority;
    }

    /**
     * A name in a certificate.
     *
     * @param kind what sort of name
     * @param value the name
     */
    public record SubjectAlternativeName(Kind kind, String value) {
        /** What sort of name it is. */
        public enum Kind {
            /** Such as {@code spiffe://cluster.local/ns/production/sa/web}. */
            URI,
            /** Such as {@code shop.example}. */
            DNS,
            /** An IP address. */
            IP_ADDRESS
        }

        /** {@code URI:spiffe://…}. */
        @Override
        public String toString() {
            return kind + ":" + value;
        }
    }

    /** Its serial number in hexadecimal digits. */
    public String serialNumber() {
        return raw.at("serial_number").text("");
    }

    /** The file that it was read from; {@code <inline>} where it came from the agent or the control plane. */
    public String path() {
        return raw.at("path").text("");
    }

    /** Whether the proxy trusts it to vouch for others; else it shows it itself. */
    public boolean isAuthority() {
        return authority;
    }

    /** The names that it is for. */
    public List<SubjectAlternativeName> subjectAlternativeNames() {
        List<SubjectAlternativeName> names = new ArrayList<>();
        for (Json name : raw.at("subject_alt_names").items()) {
            name.at("uri").text().ifPresent(it -> names.add(name(SubjectAlternativeName.Kind.URI, it)));
            name.at("dns").text().ifPresent(it -> names.add(name(SubjectAlternativeName.Kind.DNS, it)));
            name.at("ip_address").text().ifPresent(it -> names.add(name(SubjectAlternativeName.Kind.IP_ADDRESS, it)));
        }
        return List.copyOf(names);
    }

    private static SubjectAlternativeName name(SubjectAlternativeName.Kind kind, String value) {
        return new SubjectAlternativeName(kind, value);
    }

    /** The values of the names of one sort. */
    public List<String> names(SubjectAlternativeName.Kind kind) {
        return subjectAlternativeNames().stream()
                .filter(name -> name.kind() == kind)
                .map(SubjectAlternativeName::value)
                .toList();
    }

    /** When it begins to be valid; empty where the page does not say. */
    public Optional<Instant> notBefore() {
        return ProtoValues.time(raw.at("valid_from"));
    }

    /** When it ends to be valid; empty where the page does not say. */
    public Optional<Instant> notAfter() {
        return ProtoValues.time(raw.at("expiration_time"));
    }

    /** Whether it is valid at a time; a date that the page does not say does not speak against it. */
    public boolean isValidAt(Instant at) {
        return notBefore().map(from -> !at.isBefore(from)).orElse(true)
                && notAfter().map(to -> !at.isAfter(to)).orElse(true);
    }

    /** How long it is valid from a time on; negative where it has expired, empty where the page does not say. */
    public Optional<Duration> remaining(Instant at) {
        return notAfter().map(to -> Duration.between(at, to));
    }

    /** All that the page says. */
    public Json raw() {
        return raw;
    }

    /** One line. */
    @Override
    public String toString() {
        List<SubjectAlternativeName> names = subjectAlternativeNames();
        return (authority ? "CA " : "")
                + serialNumber()
                + (names.isEmpty() ? "" : " " + names.get(0).value())
                + (names.size() > 1 ? " and " + (names.size() - 1) + " more names" : "")
                + notAfter().map(to -> " until " + to).orElse("");
    }
}
