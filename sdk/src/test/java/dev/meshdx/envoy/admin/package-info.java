@NullMarked
package dev.meshdx.envoy.admin;

import org.jspecify.annotations.NullMarked;
