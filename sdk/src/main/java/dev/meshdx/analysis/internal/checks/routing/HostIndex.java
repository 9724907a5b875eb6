package dev.meshdx.analysis.internal.checks.routing;

import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/** Hosts, wildcards among them, that can be asked whether one overlaps another without looking at all of them. */
final class HostIndex {
    private final Set<String> exact = new HashSet<>();
    private final Set<String> suffixes = new HashSet<>();
    private final TreeSet<String> reversed = new TreeSet<>();

    void add(String host) {
        if (host.startsWith("*")) {
            suffixes.add(host.substring(1));
            reversed.add(reverse(host.substring(1)));
        } else {
            exact.add(host);
            reversed.add(reverse(host));
        }
    }

    boolean isEmpty() {
        return reversed.isEmpty();
    }

    /** The hosts without wildcards. */
    Set<String> names() {
        return exact;
    }

    /** As {@code HostNames.overlap} with any of them. */
    boolean overlaps(String host) {
        String name = host.startsWith("*") ? host.substring(1) : host;
        if (host.startsWith("*")) {
            String narrower = reversed.ceiling(reverse(name));
            if (narrower != null && narrower.startsWith(reverse(name))) {
                return true;
            }
        } else if (exact.contains(host)) {
            return true;
        }
        for (int i = 0; i <= name.length(); i++) {
            if (suffixes.contains(name.substring(i))) {
                return true;
            }
        }
        return false;
    }

    private static String reverse(String text) {
        return new StringBuilder(text).reverse().toString();
    }
}
