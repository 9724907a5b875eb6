/** Step 1, health: is the control plane up, is every proxy in sync with it, and do workloads have pods that are ready? */
@NullMarked
package dev.meshdx.health;

import org.jspecify.annotations.NullMarked;
