/** Tests of the facade. */
@NullMarked
package dev.meshdx;

import org.jspecify.annotations.NullMarked;
