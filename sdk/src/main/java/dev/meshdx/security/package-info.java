/** Step 5, security: mTLS on both sides of a connection, certificates and the roots that they are trusted by. */
@NullMarked
package dev.meshdx.security;

import org.jspecify.annotations.NullMarked;
