/** Fake meshes in JUnit Jupiter tests. Needs JUnit Jupiter's API on the class path, which the testkit does not bring along. */
@NullMarked
package dev.meshdx.testkit.junit;

import org.jspecify.annotations.NullMarked;
