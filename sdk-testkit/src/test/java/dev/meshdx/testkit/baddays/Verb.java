package dev.meshdx.testkit.baddays;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.Mesh;
import dev.meshdx.MeshPod;
import dev.meshdx.analysis.Analysis;
import dev.meshdx.diagnosis.Diagnosis;
import dev.meshdx.envoy.Clusters;
import dev.meshdx.envoy.EnvoyResources;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.health.ControlPlaneHealth;
import dev.meshdx.health.ProxyStatuses;
import dev.meshdx.logs.LogLines;
import dev.meshdx.report.Document;
import dev.meshdx.report.Documents;
import dev.meshdx.report.Format;
import dev.meshdx.security.Certificates;
import dev.meshdx.security.MtlsReport;
import dev.meshdx.testkit.Scenario;
import dev.meshdx.traffic.HttpRequest;
import dev.meshdx.traffic.Trace;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;

/** The questions that a mesh answers, asked of the bookshop of {@link Scenario}. */
enum Verb {
    VERSION(Mesh::version),
    PROXY_STATUS(Mesh::proxyStatus),
    CONTROL_PLANE(mesh -> mesh.controlPlane().health()),
    ANALYZE(Mesh::analyze),
    NAMESPACE_DIAGNOSE(mesh -> mesh.namespace("production").diagnose()),
    POD_DIAGNOSE(mesh -> pod(mesh).diagnose()),
    MESH_DIAGNOSE(Mesh::diagnose),
    CLUSTERS(mesh -> read(pod(mesh).envoy().clusters())),
    TRACE(mesh -> pod(mesh).trace(HttpRequest.get("http://reviews:9080/reviews/1"))),
    LOGS(mesh -> pod(mesh).logs().tail(50)),
    CERTIFICATES(Mesh::certificates),
    MTLS(Mesh::mtls);

    /** The pod that the scenarios are about. */
    static final String POD = Scenario.HEALTHY.pod();

    private final Function<Mesh, Object> question;

    Verb(Function<Mesh, Object> question) {
        this.question = question;
    }

    private static MeshPod pod(Mesh mesh) {
        return mesh.namespace("production").pod(POD);
    }

    Object ask(Mesh mesh) {
        return question.apply(mesh);
    }

    boolean isDiagnosis() {
        return this == NAMESPACE_DIAGNOSE || this == POD_DIAGNOSE || this == MESH_DIAGNOSE;
    }

    /** Whether it asks the API server for objects or its version, and not only for a tunnel or a log. */
    boolean readsObjects() {
        return this != CLUSTERS && this != TRACE && this != LOGS;
    }

    static List<Inconclusive> gaps(Object answer) {
        return answer instanceof Trace || answer instanceof LogLines || answer instanceof String
                ? List.of()
                : answer instanceof EnvoyResources<?, ?> resources
                        ? resources.gaps()
                        : document(answer).inconclusive();
    }

    static List<Finding> findings(Object answer) {
        return answer instanceof String ? List.of() : document(answer).findings();
    }

    /** Everything that a user may get to see of an answer. */
    static String shown(Object answer) {
        if (answer instanceof String text) {
            return text;
        }
        Document document = document(answer);
        StringBuilder all = new StringBuilder(String.valueOf(answer));
        for (Format format : Format.values()) {
            all.append('\n').append(document.render(format));
        }
        for (Finding finding : document.findings()) {
            all.append('\n').append(finding).append(finding.evidence()).append(finding.remedy());
        }
        document.inconclusive()
                .forEach(gap ->
                        all.append('\n').append(gap).append(gap.message()).append(gap.remedy()));
        return all.toString();
    }

    private static Document document(Object answer) {
        Instant at = Instant.EPOCH;
        if (answer instanceof Diagnosis diagnosis) {
            return Documents.of(diagnosis);
        }
        if (answer instanceof ControlPlaneHealth health) {
            return Documents.of(health, "test", at);
        }
        if (answer instanceof ProxyStatuses statuses) {
            return Documents.of(statuses, "test", at);
        }
        if (answer instanceof Analysis analysis) {
            return Documents.of(analysis, "test", at);
        }
        if (answer instanceof MtlsReport report) {
            return Documents.of(report, "test", at);
        }
        if (answer instanceof Certificates certificates) {
            return Documents.of(certificates, "test");
        }
        if (answer instanceof LogLines lines) {
            return Documents.of(lines, "test", at);
        }
        if (answer instanceof Trace trace) {
            return Documents.of(trace, "test", at);
        }
        if (answer instanceof EnvoyResources<?, ?> resources) {
            return Documents.of(resources, "clusters", "test", at);
        }
        throw new AssertionError("No document for " + answer.getClass());
    }

    /** Asks now: collections ask when a result is wanted. */
    private static Clusters read(Clusters clusters) {
        assertThat(clusters.size()).isNotNegative();
        return clusters;
    }
}
