/** What the HTTP filters on the way do to a request. Not exported. */
@NullMarked
package dev.meshdx.traffic.internal.filters;

import org.jspecify.annotations.NullMarked;
