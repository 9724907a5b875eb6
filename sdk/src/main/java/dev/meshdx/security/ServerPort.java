package dev.meshdx.security;

import dev.meshdx.model.ResourceRef;

/**
 * What one port of one pod accepts.
 *
 * @param pod the pod
 * @param port the pod's own port, not a Service's
 * @param mtls what it accepts, and why
 */
public record ServerPort(ResourceRef pod, int port, ServerMtls mtls) {
    @Override
    public String toString() {
        return pod + ":" + port + " " + mtls;
    }
}
