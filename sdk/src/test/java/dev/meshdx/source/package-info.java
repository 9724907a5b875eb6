@NullMarked
package dev.meshdx.source;

import org.jspecify.annotations.NullMarked;
