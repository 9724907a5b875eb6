@NullMarked
package dev.meshdx.report;

import org.jspecify.annotations.NullMarked;
