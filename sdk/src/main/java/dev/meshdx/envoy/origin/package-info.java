/** What an Istio or Kubernetes resource turned into on a proxy, and why nothing. */
@NullMarked
package dev.meshdx.envoy.origin;

import org.jspecify.annotations.NullMarked;
