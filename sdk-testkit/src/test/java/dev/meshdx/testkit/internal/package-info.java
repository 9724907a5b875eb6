/** Tests of the fake's parts. */
@NullMarked
package dev.meshdx.testkit.internal;

import org.jspecify.annotations.NullMarked;
