/** Manifests: YAML and JSON files. Not exported. */
@NullMarked
package dev.meshdx.source.internal.manifests;

import org.jspecify.annotations.NullMarked;
