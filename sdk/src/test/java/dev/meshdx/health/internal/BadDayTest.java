package dev.meshdx.health.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.check.StepReport;
import dev.meshdx.error.MeshAccessException;
import dev.meshdx.error.MeshTimeoutException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.health.ControlPlaneHealth;
import dev.meshdx.health.ProxyStatuses;
import dev.meshdx.logs.internal.LogsStep;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.Scope;
import dev.meshdx.source.BodyReader;
import dev.meshdx.source.Deadline;
import dev.meshdx.source.ListQuery;
import dev.meshdx.source.LogQuery;
import dev.meshdx.source.MeshSource;
import dev.meshdx.source.PodRequest;
import dev.meshdx.source.Session;
import dev.meshdx.testing.Shared;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** What the health and logs steps make of a mesh that answers badly. */
class BadDayTest {
    private static final String PODS = """
            [{"metadata":{"namespace":"istio-system","name":"istiod-1","labels":{"app":"istiod","istio.io/rev":"a"}},
              "spec":{"containers":[{"name":"discovery","image":"r.example:5000/pilot:1.30.1"}]},
              "status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}},
             {"metadata":{"namespace":"istio-system","name":"istiod-2","labels":{"app":"istiod","istio.io/rev":"b"}},
              "spec":{"containers":[{"name":"discovery","resources":{"limits":{"memory":"1Gi"}}}]},
              "status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}},
             {"metadata":{"namespace":"shop","name":"web"},"spec":{"containers":[{"name":"istio-proxy"}]},
              "status":{"phase":"Running","containerStatuses":[{"name":"istio-proxy","ready":true,"state":{"running":{}}}]}}]
            """;

    /** Answers from a map; what is not in it times out, as a pod that hangs does. */
    private static final class Answers implements MeshSource {
        private final Map<String, String> pages = new ConcurrentHashMap<>();
        private Kind kind = Kind.LIVE;
        private boolean forbidden;

        Answers page(String path, String body) {
            pages.put(path, body);
            return this;
        }

        @Override
        public Kind kind() {
            return kind;
        }

        @Override
        public String description() {
            return "test";
        }

        @Override
        public Optional<Instant> recordedAt() {
            return Optional.of(HealthFixtures.NOW);
        }

        @Override
        public String defaultNamespace() {
            return "default";
        }

        @Override
        public List<Resource> list(ListQuery query, Deadline deadline) {
            if (forbidden) {
                throw new MeshAccessException("may not list " + query, "");
            }
            if (!query.kind().equals(ResourceKind.POD)) {
                return List.of();
            }
            return Json.parse(PODS).items().stream()
                    .map(pod -> Resource.of(ResourceKind.POD, pod))
                    .filter(pod ->
                            (query.namespace().isEmpty() || query.namespace().equals(pod.namespace()))
                                    && pod.labels()
                                            .entrySet()
                                            .containsAll(query.labels().entrySet()))
                    .toList();
        }

        @Override
        public Optional<Resource> find(ResourceKind kind, String namespace, String name, Deadline deadline) {
            return list(ListQuery.in(kind, namespace), deadline).stream()
                    .filter(resource -> resource.name().equals(name))
                    .findFirst();
        }

        @Override
        public <T> T fetch(PodRequest request, BodyReader<T> reader, Deadline deadline) {
            // Like an istiod that knows no parameters.
            return answer(request.pod() + request.path().replaceFirst("[?].*", ""), reader);
        }

        @Override
        public <T> T log(LogQuery query, BodyReader<T> reader, Deadline deadline) {
            return answer("log " + query.pod(), reader);
        }

