/** The engine of the analysis: what is read, which checks run. Not exported. */
@NullMarked
package dev.meshdx.analysis.internal;

import org.jspecify.annotations.NullMarked;
