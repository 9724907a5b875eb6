/**
 * The configuration of a mesh as typed values: what was read, which resources apply to what, and the seam for checks of one's
 * own. Start with {@link dev.meshdx.configuration.Configuration}.
 */
@NullMarked
package dev.meshdx.configuration;

import org.jspecify.annotations.NullMarked;
