package dev.meshdx.configuration;

/** In which respect a resource applies to something. In the order in which a request meets them. */
public enum Aspect {
    /** It leads requests there: Services, ServiceEntries, gateways and their routes. */
    REACHED_BY("reached by"),
    /** It decides which way requests to its host go. */
    ROUTES("routes"),
    /** It decides how clients connect to its host. */
    CLIENTS("clients"),
    /** It decides which mutual TLS mode it accepts. */
    MTLS("mTLS"),
    /** It decides which tokens it accepts. */
    AUTHENTICATION("authentication"),
    /** It decides who may call it. */
    AUTHORIZATION("authorization"),
    /** It decides what its proxy sees of the mesh. */
    VISIBILITY("visibility"),
    /** It changes the proxy beyond what Istio's other resources say. */
    EXTENSIONS("extensions"),
    /** It decides what the proxy reports, and how it starts. */
    SETTINGS("settings");

    private final String words;

    Aspect(String words) {
        this.words = words;
    }

    /** As people say it. */
    @Override
    public String toString() {
        return words;
    }
}
