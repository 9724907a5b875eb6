/** Runs the examples. */
@NullMarked
package dev.meshdx.examples;

import org.jspecify.annotations.NullMarked;
