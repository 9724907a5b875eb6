/** Tests of the JUnit extension. */
@NullMarked
package dev.meshdx.testkit.junit;

import org.jspecify.annotations.NullMarked;
