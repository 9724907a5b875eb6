/** Step 3 of a diagnosis: reads what proxies received, and checks it. */
@NullMarked
package dev.meshdx.traffic.internal.checks;

import org.jspecify.annotations.NullMarked;
