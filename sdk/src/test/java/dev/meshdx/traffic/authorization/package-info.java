/** Tests of who may call a workload. */
@NullMarked
package dev.meshdx.traffic.authorization;

import org.jspecify.annotations.NullMarked;
