/** Kubeconfig, credentials and TLS. Not exported. */
@NullMarked
package dev.meshdx.source.internal.kubeconfig;

import org.jspecify.annotations.NullMarked;
