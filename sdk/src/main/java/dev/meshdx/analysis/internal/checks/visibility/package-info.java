/** Checks of what contradicts or hides something else: routes, rules, Sidecars, exportTo, hosts that nobody registered. */
@NullMarked
package dev.meshdx.analysis.internal.checks.visibility;

import org.jspecify.annotations.NullMarked;
