/** What the sources share. Not exported. */
@NullMarked
package dev.meshdx.source.internal;

import org.jspecify.annotations.NullMarked;
