/** Tests of the JSON values' memory and of what reads them. */
@NullMarked
package dev.meshdx.model.internal;

import org.jspecify.annotations.NullMarked;
