/** Checks of routes, rules and services. Not exported. */
@NullMarked
package dev.meshdx.analysis.internal.checks.routing;

import org.jspecify.annotations.NullMarked;
