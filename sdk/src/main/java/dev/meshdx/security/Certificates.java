package dev.meshdx.security;

import dev.meshdx.annotation.Internal;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.internal.TextTable;
import dev.meshdx.security.internal.Durations;
import dev.meshdx.security.internal.Pem;
import java.time.Instant;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The certificates that proxies hold, and whether they are any good. Judged at {@link #now()}: the time of a recording, or
 * the caller's clock. Private keys are never read. Immutable; safe for use by several threads.
 */
public final class Certificates implements Iterable<ProxyCertificates> {
    private final Instant now;
    private final List<String> trustDomains;
    private final List<ProxyCertificates> proxies;
    private final RootCertificates roots;
    private final List<Finding> findings;
    private final List<Inconclusive> inconclusive;

    private Certificates(
            Instant now,
            List<String> trustDomains,
            List<ProxyCertificates> proxies,
            RootCertificates roots,
            List<Finding> findings,
            List<Inconclusive> inconclusive) {
        this.now = now;
        this.trustDomains = List.copyOf(trustDomains);
        this.proxies = proxies.stream()
                .sorted(Comparator.comparing(ProxyCertificates::pod))
                .toList();
        this.roots = roots;
        this.findings = findings.stream().sorted().distinct().toList();
        this.inconclusive = inconclusive.stream().sorted().distinct().toList();
    }

    /** Puts a report together. */
    @Internal
    public static Certificates of(
            Instant now,
            List<String> trustDomains,
            List<ProxyCertificates> proxies,
            RootCertificates roots,
            List<Finding> findings,
            List<Inconclusive> inconclusive) {
        return new Certificates(now, trustDomains, proxies, roots, findings, inconclusive);
    }

    /**
     * Reads certificates from PEM text, such as a file that somebody sent. Other blocks, private keys among them, are passed
     * over. No I/O.
     *
     * @param pem text with any number of {@code CERTIFICATE} blocks
     * @return the certificates in the order of the text; blocks that are no certificates are in its {@code unreadable()}
     */
    public static CertificateChain parsePem(String pem) {
        return Pem.parse("PEM", pem);
    }

    /** The time at which they are judged. */
    public Instant now() {
        return now;
    }

    /** The mesh's trust domain, then its aliases; empty where they could not be read. */
    public List<String> trustDomains() {
        return trustDomains;
    }

    /** What each proxy holds, by namespace and name. */
    public List<ProxyCertificates> proxies() {
        return proxies;
    }

    /** The mesh's roots. */
    public RootCertificates roots() {
        return roots;
    }

    /** What is wrong, worst first. */
    public List<Finding> findings() {
        return findings;
    }

    /** What could not be seen. */
    public List<Inconclusive> inconclusive() {
        return inconclusive;
    }

    /** The certificate of a workload that ends first; empty where there is none. */
    public Optional<CertificateInfo> endsFirst() {
        return proxies.stream()
                .flatMap(proxy -> proxy.workload().stream())
                .flatMap(chain -> chain.leaf().stream())
                .min(Comparator.comparing(CertificateInfo::notAfter));
    }

    /** How many proxies. */
    public int size() {
        return proxies.size();
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return proxies.isEmpty();
    }

    /** All proxies. */
    public Stream<ProxyCertificates> stream() {
        return proxies.stream();
    }

    @Override
    public Iterator<ProxyCertificates> iterator() {
        return proxies.iterator();
    }

    /** A table; long ones are cut. */
    @Override
    public String toString() {
        if (proxies.isEmpty()) {
            return "no proxy whose certificates could be read";
        }
        TextTable table = new TextTable("POD", "CERTIFICATE", "NOT AFTER", "LEFT");
        for (ProxyCertificates proxy : proxies) {
            String pod = proxy.pod().qualifiedName();
            proxy.workload().stream()
                    .flatMap(chain -> chain.leaf().stream())
                    .forEach(leaf -> row(table, pod, "default", leaf));
            for (CertificateChain chain : proxy.credentials()) {
                chain.leaf().ifPresent(leaf -> row(table, pod, chain.name(), leaf));
            }
            proxy.roots().forEach(root -> row(table, pod, "ROOTCA", root));
            proxy.awaited().forEach(name -> table.row(pod, name, "-", "awaited"));
        }
        return table.summary("", "certificates");
    }

    private void row(TextTable table, String pod, String name, CertificateInfo certificate) {
        table.row(
                pod,
                name,
                certificate.notAfter().toString(),
                certificate.expired(now)
                        ? "expired"
                        : certificate.notYetValid(now) ? "not yet valid" : Durations.text(certificate.remaining(now)));
    }
}
