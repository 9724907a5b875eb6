/** Tests of what lines mean. */
@NullMarked
package dev.meshdx.logs.internal.pattern;

import org.jspecify.annotations.NullMarked;
