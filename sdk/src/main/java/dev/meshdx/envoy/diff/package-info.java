/** What two configurations do not hold alike, and whether two proxies trust the same roots. */
@NullMarked
package dev.meshdx.envoy.diff;

import org.jspecify.annotations.NullMarked;
