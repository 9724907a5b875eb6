/** Tests of the logs step. */
@NullMarked
package dev.meshdx.logs.internal;

import org.jspecify.annotations.NullMarked;
