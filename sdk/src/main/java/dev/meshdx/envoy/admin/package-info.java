/** The pages of Envoy's admin interface beside its configuration: statistics, log levels, memory, what is bound and loaded. */
@NullMarked
package dev.meshdx.envoy.admin;

import org.jspecify.annotations.NullMarked;
