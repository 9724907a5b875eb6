package dev.meshdx.testkit;

import dev.meshdx.analysis.Analysis;
import dev.meshdx.diagnosis.Diagnosis;
import dev.meshdx.health.ProxyStatuses;
import dev.meshdx.report.Documents;
import java.time.Instant;

/**
 * AssertJ assertions on the state of a mesh. The message of a failure shows the report, so that the test's log is all that
 * one needs.
 *
 * <pre>{@code
 * assertThat(mesh.namespace("production").diagnose()).isHealthy();
 * }</pre>
 *
 * <p>Needs AssertJ on the class path of the tests; the rest of the testkit does not.
 */
public final class MeshAssertions {
    private MeshAssertions() {}

    /** Assertions on a diagnosis. */
    public static FindingsAssert assertThat(Diagnosis diagnosis) {
        return new FindingsAssert(
                diagnosis.findings(),
                diagnosis.rootCauses(),
                () -> Documents.of(diagnosis).toString());
    }

    /** Assertions on an analysis. */
    public static FindingsAssert assertThat(Analysis analysis) {
        return new FindingsAssert(
                analysis.findings(),
                analysis.findings(),
                () -> Documents.of(analysis, "", Instant.EPOCH).toString());
    }

    /** Assertions on what the proxies have. */
    public static ProxyStatusesAssert assertThat(ProxyStatuses statuses) {
        return new ProxyStatusesAssert(statuses);
    }
}
