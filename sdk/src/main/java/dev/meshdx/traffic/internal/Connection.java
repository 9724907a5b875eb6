package dev.meshdx.traffic.internal;

import java.util.List;

/**
 * What a listener knows of a connection when it chooses a filter chain.
 *
 * @param destination the original destination's address; empty where it is not known
 * @param port the original destination's port
 * @param source the client's address; empty where it is not known
 * @param sourcePort the client's port
 * @param directSource the direct peer's address
 * @param transport {@code tls} or {@code raw_buffer}, as detected
 * @param applicationProtocols as offered or detected, in order
 * @param serverName as offered and detected; empty for none
 */
public record Connection(
        String destination,
        int port,
        String source,
        int sourcePort,
        String directSource,
        String transport,
        List<String> applicationProtocols,
        String serverName) {}
