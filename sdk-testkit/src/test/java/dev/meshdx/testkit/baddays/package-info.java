/** Bad days, end to end: a mesh over HTTPS and tunnels, of which something does not work. */
@NullMarked
package dev.meshdx.testkit.baddays;

import org.jspecify.annotations.NullMarked;
