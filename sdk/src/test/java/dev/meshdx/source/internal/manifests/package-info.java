/** Tests of manifests as a source. */
@NullMarked
package dev.meshdx.source.internal.manifests;

import org.jspecify.annotations.NullMarked;
