/** Tests of the fake mesh from outside: with HTTP clients, and with kubectl. */
@NullMarked
package dev.meshdx.testkit;

import org.jspecify.annotations.NullMarked;
