package dev.meshdx.envoy;

import dev.meshdx.model.Json;

/**
 * How far a proxy got with a resource that it asked the control plane for.
 *
 * <p>Source: Envoy, {@code admin/v3/config_dump_shared.proto}, {@code ClientResourceStatus}.
 */
public enum ClientStatus {
    /** The proxy does not say: it is older, or the resource did not come from a control plane. */
    UNKNOWN,
    /** Asked for; no answer yet. */
    REQUESTED,
    /** The control plane says that there is none. */
    DOES_NOT_EXIST,
    /** Received and taken over. */
    ACKED,
    /** The newest version was refused. */
    NACKED,
    /** The control plane answered with an error. */
    RECEIVED_ERROR,
    /** The control plane did not answer in time. */
    TIMEOUT;

    static ClientStatus of(Json value) {
        String name = value.text("");
        for (ClientStatus status : values()) {
            if (status.name().equals(name)) {
                return status;
            }
        }
        return UNKNOWN;
    }
}
