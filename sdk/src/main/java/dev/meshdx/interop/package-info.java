/** The one place where a type of another library is in a signature: bring your own client. */
@NullMarked
package dev.meshdx.interop;

import org.jspecify.annotations.NullMarked;
