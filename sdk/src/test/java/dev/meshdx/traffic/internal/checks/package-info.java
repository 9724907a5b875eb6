/** Tests of the traffic step's checks. */
@NullMarked
package dev.meshdx.traffic.internal.checks;

import org.jspecify.annotations.NullMarked;
