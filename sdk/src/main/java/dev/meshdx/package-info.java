/** Where everything starts: {@link dev.meshdx.Mesh}. */
@NullMarked
package dev.meshdx;

import org.jspecify.annotations.NullMarked;
