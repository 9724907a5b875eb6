/** Checks about ambient mode: what ztunnel cannot do, and waypoints that are missing or not used. Not exported. */
@NullMarked
package dev.meshdx.analysis.internal.checks.ambient;

import org.jspecify.annotations.NullMarked;
