/** Envoy's rules of routing, and the checks of the traffic step. Not exported. */
@NullMarked
package dev.meshdx.traffic.internal;

import org.jspecify.annotations.NullMarked;
