/**
 * How the fake works. Not exported.
 *
 * <p>The server is written here, on plain sockets of the JDK, and not with mockwebserver3: that runs on threads that are
 * neither daemons nor named by us, its WebSocket gives up when 16 MiB wait to be sent (a config dump is larger), and it would
 * not have spared the HTTP/1.1 server that must answer inside the tunnels, where the ports of the fake pods are.
 */
@NullMarked
package dev.meshdx.testkit.internal;

import org.jspecify.annotations.NullMarked;
