package dev.meshdx.testkit.internal.istiod;

import java.util.Map;
import java.util.TreeMap;

/** What a proxy counted towards its endpoints. Filled by one thread, read by many afterwards. */
public final class Counters {
    /** The counters of one endpoint of one cluster. */
    public static final class Endpoint {
        int requests;
        int successes;
        int errors;
        int connects;
        int connectFailures;
    }

    private final Map<String, Endpoint> endpoints = new TreeMap<>();

    /** A request that was answered. */
    public void answered(String cluster, String address, int status) {
        Endpoint endpoint = endpoint(cluster, address);
        endpoint.requests++;
        endpoint.connects = Math.max(1, endpoint.connects);
        if (status >= 500) {
            endpoint.errors++;
        } else {
            endpoint.successes++;
        }
    }

    /** A request on a connection that broke. */
    public void broken(String cluster, String address) {
        Endpoint endpoint = endpoint(cluster, address);
        endpoint.requests++;
        endpoint.errors++;
        endpoint.connects++;
    }

    /** A connection that could not be made. */
    public void notConnected(String cluster, String address) {
        Endpoint endpoint = endpoint(cluster, address);
        endpoint.connects++;
        endpoint.connectFailures++;
        endpoint.errors++;
    }

    Endpoint endpoint(String cluster, String address) {
        return endpoints.computeIfAbsent(cluster + " " + address, key -> new Endpoint());
    }

    Endpoint read(String cluster, String address) {
        Endpoint known = endpoints.get(cluster + " " + address);
        return known == null ? new Endpoint() : known;
    }
}
