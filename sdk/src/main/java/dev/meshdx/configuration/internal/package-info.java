/** How the configuration is read, and the indexes and rules that several steps share. Not exported. */
@NullMarked
package dev.meshdx.configuration.internal;

import org.jspecify.annotations.NullMarked;
