/** The forms that lines of a proxy's log have: who wrote a line, and where its parts are, without copying it. */
@NullMarked
package dev.meshdx.logs.internal.line;

import org.jspecify.annotations.NullMarked;
