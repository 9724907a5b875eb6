/** Fake meshes for tests: an API server, istiods and proxies of its own. Usable without JUnit and AssertJ. */
@NullMarked
package dev.meshdx.testkit;

import org.jspecify.annotations.NullMarked;
