/** What Istio accepts in its resources, as rules: the content behind IST0106. Not exported. */
@NullMarked
package dev.meshdx.analysis.internal.checks.schema;

import org.jspecify.annotations.NullMarked;
