/** Tests of the configuration as typed values. */
@NullMarked
package dev.meshdx.configuration;

import org.jspecify.annotations.NullMarked;
