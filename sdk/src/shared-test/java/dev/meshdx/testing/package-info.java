/** What the tests share. */
@NullMarked
package dev.meshdx.testing;

import org.jspecify.annotations.NullMarked;
