/** Tests of the engine and of its checks. */
@NullMarked
package dev.meshdx.analysis.internal;

import org.jspecify.annotations.NullMarked;
