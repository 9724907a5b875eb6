package dev.meshdx.envoy.diff;

import dev.meshdx.envoy.ProxySecret;
import dev.meshdx.envoy.ResourceState;
import dev.meshdx.envoy.SecretCertificate;
import dev.meshdx.envoy.Secrets;
import dev.meshdx.model.internal.TextTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Whether two proxies trust the same root certificates: what {@code istioctl proxy-config rootca-compare} asks. Without a
 * common root they refuse each other's certificates. All roots of both are compared, by SHA-256 of the certificate; those of
 * SPIFFE bundles by trust domain too. Immutable.
 */
public final class RootComparison {
    /** Under this name a proxy holds its roots. Source: Istio, {@code pkg/security/security.go}, {@code RootCertReqResourceName}. */
    private static final String ROOTS = "ROOTCA";

    /** The agent's name for roots from a file. Source: Istio, {@code pkg/security/security.go}. */
    private static final String FILE_ROOTS = "file-root:";

    private static final int SHOWN_DIGITS = 16;

    /** What came out. */
    public enum Verdict {
        /** Both trust the same roots. */
        SAME,
        /** Some roots are common, others are not: a root is being replaced, or was added on one side. */
        OVERLAP,
        /** No root is common: the proxies refuse each other. */
        DIFFERENT,
        /** The roots of one side cannot be read. */
        UNKNOWN
    }

    /**
     * A root certificate that one of the proxies trusts, or both.
     *
     * @param fingerprint SHA-256 of the certificate in hexadecimal digits
     * @param subject its subject
     * @param serialNumber its serial number, as istioctl writes it
     * @param notBefore from when it is valid
     * @param notAfter until when it is valid
     * @param trustDomain the trust domain for which alone it counts; empty for all
     * @param inFirst whether the first proxy trusts it
     * @param inSecond whether the second proxy trusts it
     */
    public record Root(
            String fingerprint,
            String subject,
            String serialNumber,
            Instant notBefore,
            Instant notAfter,
            String trustDomain,
            boolean inFirst,
            boolean inSecond) {
        /** Whether both trust it. */
        public boolean isCommon() {
            return inFirst && inSecond;
        }

        /** Whether it is valid at that time. */
        public boolean isValidAt(Instant time) {
            return time.isAfter(notBefore) && time.isBefore(notAfter);
        }

        /** A few words: subject and the first digits of the fingerprint. */
        @Override
        public String toString() {
            return "\"" + subject + "\" (" + fingerprint.substring(0, Math.min(SHOWN_DIGITS, fingerprint.length()))
                    + "…)" + (trustDomain.isEmpty() ? "" : " for " + trustDomain);
        }
    }

    /** A root with the trust domain that it counts for. */
    private record Held(SecretCertificate certificate, String trustDomain) {
        String key() {
            return trustDomain + " " + certificate.fingerprint();
        }

        boolean countsFor(Held other) {
            return trustDomain.isEmpty() || other.trustDomain.isEmpty() || trustDomain.equals(other.trustDomain);
        }

        boolean sameAs(Held other) {
            return countsFor(other) && certificate.fingerprint().equals(other.certificate.fingerprint());
        }

        /** The same key under the same name: what one has signed the other accepts. */
        boolean sameAuthorityAs(Held other) {
            return countsFor(other)
                    && certificate.keyFingerprint().equals(other.certificate.keyFingerprint())
                    && certificate.subject().equals(other.certificate.subject());
        }
    }

    private final String first;
    private final String second;
    private final List<Root> roots;
    private final Verdict verdict;
    private final String sentence;

