package dev.meshdx.model.internal;

import java.util.Locale;

/** Istio's host names: short names, wildcards. Source: Istio, "Virtual Service", field hosts. */
public final class Hosts {
    /** The cluster's DNS domain unless the mesh says otherwise. */
    public static final String DOMAIN = "cluster.local";

    private Hosts() {}

    /**
     * The fully qualified form, as istiod resolves it: a name without a dot is a service of the resource's own namespace;
     * a name with dots, a wildcard or an address stands as it is.
     */
    public static String qualify(String host, String namespace) {
        if (host.isEmpty() || host.contains(".") || host.contains("*") || host.contains(":")) {
            return host.toLowerCase(Locale.ROOT);
        }
        return host.toLowerCase(Locale.ROOT) + "." + namespace + ".svc." + DOMAIN;
    }

    /**
     * What Kubernetes' DNS makes of a name that a pod of a namespace asks for, where it means a Service: {@code reviews},
     * {@code reviews.production} and {@code reviews.production.svc}; others stand as they are. Source: Kubernetes, "DNS for
     * Services and Pods".
     */
    public static String byDns(String written, String namespace) {
        String[] labels = written.split("\\.", -1);
        if (labels.length == 1) {
            return ofService(written, namespace);
        }
        return labels.length == 2 || (labels.length == 3 && labels[2].equals("svc"))
                ? ofService(labels[0], labels[1])
                : written;
    }

    /** The name of a Kubernetes service in the mesh. */
    public static String ofService(String name, String namespace) {
        return name + "." + namespace + ".svc." + DOMAIN;
    }

    /** Whether a host, or a wildcard such as {@code *.example.com} or {@code *}, covers another host. */
    public static boolean covers(String pattern, String host) {
        if (pattern.equals("*")) {
            return true;
        }
        if (pattern.startsWith("*")) {
            return host.length() > pattern.length() - 1 && host.endsWith(pattern.substring(1));
        }
        return pattern.equals(host);
    }

    /** The service part of {@code reviews.production.svc.cluster.local}: {@code reviews.production}. */
    public static String shorten(String host) {
        int svc = host.indexOf(".svc.");
        return svc > 0 ? host.substring(0, svc) : host;
    }
}
