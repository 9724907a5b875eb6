/** Checks of VirtualServices, DestinationRules, ServiceEntries, Sidecars, Services and WorkloadGroups. Not exported. */
@NullMarked
package dev.meshdx.analysis.internal.checks.routing;

import org.jspecify.annotations.NullMarked;
