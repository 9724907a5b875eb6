/** Whether a workload lets a request through: what its proxy enforces, what the AuthorizationPolicies mean, and where they differ. */
@NullMarked
package dev.meshdx.traffic.authorization;

import org.jspecify.annotations.NullMarked;
