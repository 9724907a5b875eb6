/** Findings: what is wrong, with a stable code, a subject, evidence and a remedy; and what could not be seen. */
@NullMarked
package dev.meshdx.finding;

import org.jspecify.annotations.NullMarked;
