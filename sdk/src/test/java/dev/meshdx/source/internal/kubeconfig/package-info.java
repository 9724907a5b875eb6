/** Kubeconfigs of every kind against real TLS servers. */
@NullMarked
package dev.meshdx.source.internal.kubeconfig;

import org.jspecify.annotations.NullMarked;
