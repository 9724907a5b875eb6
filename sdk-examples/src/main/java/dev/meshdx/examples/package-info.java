/** One runnable class a recipe. */
@NullMarked
package dev.meshdx.examples;

import org.jspecify.annotations.NullMarked;
