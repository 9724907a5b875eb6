/** What a whole log says, in memory that does not grow with it. */
@NullMarked
package dev.meshdx.logs.internal.summary;

import org.jspecify.annotations.NullMarked;
