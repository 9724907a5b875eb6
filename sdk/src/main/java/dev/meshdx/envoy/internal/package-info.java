/** Readers behind the typed views of a proxy. Not exported. */
@NullMarked
package dev.meshdx.envoy.internal;

import org.jspecify.annotations.NullMarked;
