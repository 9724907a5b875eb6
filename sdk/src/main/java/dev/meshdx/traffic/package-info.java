/** Which way a request goes through a proxy, and why; and what stands in the way of traffic. */
@NullMarked
package dev.meshdx.traffic;

import org.jspecify.annotations.NullMarked;
