@NullMarked
package dev.meshdx.envoy.internal;

import org.jspecify.annotations.NullMarked;
