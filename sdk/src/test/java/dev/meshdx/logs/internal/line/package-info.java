/** Tests of the forms of lines. */
@org.jspecify.annotations.NullMarked
package dev.meshdx.logs.internal.line;
