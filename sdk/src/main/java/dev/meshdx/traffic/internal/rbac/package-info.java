/** Authorization rules: what a proxy's filters decide, and what the policies mean. Not exported. */
@NullMarked
package dev.meshdx.traffic.internal.rbac;

import org.jspecify.annotations.NullMarked;
