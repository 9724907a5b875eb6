package dev.meshdx.analysis.internal.checks.schema;

import dev.meshdx.configuration.Field;
import java.util.Set;

/** Hosts with a namespace in front, as Gateways and Sidecars write them. */
final class HostInNamespace {
    private HostInNamespace() {}

    /** Of a Gateway's server: the namespace may be left out, and the host may be an address. */
    static void checkGateway(Field field, Problems problems) {
        int slash = field.text().indexOf('/');
        if (slash >= 0) {
            checkNamespace(field, field.text().substring(0, slash), Set.of("*", "."), problems);
        }
        checkHost(field, field.text().substring(slash + 1), true, problems);
    }

    /** Of a Sidecar's egress listener. */
    static void checkSidecar(Field field, Problems problems) {
        int slash = field.text().indexOf('/');
        if (slash < 0) {
            problems.error(field, "\"" + field.text() + "\" is not of the form NAMESPACE/HOST");
            return;
        }
        checkNamespace(field, field.text().substring(0, slash), Set.of("*", ".", "~"), problems);
        checkHost(field, field.text().substring(slash + 1), false, problems);
    }

    private static void checkNamespace(Field field, String namespace, Set<String> special, Problems problems) {
        problems.require(
                !namespace.isEmpty() && !field.text().endsWith("/"),
                field,
                "neither part of a host as NAMESPACE/HOST can be empty");
        problems.require(
                special.contains(namespace) || Values.isLabel(namespace),
                field,
                "\"" + namespace + "\" in \"" + field.text() + "\" is not a namespace");
    }

    /** Every rule by itself, as upstream does. What it says of short names names none: one problem for all of them. */
    private static void checkHost(Field field, String host, boolean address, Problems problems) {
        problems.require(
                host.equals("*") || host.contains("."),
                field,
                "a host cannot be a short name here; write it in full, as in name.namespace.svc.cluster.local");
        problems.require(
                Values.isWildcardHost(host) || (address && Values.isIp(host)),
                field,
                "\"" + host + "\" is not a host name that Istio accepts");
        problems.require(
                !Values.isPartialWildcard(host),
                field,
                "the wildcard in \"" + field.text() + "\" must be a whole label, as in *.example.com");
    }
}
