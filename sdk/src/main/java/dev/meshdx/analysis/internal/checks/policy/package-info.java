/** Policies of security: mutual TLS, identities, authorization. Not exported. */
@NullMarked
package dev.meshdx.analysis.internal.checks.policy;

import org.jspecify.annotations.NullMarked;
