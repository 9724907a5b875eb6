/** Checks of gateways and of the Gateway API. Not exported. */
@NullMarked
package dev.meshdx.analysis.internal.checks.gateway;

import org.jspecify.annotations.NullMarked;
