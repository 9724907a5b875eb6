/** Markers on the API: what may change, what must not be ignored. */
@NullMarked
package dev.meshdx.annotation;

import org.jspecify.annotations.NullMarked;
