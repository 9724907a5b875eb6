/** A live cluster: HTTP, discovery, paging, tunnels. Not exported. */
@NullMarked
package dev.meshdx.source.internal.live;

import org.jspecify.annotations.NullMarked;
