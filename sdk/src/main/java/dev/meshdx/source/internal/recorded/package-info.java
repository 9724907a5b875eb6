/** Recordings: folders, and archives of them. Not exported. */
@NullMarked
package dev.meshdx.source.internal.recorded;

import org.jspecify.annotations.NullMarked;
