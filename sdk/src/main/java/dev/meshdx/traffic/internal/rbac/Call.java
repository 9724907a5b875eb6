package dev.meshdx.traffic.internal.rbac;

import dev.meshdx.traffic.internal.Connection;
import dev.meshdx.traffic.internal.RoutedRequest;

/**
 * What authorization rules look at.
 *
 * @param connection the connection
 * @param request the request; without headers where only a connection is looked at
 * @param isTls whether the connection's TLS ends at this proxy
 * @param identity the client's identity, out of its certificate; empty for none
 * @param remote the client's address as the proxy sees it, behind those that forwarded the request; empty where unknown
 */
public record Call(Connection connection, RoutedRequest request, boolean isTls, String identity, String remote) {}
