/** Tests of the health step. */
@NullMarked
package dev.meshdx.health.internal;

import org.jspecify.annotations.NullMarked;
