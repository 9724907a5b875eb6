/** Tests of what the steps share about the configuration. */
@NullMarked
package dev.meshdx.configuration.internal;

import org.jspecify.annotations.NullMarked;
