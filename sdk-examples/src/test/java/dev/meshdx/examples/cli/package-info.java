/** Runs the command line. */
@NullMarked
package dev.meshdx.examples.cli;

import org.jspecify.annotations.NullMarked;
