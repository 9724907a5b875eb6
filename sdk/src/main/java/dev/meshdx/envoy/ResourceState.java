package dev.meshdx.envoy;

/**
 * What a proxy does with a resource.
 *
 * <p>Source: Envoy, admin v3 {@code config_dump_shared.proto}: active, warming and draining states, {@code error_state}.
 */
public enum ResourceState {
    /** Came from the control plane and is in use. */
    ACTIVE,
    /** Came from the control plane and waits for something (a secret, endpoints, routes); not in use yet. */
    WARMING,
    /** Replaced or removed; serves the connections that it still has. */
    DRAINING,
    /** The newest version was refused; what is in use, if anything, is older. */
    REJECTED,
    /** Part of the proxy's own bootstrap, or inline in another resource. */
    STATIC
}
