@NullMarked
package dev.meshdx.envoy.diff;

import org.jspecify.annotations.NullMarked;
