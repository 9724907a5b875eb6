/** The configuration that checks look at, with its indexes. Not exported. */
@NullMarked
package dev.meshdx.analysis.internal.configuration;

import org.jspecify.annotations.NullMarked;
