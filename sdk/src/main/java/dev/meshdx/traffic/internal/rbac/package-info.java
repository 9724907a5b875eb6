/** Authorization as Envoy decides it, and the filters that istiod makes of AuthorizationPolicies. Not exported. */
@NullMarked
package dev.meshdx.traffic.internal.rbac;

import org.jspecify.annotations.NullMarked;
