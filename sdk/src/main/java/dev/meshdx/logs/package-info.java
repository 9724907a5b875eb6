/** Step 4, logs: what a proxy's log says happened, line by line, as patterns, and as an access log. */
@NullMarked
package dev.meshdx.logs;

import org.jspecify.annotations.NullMarked;
