/** Checks: pure functions from a model to findings. */
@NullMarked
package dev.meshdx.check;

import org.jspecify.annotations.NullMarked;
