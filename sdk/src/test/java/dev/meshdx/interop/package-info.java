/** Bring your own client. */
@NullMarked
package dev.meshdx.interop;

import org.jspecify.annotations.NullMarked;
