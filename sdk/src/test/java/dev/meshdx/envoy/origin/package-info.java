@NullMarked
package dev.meshdx.envoy.origin;

import org.jspecify.annotations.NullMarked;
