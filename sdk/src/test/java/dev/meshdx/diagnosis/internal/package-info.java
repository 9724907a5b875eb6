@NullMarked
package dev.meshdx.diagnosis.internal;

import org.jspecify.annotations.NullMarked;
