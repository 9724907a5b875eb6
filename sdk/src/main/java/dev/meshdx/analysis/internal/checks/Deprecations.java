package dev.meshdx.analysis.internal.checks;

import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;

/** What the checks of deprecated things have in common. */
final class Deprecations {
    /** Several checks report it, one for each kind of thing. */
    static final FindingCode CODE = new FindingCode(
            "IST0002",
            "Deprecated",
            Severity.WARNING,
            "The configuration relies on something that Istio has deprecated or removed.");

    private Deprecations() {}
}