    private RootComparison(String first, Secrets firstSecrets, String second, Secrets secondSecrets) {
        this.first = first;
        this.second = second;
        List<Held> a = held(firstSecrets);
        List<Held> b = held(secondSecrets);
        List<Root> all = new ArrayList<>();
        for (Held root : a) {
            all.add(root(root, true, b.stream().anyMatch(root::sameAs)));
        }
        for (Held root : b) {
            if (a.stream().noneMatch(root::sameAs)) {
                all.add(root(root, false, true));
            }
        }
        this.roots = List.copyOf(all);
        boolean sameAuthority = a.stream().anyMatch(root -> b.stream().anyMatch(root::sameAuthorityAs));
        if (a.isEmpty() || b.isEmpty()) {
            this.verdict = Verdict.UNKNOWN;
            this.sentence = a.isEmpty() ? unreadable(first, firstSecrets) : unreadable(second, secondSecrets);
        } else if (roots.stream().allMatch(Root::isCommon)) {
            this.verdict = Verdict.SAME;
            this.sentence = first + " and " + second + " trust the same " + count(roots.size()) + "."
                    + validity(firstSecrets.at());
        } else if (roots.stream().anyMatch(Root::isCommon)) {
            this.verdict = Verdict.OVERLAP;
            this.sentence = first + " and " + second + " have "
                    + (common().size() == 1 ? "one root" : common().size() + " roots") + " in common" + difference()
                    + "." + validity(firstSecrets.at());
        } else if (sameAuthority) {
            this.verdict = Verdict.OVERLAP;
            this.sentence = first + " and " + second
                    + " have different certificates of the same root authority (same key and subject): what it signs is trusted"
                    + " by both.";
        } else {
            this.verdict = Verdict.DIFFERENT;
            this.sentence = first + " and " + second + " have no root in common: " + first + " trusts "
                    + names(onlyFirst()) + ", " + second + " " + names(onlySecond())
                    + ". They refuse each other's certificates.";
        }
    }

    /** Compares what two proxies hold. */
    public static RootComparison between(Secrets first, Secrets second) {
        return between("the first proxy", first, "the second proxy", second);
    }

    /**
     * Compares what two proxies hold.
     *
     * @param firstName how to call the first proxy, such as {@code web.production}
     * @param first its secrets
     * @param secondName how to call the second proxy
     * @param second its secrets
     */
    public static RootComparison between(String firstName, Secrets first, String secondName, Secrets second) {
        Objects.requireNonNull(first, "first");
        Objects.requireNonNull(second, "second");
        return new RootComparison(firstName, first, secondName, second);
    }

    private static Root root(Held held, boolean inFirst, boolean inSecond) {
        SecretCertificate certificate = held.certificate();
        return new Root(
                certificate.fingerprint(),
                certificate.subject(),
                certificate.serialNumber(),
                certificate.notBefore(),
                certificate.notAfter(),
                held.trustDomain(),
                inFirst,
                inSecond);
    }

    /** The secrets with the roots that count for the mesh: those of gateways' credentials do not. */
    private static List<ProxySecret> trust(Secrets secrets) {
        List<ProxySecret> roots =
                secrets.stream().filter(secret -> secret.name().equals(ROOTS)).toList();
        return roots.isEmpty()
                ? secrets.stream()
                        .filter(secret -> secret.name().startsWith(FILE_ROOTS))
                        .toList()
                : roots;
    }

    private static List<Held> held(Secrets secrets) {
        Map<String, Held> held = new LinkedHashMap<>();
        for (ProxySecret secret : trust(secrets)) {
            if (secret.state() == ResourceState.ACTIVE || secret.state() == ResourceState.STATIC) {
                for (SecretCertificate certificate : secret.chain()) {
                    Held root = new Held(certificate, secret.isOfBundle() ? secret.trustDomain() : "");
                    held.putIfAbsent(root.key(), root);
                }
            }
        }
        return List.copyOf(held.values());
    }

