/** The only door to the outside: a live cluster, a recording, or manifests, behind one interface. */
@NullMarked
package dev.meshdx.source;

import org.jspecify.annotations.NullMarked;
