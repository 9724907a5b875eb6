/** Immutable values in the field's own terms: Kubernetes and Istio resources and the JSON they came from. */
@NullMarked
package dev.meshdx.model;

import org.jspecify.annotations.NullMarked;
