@NullMarked
package dev.meshdx.envoy;

import org.jspecify.annotations.NullMarked;
