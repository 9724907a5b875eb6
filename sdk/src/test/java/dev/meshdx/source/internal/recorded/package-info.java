@NullMarked
package dev.meshdx.source.internal.recorded;

import org.jspecify.annotations.NullMarked;
