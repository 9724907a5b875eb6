/** The {@code meshdx} command line: how a platform team builds its own tool on the SDK. */
@NullMarked
package dev.meshdx.examples.cli;

import org.jspecify.annotations.NullMarked;
