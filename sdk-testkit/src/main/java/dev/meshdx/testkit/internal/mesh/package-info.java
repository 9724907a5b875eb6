/** What the fake cluster consists of: specifications, Kubernetes objects, names, certificates. Not exported. */
@NullMarked
package dev.meshdx.testkit.internal.mesh;

import org.jspecify.annotations.NullMarked;
