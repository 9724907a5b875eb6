package dev.meshdx.analysis.internal.checks.schema;

import dev.meshdx.configuration.Field;
import java.util.Set;

/** Hosts with a namespace in front, as Gateways and Sidecars write them. */
final class HostInNamespace {
    private HostInNamespace() {}

    /**
     * Checks {@code NAMESPACE/HOST}.
     *
     * @param special what may stand for the namespace besides a name
     * @param optional whether the namespace may be left out
     */
    static void check(Field field, Set<String> special, boolean optional, Problems problems) {
        String text = field.text();
        int slash = text.indexOf('/');
        if (slash < 0 && !optional) {
            problems.error(field, "\"" + text + "\" is not of the form NAMESPACE/HOST");
            return;
        }
        if (slash >= 0) {
            String namespace = text.substring(0, slash);
            problems.require(
                    special.contains(namespace) || Values.isLabel(namespace),
                    field,
                    "\"" + namespace + "\" in \"" + text + "\" is not a namespace");
        }
        String host = text.substring(slash + 1);
        if (host.equals("*")) {
            return;
        }
        if (Values.isPartialWildcard(host)) {
            problems.error(field, "the wildcard in \"" + text + "\" must be a whole label, as in *.example.com");
        } else if (!host.contains(".") && !Values.isIp(host)) {
            problems.error(field, "\"" + text + "\" is a short name; write the host in full");
        } else if (!Values.isWildcardHost(host) && !Values.isIp(host)) {
            problems.error(field, "\"" + host + "\" is not a host name that Istio accepts");
        }
    }
}
