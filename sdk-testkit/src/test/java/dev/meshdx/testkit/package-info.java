/** Tests of the testkit. */
@NullMarked
package dev.meshdx.testkit;

import org.jspecify.annotations.NullMarked;
