/** How the health step reads and judges. Not part of the API. */
@NullMarked
package dev.meshdx.health.internal;

import org.jspecify.annotations.NullMarked;
