/** Tests of the small istiod. */
@NullMarked
package dev.meshdx.testkit.internal.istiod;

import org.jspecify.annotations.NullMarked;
