/**
 * Fake meshes for tests: an API server, istiods and proxies of its own. Usable without JUnit and AssertJ.
 *
 * <p>{@link dev.meshdx.testkit.FakeMesh} is the entry point; {@link dev.meshdx.testkit.Fault} says what goes wrong.
 */
@NullMarked
package dev.meshdx.testkit;

import org.jspecify.annotations.NullMarked;
