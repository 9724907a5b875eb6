@NullMarked
package dev.meshdx.diagnosis;

import org.jspecify.annotations.NullMarked;
