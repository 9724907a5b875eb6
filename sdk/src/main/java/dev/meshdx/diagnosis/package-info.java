/** Runs the five steps and puts their findings in order: the cause first, then what it explains. */
@NullMarked
package dev.meshdx.diagnosis;

import org.jspecify.annotations.NullMarked;
