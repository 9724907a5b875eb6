/** Changes of log levels: what is sent, and what a real Envoy makes of it. */
@NullMarked
package dev.meshdx.changes;

import org.jspecify.annotations.NullMarked;
