@NullMarked
package dev.meshdx.traffic;

import org.jspecify.annotations.NullMarked;
