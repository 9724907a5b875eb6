/** Rules and readers of the security step. Not exported. */
@NullMarked
package dev.meshdx.security.internal;

import org.jspecify.annotations.NullMarked;
