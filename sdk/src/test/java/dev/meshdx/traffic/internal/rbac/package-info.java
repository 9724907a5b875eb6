/** Tests of authorization. */
@NullMarked
package dev.meshdx.traffic.internal.rbac;

import org.jspecify.annotations.NullMarked;
