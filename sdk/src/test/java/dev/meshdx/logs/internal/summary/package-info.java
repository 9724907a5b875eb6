/** Tests of what a whole log says. */
@org.jspecify.annotations.NullMarked
package dev.meshdx.logs.internal.summary;
