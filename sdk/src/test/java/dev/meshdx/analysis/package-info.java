/** Tests of the analysis. */
@NullMarked
package dev.meshdx.analysis;

import org.jspecify.annotations.NullMarked;
