/** The checks of the configuration, one class each. Not exported. */
@NullMarked
package dev.meshdx.analysis.internal.checks;

import org.jspecify.annotations.NullMarked;
