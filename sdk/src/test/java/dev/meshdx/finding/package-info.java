@NullMarked
package dev.meshdx.finding;

import org.jspecify.annotations.NullMarked;
