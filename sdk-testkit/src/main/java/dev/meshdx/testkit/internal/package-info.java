/** How the fake works. Not exported. */
@NullMarked
package dev.meshdx.testkit.internal;

import org.jspecify.annotations.NullMarked;
