/** Tests of the live source against servers that behave, and servers that do not. */
@NullMarked
package dev.meshdx.source.internal.live;

import org.jspecify.annotations.NullMarked;
