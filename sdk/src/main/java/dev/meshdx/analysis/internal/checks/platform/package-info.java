/** Checks of what is below the mesh: API versions, patches of proxies. Not exported. */
@NullMarked
package dev.meshdx.analysis.internal.checks.platform;

import org.jspecify.annotations.NullMarked;
