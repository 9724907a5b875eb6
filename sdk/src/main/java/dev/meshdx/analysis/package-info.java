/** Step 2: what is wrong in the configuration, before any traffic flows? */
@NullMarked
package dev.meshdx.analysis;

import org.jspecify.annotations.NullMarked;