    private static String unreadable(String name, Secrets secrets) {
        String start = "The roots of " + name + " are not known: ";
        List<ProxySecret> trust = trust(secrets);
        if (trust.isEmpty()) {
            return start
                    + (secrets.gaps().isEmpty()
                            ? "it holds no secret " + ROOTS + "."
                            : secrets.gaps().get(0).message());
        }
        ProxySecret secret = trust.get(0);
        return start
                + switch (secret.state()) {
                    case WARMING -> "it still waits for the secret " + secret.name() + ".";
                    case REJECTED ->
                        "it refused the secret " + secret.name()
                                + secret.error().map(error -> ": " + error).orElse(".");
                    default ->
                        secret.externalSource()
                                .map(place -> "they stand in " + place + ", which the dump does not show.")
                                .orElse("the secret " + secret.name() + " holds no certificate that can be read.");
                };
    }

    private static String count(int roots) {
        return roots == 1 ? "root" : roots + " roots";
    }

    private String difference() {
        StringBuilder out = new StringBuilder();
        if (!onlyFirst().isEmpty()) {
            out.append("; only ").append(first).append(" trusts ").append(names(onlyFirst()));
        }
        if (!onlySecond().isEmpty()) {
            out.append("; only ").append(second).append(" trusts ").append(names(onlySecond()));
        }
        return out.toString();
    }

    private static String names(List<Root> roots) {
        String names =
                String.join(", ", roots.stream().limit(2).map(Root::toString).toList());
        return roots.size() > 2 ? names + " and " + (roots.size() - 2) + " more" : names;
    }

    /** Common roots that have expired are of no use. */
    private String validity(Instant at) {
        List<Root> common = common();
        if (common.stream().anyMatch(root -> root.isValidAt(at))) {
            return "";
        }
        return common.size() == 1
                ? " But it is not valid at " + at + ": " + common.get(0).notBefore() + " to "
                        + common.get(0).notAfter() + "."
                : " But none of them is valid at " + at + ".";
    }

    /** What the first proxy is called. */
    public String first() {
        return first;
    }

    /** What the second proxy is called. */
    public String second() {
        return second;
    }

    /** What came out. */
    public Verdict verdict() {
        return verdict;
    }

    /** Whether the proxies can accept each other's certificates, as far as roots decide; false where that is not known. */
    public boolean isTrusted() {
        return verdict == Verdict.SAME || verdict == Verdict.OVERLAP;
    }

    /** What came out and why, in a sentence that names the proxies and the roots. */
    public String sentence() {
        return sentence;
    }

    /** All roots: those of the first proxy in its order, then those that only the second has. */
    public List<Root> roots() {
        return roots;
    }

    /** Those that both trust. */
    public List<Root> common() {
        return roots.stream().filter(Root::isCommon).toList();
    }

    /** Those that only the first trusts. */
    public List<Root> onlyFirst() {
        return roots.stream().filter(root -> !root.inSecond()).toList();
    }

    /** Those that only the second trusts. */
    public List<Root> onlySecond() {
        return roots.stream().filter(root -> !root.inFirst()).toList();
    }

    private TextTable rootTable(int digits) {
        TextTable table = new TextTable("SHA-256", "SUBJECT", "SERIAL NUMBER", "NOT AFTER", "TRUSTED BY");
        for (Root root : roots) {
            String fingerprint = root.fingerprint();
            table.row(
                    fingerprint.length() > digits ? fingerprint.substring(0, digits) + "…" : fingerprint,
                    root.subject() + (root.trustDomain().isEmpty() ? "" : " for " + root.trustDomain()),
                    root.serialNumber(),
                    root.notAfter().toString(),
                    root.isCommon() ? "both" : root.inFirst() ? first : second);
        }
        return table;
    }

    /** All roots as a table, nothing cut; empty where there is none. */
    public String table() {
        return roots.isEmpty() ? "" : rootTable(Integer.MAX_VALUE).whole();
    }

    /** Verdict, sentence, and the roots. */
    @Override
    public String toString() {
        String title = verdict + ": " + sentence;
        return roots.isEmpty() ? title : rootTable(SHOWN_DIGITS).summary(title, "roots");
    }
}
