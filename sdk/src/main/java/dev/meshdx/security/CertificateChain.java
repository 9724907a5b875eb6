package dev.meshdx.security;

import dev.meshdx.annotation.Internal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Certificates that belong together: a leaf and what leads from it to a root, or a bundle of roots. Immutable; safe for use
 * by several threads.
 */
public final class CertificateChain {
    private final String name;
    private final List<CertificateInfo> certificates;
    private final List<String> unreadable;

    private CertificateChain(String name, List<CertificateInfo> certificates, List<String> unreadable) {
        this.name = name;
        this.certificates = List.copyOf(certificates);
        this.unreadable = List.copyOf(unreadable);
    }

    /** Puts a chain together. */
    @Internal
    public static CertificateChain of(String name, List<CertificateInfo> certificates, List<String> unreadable) {
        return new CertificateChain(name, certificates, unreadable);
    }

    /** Where it was found: the name of the proxy's secret ({@code default}, {@code kubernetes://…}), or {@code PEM}. */
    public String name() {
        return name;
    }

    /** The certificates in the order in which they stand there. */
    public List<CertificateInfo> certificates() {
        return certificates;
    }

    /** The first, which speaks for the holder; empty where there is none. */
    public Optional<CertificateInfo> leaf() {
        return certificates.stream().findFirst();
    }

    /** Blocks that could not be read as certificates, and why. */
    public List<String> unreadable() {
        return unreadable;
    }

    /** What is wrong with the dates of any of them. */
    public List<String> problems(Instant now) {
        List<String> problems = new ArrayList<>(unreadable);
        for (CertificateInfo certificate : certificates) {
            certificate.problems(now).forEach(problem -> problems.add(certificate.name() + ": " + problem));
        }
        return List.copyOf(problems);
    }

    /**
     * Whether signatures lead from the leaf to one of the roots; what is wrong if not. Dates are not looked at, nor are
     * revocation lists. Any certificate in {@code roots} ends the path, as in Envoy, which allows partial chains.
     *
     * <p>Empty where it cannot be told: no leaf, no roots, or no keys because they were read from {@code /certs}.
     */
    public List<String> verify(List<CertificateInfo> roots) {
        if (certificates.isEmpty()
                || !certificates.get(0).hasKey()
                || roots.stream().noneMatch(CertificateInfo::hasKey)) {
            return List.of();
        }
        CertificateInfo at = certificates.get(0);
        List<CertificateInfo> rest = new ArrayList<>(certificates.subList(1, certificates.size()));
        while (true) {
            CertificateInfo subject = at;
            if (roots.stream().anyMatch(root -> root.sameAuthority(subject) || subject.signedBy(root))) {
                return List.of();
            }
            Optional<CertificateInfo> next = rest.stream()
                    .filter(candidate -> candidate.authority() && subject.signedBy(candidate))
                    .findFirst();
            if (next.isEmpty()) {
                return List.of(wrong(subject, rest, roots));
            }
            rest.remove(next.get());
            at = next.get();
        }
    }

    private static String wrong(CertificateInfo at, List<CertificateInfo> rest, List<CertificateInfo> roots) {
        List<CertificateInfo> known = new ArrayList<>(rest);
        known.addAll(roots);
        for (CertificateInfo other : known) {
            if (at.issuer().equals(other.subject()) && !other.equals(at)) {
                return at.signedBy(other)
                        ? "the issuer \"" + at.issuer() + "\" of " + at.name()
                                + " is in the chain, but is not a certificate authority"
                        : "the signature on " + at.name() + " is not that of \"" + at.issuer()
                                + "\" as known here: an authority of the same name with another key";
            }
        }
        return at.issuer().equals(at.subject())
                ? "it leads to \"" + at.subject() + "\", which is not among the trusted roots"
                : "the issuer \"" + at.issuer() + "\" of " + at.name() + " is neither in the chain nor among the roots";
    }

    /** One line for each certificate. */
    @Override
    public String toString() {
        StringBuilder text =
                new StringBuilder(name).append(": ").append(certificates.size()).append(" certificates");
        for (CertificateInfo certificate : certificates) {
            if (text.length() > 600) {
                text.append("\n  …");
                break;
            }
            text.append("\n  ").append(certificate);
        }
        return text.toString();
    }
}
