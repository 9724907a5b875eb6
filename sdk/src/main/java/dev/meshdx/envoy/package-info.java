/** What a proxy really received: clusters, listeners, routes, endpoints, secrets and bootstrap of one Envoy, as typed values. */
@NullMarked
package dev.meshdx.envoy;

import org.jspecify.annotations.NullMarked;
