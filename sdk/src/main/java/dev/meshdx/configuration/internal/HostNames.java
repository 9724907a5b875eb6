package dev.meshdx.configuration.internal;

/** Comparing hosts that may be wildcards. Source: istio/istio, {@code pkg/config/host}, {@code Name.Matches} and {@code SubsetOf}. */
public final class HostNames {
    private HostNames() {}

    /** Whether two hosts can mean the same name. {@code *.foo.com} and {@code foo.com} cannot. */
    public static boolean overlap(String left, String right) {
        return covers(left, right) || covers(right, left);
    }

    /** Whether everything that the narrow host means is meant by the wide one too. */
    public static boolean covers(String wide, String narrow) {
        if (!wide.startsWith("*")) {
            return wide.equals(narrow);
        }
        String suffix = wide.substring(1);
        return narrow.startsWith("*")
                ? narrow.length() >= wide.length() && narrow.substring(1).endsWith(suffix)
                : narrow.endsWith(suffix);
    }
}
