package dev.meshdx.traffic.internal.filters;

import dev.meshdx.traffic.Trace;

/**
 * An answer of the proxy's own.
 *
 * @param kind what it is
 * @param code the status
 * @param details as in the access log
 * @param flags as in the access log; empty for none
 */
public record LocalReply(Trace.Kind kind, int code, String details, String flags) {}
