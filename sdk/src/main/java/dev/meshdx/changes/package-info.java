/** What changes a mesh, and puts back what it changed: the log levels of proxies. */
@NullMarked
package dev.meshdx.changes;

import org.jspecify.annotations.NullMarked;
