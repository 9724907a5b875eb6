/** Readers of JSON and YAML. Not exported. */
@NullMarked
package dev.meshdx.model.internal;

import org.jspecify.annotations.NullMarked;
