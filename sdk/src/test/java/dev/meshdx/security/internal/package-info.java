@NullMarked
package dev.meshdx.security.internal;

import org.jspecify.annotations.NullMarked;
