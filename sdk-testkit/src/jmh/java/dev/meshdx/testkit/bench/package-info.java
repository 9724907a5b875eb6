/** Benchmarks and measuring programs; {@code docs/performance.md} says how to run them. Not part of the artifact. */
@NullMarked
package dev.meshdx.testkit.bench;

import org.jspecify.annotations.NullMarked;
