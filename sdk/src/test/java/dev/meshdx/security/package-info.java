@NullMarked
package dev.meshdx.security;

import org.jspecify.annotations.NullMarked;
