/** What lines mean: the table of patterns, and the search that finds them. */
@NullMarked
package dev.meshdx.logs.internal.pattern;

import org.jspecify.annotations.NullMarked;