        private <T> T answer(String what, BodyReader<T> reader) {
            String body = pages.get(what);
            if (body == null) {
                throw new MeshTimeoutException(what + " was not answered within 10 s.", "");
            }
            try {
                return reader.read(new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public Json version(Deadline deadline) {
            return Json.MISSING;
        }

        @Override
        public void close() {}
    }

    private static Session session(Answers answers) {
        return Shared.session(answers);
    }

    @Test
    void should_go_on_when_one_istiod_answers_rubbish_and_the_other_hangs() {
        for (String rubbish : List.of("<html>", "", "{\"a\":1}", "[{\"proxy\":", "\"x\"")) {
            ProxyStatuses statuses =
                    ProxyStatusReader.read(session(new Answers().page("istiod-1/debug/syncz", rubbish)), Scope.MESH);

            assertThat(statuses.seenFrom()).isEqualTo(ProxyStatuses.SeenFrom.PODS);
            assertThat(statuses.all())
                    .singleElement()
                    .satisfies(proxy -> assertThat(proxy.seenByIstiod()).isFalse());
            // The proxy may be connected to one of those that did not answer.
            assertThat(statuses.findings()).isEmpty();
            assertThat(statuses.inconclusive())
                    .filteredOn(gap -> gap.what().contains("connected to istiod"))
                    .extracting(Inconclusive::reason)
                    .containsExactly(Reason.TIMEOUT, Reason.MALFORMED);
        }
    }

    @Test
    void should_take_all_revisions_together() {
        ProxyStatuses statuses = ProxyStatusReader.read(
                session(new Answers()
                        .page("istiod-1/debug/syncz", "[{\"proxy\":\"web.shop\",\"new_field\":{\"x\":[1]}}]")
                        .page(
                                "istiod-2/debug/syncz",
                                "[{\"proxy\":\"test-1.istio-system\"},{\"proxy\":\"api.shop\"}]")),
                Scope.namespace("shop"));

        assertThat(statuses.all())
                .extracting(proxy -> proxy.pod() + " " + proxy.revision() + " " + proxy.istiod())
                .containsExactly("api b istiod-2", "web a istiod-1");
        assertThat(statuses.findings()).isEmpty();
    }

    @Test
    void should_report_a_proxy_that_no_istiod_knows_once_all_have_answered() {
        ProxyStatuses statuses = ProxyStatusReader.read(
                session(new Answers().page("istiod-1/debug/syncz", "[]").page("istiod-2/debug/syncz", "[]")),
                Scope.MESH);

        assertThat(statuses.findings()).extracting(Finding::code).containsExactly("MDX0106");
    }

    @Test
    void should_read_what_an_istiod_says_of_itself() {
        ControlPlaneHealth health = ControlPlaneReader.read(session(new Answers()
                .page("istiod-2/metrics", "# HELP x\nprocess_resident_memory_bytes 1.0e+09\nistiod_uptime_seconds 60\n")
                .page("istiod-2/version", "1.30.2-abc123-Clean")));

        assertThat(health.instances())
                .extracting(istiod -> istiod.pod() + " " + istiod.version())
                .containsExactly("istiod-1 1.30.1", "istiod-2 1.30.2");
        assertThat(health.findings()).extracting(Finding::code).containsExactly("MDX0103");
        assertThat(health.inconclusive())
                .singleElement()
                .satisfies(gap -> assertThat(gap.subject().orElseThrow().name()).isEqualTo("istiod-1"));
    }

    @Test
    void should_not_claim_that_there_is_no_istiod_when_it_may_not_look() {
        Answers answers = new Answers();
        answers.forbidden = true;

        StepReport report = HealthStep.run(session(answers), Scope.MESH);

        assertThat(report.findings()).isEmpty();
        assertThat(report.gaps()).extracting(Inconclusive::reason).containsOnly(Reason.FORBIDDEN);
        assertThat(report.summary()).isEqualTo("control plane not seen, proxies not seen");
        assertThat(LogsStep.run(session(answers), Scope.MESH).summary()).isEqualTo("no log of a proxy seen");
    }

    @Test
    void should_say_that_manifests_have_no_state() {
        Answers answers = new Answers();
        answers.kind = MeshSource.Kind.MANIFESTS;

        assertThat(HealthStep.run(session(answers), Scope.MESH).gaps())
                .extracting(Inconclusive::reason)
                .containsExactly(Reason.UNSUPPORTED);
        assertThat(LogsStep.run(session(answers), Scope.MESH).gaps())
                .extracting(Inconclusive::reason)
                .containsExactly(Reason.UNSUPPORTED);
    }

    @Test
    void should_say_that_a_pod_is_not_there() {
        StepReport report = HealthStep.run(session(new Answers()), Scope.pod("shop", "gone"));

        assertThat(report.gaps()).anyMatch(gap -> gap.message().contains("no pod gone in namespace shop"));
    }

    @Test
    void should_keep_the_other_logs_when_one_cannot_be_read() {
        Answers answers = new Answers();

        assertThat(LogsStep.run(session(answers), Scope.namespace("shop")).gaps())
                .singleElement()
                .satisfies(gap -> assertThat(gap.reason()).isEqualTo(Reason.TIMEOUT));
        assertThat(LogsStep.run(session(answers.page("log web", "\u0000\n[[[\n{{{\n")), Scope.namespace("shop"))
                        .summary())
                .isEqualTo("1 proxy log: 0 of 0 requests failed");
    }
}
