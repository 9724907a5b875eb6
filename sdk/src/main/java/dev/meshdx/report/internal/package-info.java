/** The renderers. Not exported. */
@NullMarked
package dev.meshdx.report.internal;

import org.jspecify.annotations.NullMarked;
