/** Tests of how a request is compared with a configuration. */
@NullMarked
package dev.meshdx.traffic.internal;

import org.jspecify.annotations.NullMarked;
