/** Rules about the code itself. */
@NullMarked
package dev.meshdx.architecture;

import org.jspecify.annotations.NullMarked;
