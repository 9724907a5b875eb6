/** Renders any result: text for people, JSON for programs. */
@NullMarked
package dev.meshdx.report;

import org.jspecify.annotations.NullMarked;
