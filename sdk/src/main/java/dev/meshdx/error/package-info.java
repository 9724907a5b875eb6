/** One unchecked root; its children say what the caller can do. */
@NullMarked
package dev.meshdx.error;

import org.jspecify.annotations.NullMarked;
