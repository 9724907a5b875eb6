package dev.meshdx.traffic.internal.rbac;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The trust domains of a mesh in the principals of its policies: a principal of one of them, or of {@code cluster.local}, stands
 * for those of all. Source: istio/istio, {@code pilot/pkg/security/trustdomain/bundle.go}.
 */
final class TrustDomains {
    private static final String DEFAULT = "cluster.local";

    /** {@code TRUST-DOMAIN/ns/NAMESPACE/sa/ACCOUNT}. */
    private static final int PARTS = 5;

    private final List<String> domains;

    TrustDomains(String domain, List<String> aliases) {
        List<String> all = new ArrayList<>();
        all.add(domain);
        all.addAll(aliases);
        this.domains = List.copyOf(all);
    }

    /** The principals with those that they stand for. */
    List<String> expand(List<String> principals) {
        List<String> expanded = new ArrayList<>();
        for (String principal : principals) {
            String[] parts = principal.split("/", -1);
            String domain = parts[0];
            if (parts.length != PARTS || domain.equals("*") || !(isOurs(domain) || domain.equals(DEFAULT))) {
                expanded.add(principal);
                continue;
            }
            String rest = principal.substring(domain.length());
            Set<String> replaced = new LinkedHashSet<>();
            for (String ours : domains) {
                replaced.add(endsLike(ours, domain) ? principal : ours + rest);
            }
            expanded.addAll(replaced);
        }
        return expanded;
    }

    private boolean isOurs(String domain) {
        return domains.stream()
                .anyMatch(ours -> domain.equals(ours)
                        || ours.equals("*")
                        || beginsLike(domain, ours)
                        || beginsLike(ours, domain)
                        || endsLike(domain, ours)
                        || endsLike(ours, domain));
    }

    private static boolean beginsLike(String text, String pattern) {
        return pattern.endsWith("*") && text.startsWith(pattern.substring(0, pattern.length() - 1));
    }

    private static boolean endsLike(String text, String pattern) {
        return pattern.startsWith("*") && text.endsWith(pattern.substring(1));
    }
}
