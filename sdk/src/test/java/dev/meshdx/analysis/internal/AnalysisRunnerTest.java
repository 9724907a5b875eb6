package dev.meshdx.analysis.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.meshdx.analysis.Analysis;
import dev.meshdx.analysis.AnalysisOptions;
import dev.meshdx.check.StepReport;
import dev.meshdx.error.MeshAccessException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Finding;
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
import dev.meshdx.source.internal.manifests.LayeredSource;
import dev.meshdx.source.internal.manifests.ManifestSource;
import dev.meshdx.testing.Shared;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class AnalysisRunnerTest {
    private static final String MESH = """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: web, namespace: production}
            spec:
              hosts: [web]
              http:
                - match: [{uri: {prefix: /other}}]
                  route: [{destination: {host: api.other.svc.cluster.local}}]
                - match: [{uri: {prefix: /external}}]
                  route: [{destination: {host: api.example.com}}]
                - route: [{destination: {host: wbe}}]
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: api, namespace: other}
            spec:
              hosts: [api]
              http: [{route: [{destination: {host: nowhere}}]}]
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web, namespace: production}
            spec: {ports: [{port: 80, name: http}]}
            ---
            apiVersion: v1
            kind: Namespace
            metadata: {name: production}
            ---
            apiVersion: v1
            kind: Namespace
            metadata: {name: other}
            """;

    /** A cluster that forbids some reads, and notes all of them. */
    private static final class Restricted implements MeshSource {
        private final MeshSource source;
        private final Predicate<ListQuery> forbidden;
        private final List<String> reads = Collections.synchronizedList(new ArrayList<>());

        Restricted(Predicate<ListQuery> forbidden) {
            this(forbidden, MESH);
        }

        Restricted(Predicate<ListQuery> forbidden, String mesh) {
            this.source = ManifestSource.of("mesh", mesh);
            this.forbidden = forbidden;
        }

        @Override
        public Kind kind() {
            return Kind.LIVE;
        }

        @Override
        public String description() {
            return "restricted";
        }

        @Override
        public Optional<Instant> recordedAt() {
            return Optional.empty();
        }

        @Override
        public String defaultNamespace() {
            return "default";
        }

        @Override
        public List<Resource> list(ListQuery query, Deadline deadline) {
            reads.add(query.toString());
            if (forbidden.test(query)) {
                throw new MeshAccessException("You may not list " + query + ".", "Ask for it.");
            }
            return source.list(query, deadline);
        }

        @Override
        public Optional<Resource> find(ResourceKind kind, String namespace, String name, Deadline deadline) {
            if (forbidden.test(namespace.isEmpty() ? ListQuery.all(kind) : ListQuery.in(kind, namespace))) {
                throw new MeshAccessException("You may not get " + name + ".", "Ask for it.");
            }
            return source.find(kind, namespace, name, deadline);
        }

        @Override
        public <T> T fetch(PodRequest request, BodyReader<T> reader, Deadline deadline) {
            return source.fetch(request, reader, deadline);
        }

        @Override
        public <T> T log(LogQuery query, BodyReader<T> reader, Deadline deadline) {
            return source.log(query, reader, deadline);
        }

        @Override
        public Json version(Deadline deadline) {
            return source.version(deadline);
        }

        @Override
        public void close() {
            source.close();
        }
    }

    private static Analysis analyze(MeshSource source, Scope scope, AnalysisOptions options) {
        return AnalysisRunner.analyze(Shared.session(source), scope, options);
    }

    @Test
    void should_read_each_kind_once_and_only_what_the_checks_need() {
        Restricted source = new Restricted(query -> false);

        Analysis analysis = analyze(source, Scope.MESH, AnalysisOptions.DEFAULT.only("IST0118", "ist0102"));

        assertThat(source.reads)
                .containsExactlyInAnyOrder("services", "namespaces", "pods", "configmaps in istio-system");
        assertThat(analysis.checks()).extracting(Object::toString).containsExactly("IST0102 ran", "IST0118 ran");
        assertThat(analysis.withCode("IST0102")).hasSize(2);
        assertThat(analysis.resources()).isEqualTo(3);
    }

    @Test
    void should_say_which_checks_did_not_run_and_why() {
        Restricted source = new Restricted(query -> query.kind().equals(ResourceKind.POD));

        Analysis analysis = analyze(source, Scope.MESH, AnalysisOptions.DEFAULT);

        assertThat(analysis.checks())
                .filteredOn(run -> run.code().equals("IST0103"))
                .singleElement()
                .satisfies(run -> {
                    assertThat(run.ran()).isFalse();
                    assertThat(run.reason()).contains("pods could not be read", "You may not list pods");
                });
        assertThat(analysis.checks())
                .filteredOn(run -> run.code().equals("IST0101"))
                .singleElement()
                .satisfies(run -> {
                    assertThat(run.ran()).isTrue();
                    assertThat(run.reason()).contains("pods could not be read");
                });
        assertThat(analysis.withCode("IST0101")).hasSize(4);
        assertThat(analysis.inconclusive()).singleElement().satisfies(gap -> {
            assertThat(gap.reason()).isEqualTo(Reason.FORBIDDEN);
            assertThat(gap.what()).isEqualTo("pods");
        });
    }

    @Test
    void should_not_miss_what_it_could_not_see() {
        // Rights in one namespace only.
        Restricted source = new Restricted(query -> !query.namespace().equals("production"));

        Analysis analysis = analyze(source, Scope.namespace("production"), AnalysisOptions.DEFAULT);

        // Only of its own services can it be said that they do not exist.
        assertThat(analysis.withCode("IST0101"))
                .singleElement()
                .extracting(Finding::message)
                .asString()
                .contains("\"wbe\"", "Did you mean \"web\"?");
        assertThat(analysis.inconclusive())
                .allMatch(gap -> gap.reason() == Reason.FORBIDDEN)
                .extracting(gap -> gap.what())
                .contains("services outside production", "virtualservices.networking.istio.io outside production");
        assertThat(analysis.checks())
                .filteredOn(run -> run.code().equals("IST0101"))
                .singleElement()
                .satisfies(run -> assertThat(run.reason()).contains("was not judged"));
    }

    @Test
    void should_judge_what_does_not_depend_on_the_control_planes_own_namespace() {
        Restricted source = new Restricted(query -> query.kind().equals(ResourceKind.CONFIG_MAP));

        Analysis analysis = analyze(source, Scope.MESH, AnalysisOptions.DEFAULT);

        assertThat(analysis.checks()).allMatch(run -> run.ran());
        assertThat(analysis.withCode("IST0102")).isEmpty();
        assertThat(analysis.inconclusive())
                .extracting(gap -> gap.what())
                .containsExactlyInAnyOrder(
                        "configmaps in istio-system", "mesh configuration (its defaults are assumed)");
    }

    @Test
    void should_filter_by_namespace_but_resolve_in_the_whole_mesh() {
        Analysis analysis = analyze(
                ManifestSource.of("mesh", MESH),
                Scope.namespace("other"),
                AnalysisOptions.DEFAULT.only("IST0101", "IST0102"));

        assertThat(analysis.findings())
                .extracting(finding -> finding.code() + " " + finding.subject())
                .containsExactly("IST0101 VirtualService other/api", "IST0102 Namespace other");
    }

    @Test
    void should_suppress_by_rule_and_annotation() {
        String annotated = MESH.replace(
                "{name: api, namespace: other}",
                "{name: api, namespace: other, annotations: {galley.istio.io/analyze-suppress: 'IST0101,IST0102'}}");
        ManifestSource source = ManifestSource.of("mesh", annotated);

        Analysis analysis = analyze(
                source,
                Scope.MESH,
                AnalysisOptions.DEFAULT
                        .only("IST0101", "IST0102")
                        .suppress("IST0102=Namespace *")
                        .suppress("IST0101=VirtualService nobody.production"));

        assertThat(analysis.findings())
                .hasSize(3)
                .allMatch(finding -> finding.subject().name().equals("web"));
        assertThat(analysis.suppressed()).isEqualTo(3);
        assertThat(analyze(
                                source,
                                Scope.MESH,
                                AnalysisOptions.DEFAULT.only("IST0101").suppress("IST0101=VirtualService web.prod*"))
                        .findings())
                .isEmpty();
        assertThatIllegalArgumentException().isThrownBy(() -> AnalysisOptions.DEFAULT.suppress("IST0101"));
    }

    private static final String NETWORKS = """
            networks:
              north: {endpoints: [{fromRegistry: cluster-1}, {fromRegistry: Kubernetes}]}
              south: {endpoints: [{fromRegistry: cluster-2}, {fromCidr: 10.0.0.0/8}]}
            """;

    @Test
    void should_judge_networks_that_the_caller_gives_by_the_secrets_of_the_control_plane() {
        Restricted source = new Restricted(query -> false);

        Analysis analysis = analyze(
                source, Scope.MESH, AnalysisOptions.DEFAULT.only("IST0126").meshNetworks(NETWORKS));

        assertThat(source.reads).contains("secrets in istio-system").doesNotContain("secrets");
        assertThat(analysis.findings())
                .allMatch(finding -> finding.subject().toString().equals("MeshNetworks istio-system/meshnetworks"))
                .extracting(Finding::message)
                .satisfiesExactly(
                        north -> assertThat(north).contains("north", "\"cluster-1\""),
                        south -> assertThat(south).contains("south", "\"cluster-2\""));
    }

    @Test
    void should_read_no_secrets_where_there_are_no_networks() {
        Restricted source = new Restricted(query -> query.kind().equals(ResourceKind.SECRET));

        Analysis analysis = analyze(source, Scope.MESH, AnalysisOptions.DEFAULT.only("IST0126"));

        assertThat(source.reads).noneMatch(read -> read.startsWith("secrets"));
        assertThat(analysis.findings()).isEmpty();
        assertThat(analysis.inconclusive()).isEmpty();
    }

    @Test
    void should_not_judge_networks_without_the_secrets() {
        Restricted source = new Restricted(query -> query.kind().equals(ResourceKind.SECRET));

        Analysis analysis = analyze(
                source, Scope.MESH, AnalysisOptions.DEFAULT.only("IST0126").meshNetworks(NETWORKS));

        assertThat(analysis.findings()).isEmpty();
        assertThat(analysis.inconclusive())
                .singleElement()
                .satisfies(gap -> assertThat(gap.what()).isEqualTo("secrets in namespace istio-system"));
        assertThat(analysis.checks())
                .singleElement()
                .satisfies(run -> assertThat(run.reason()).contains("was not judged"));
    }

    @Test
    void should_say_that_networks_cannot_be_read() {
        Analysis analysis = analyze(
                ManifestSource.of("mesh", MESH),
                Scope.MESH,
                AnalysisOptions.DEFAULT.only("IST0126").meshNetworks("networks: ["));

        assertThat(analysis.inconclusive())
                .singleElement()
                .satisfies(gap -> assertThat(gap.what()).isEqualTo("networks of the mesh"));
    }

    @Test
    void should_ask_a_cluster_for_definitions_by_name() {
        Restricted source = new Restricted(query -> false);

        Analysis analysis = analyze(source, Scope.MESH, AnalysisOptions.DEFAULT.only("IST0002"));

        assertThat(source.reads).isNotEmpty().noneMatch(read -> read.startsWith("customresourcedefinitions"));
        assertThat(analysis.checks()).singleElement().hasToString("IST0002 ran");
    }

    private static final String MISPLACED = """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge, namespace: shop}
            spec:
              selector: {app: edge}
              servers:
                - {hosts: [a.example.com], tls: {mode: SIMPLE, credentialName: misplaced}}
                - {hosts: [b.example.com], tls: {mode: SIMPLE, credentialName: well}}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: edge, namespace: edge, labels: {app: edge}}
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: well, namespace: edge}
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: misplaced, namespace: shop}
            """;

    @Test
    void should_find_a_secret_that_lies_beside_the_gateway_without_reading_others() {
        Restricted source = new Restricted(query -> false, MISPLACED);

        Analysis analysis = analyze(source, Scope.MESH, AnalysisOptions.DEFAULT.only("IST0101"));

        assertThat(source.reads).contains("secrets in edge").doesNotContain("secrets", "secrets in shop");
        assertThat(analysis.findings())
                .singleElement()
                .extracting(Finding::message)
                .asString()
                .contains("It lies in namespace shop");
    }

    @Test
    void should_not_mind_that_the_gateways_own_namespace_is_closed() {
        Restricted source = new Restricted(
                query -> query.kind().equals(ResourceKind.SECRET)
                        && query.namespace().equals("shop"),
                MISPLACED);

        Analysis analysis = analyze(source, Scope.MESH, AnalysisOptions.DEFAULT.only("IST0101"));

        assertThat(analysis.inconclusive()).isEmpty();
        assertThat(analysis.findings())
                .singleElement()
                .extracting(Finding::message)
                .asString()
                .contains("\"misplaced\" does not exist")
                .doesNotContain("It lies");
    }

    @Test
    void should_judge_versions_of_what_is_laid_over_a_cluster_by_its_definitions() {
        Restricted cluster = new Restricted(query -> false, """
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: httproutes.gateway.networking.k8s.io}
                spec:
                  group: gateway.networking.k8s.io
                  names: {kind: HTTPRoute}
                  versions: [{name: v1, served: true}, {name: v1beta1, served: false}]
                ---
                apiVersion: gateway.networking.k8s.io/v1alpha2
                kind: HTTPRoute
                metadata: {name: of-the-cluster, namespace: shop}
                """);
        ManifestSource manifests = ManifestSource.of("new", """
                apiVersion: gateway.networking.k8s.io/v1beta1
                kind: HTTPRoute
                metadata: {name: new, namespace: shop}
                ---
                apiVersion: rbac.istio.io/v1alpha1
                kind: ServiceRole
                metadata: {name: old, namespace: shop}
                """);

        Analysis analysis =
                analyze(new LayeredSource(cluster, manifests), Scope.MESH, AnalysisOptions.DEFAULT.only("MDX0294"));

        assertThat(analysis.findings())
                .extracting(
                        finding -> finding.subject() + " " + finding.location().orElseThrow())
                .containsExactlyInAnyOrder("HTTPRoute shop/new new:1", "ServiceRole shop/old new:5");
    }

    @Test
    void should_name_codes_that_nobody_looks_for() {
        Analysis analysis =
                analyze(ManifestSource.of("mesh", MESH), Scope.MESH, AnalysisOptions.DEFAULT.only("IST9999"));

        assertThat(analysis.checks())
                .singleElement()
                .hasToString("IST9999 did not run: there is no check for this code");
    }

    @Test
    void should_report_the_step_of_a_diagnosis() {
        StepReport report = ConfigurationStep.run(
                Shared.session(ManifestSource.of("mesh", MESH + "---\nbroken: [")), Scope.pod("production", "web-1"));

        assertThat(report.findings())
                .allMatch(finding -> finding.subject().toString().contains("production"));
        assertThat(report.findings()).isNotEmpty();
        assertThat(report.gaps())
                .singleElement()
                .satisfies(gap -> assertThat(gap.reason()).isEqualTo(Reason.MALFORMED));
        assertThat(report.summary()).contains("5 resources", "error", "1 not seen");
    }

    @Test
    void should_merge_what_is_the_same_at_the_same_place_and_stay_short() {
        StringBuilder routes = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            routes.append(
                    "    - {match: [{uri: {exact: /" + i + "}}], route: [{destination: {host: nowhere-" + i + "}}]}\n");
        }
        Analysis analysis = analyze(
                ManifestSource.of(
                        "many",
                        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a, namespace: b}\n"
                                + "spec:\n  hosts: [x]\n  http:\n" + routes),
                Scope.MESH,
                AnalysisOptions.DEFAULT.only("IST0101"));

        assertThat(analysis.findings()).hasSize(100);
        assertThat(analysis.toString()).hasSizeLessThan(900).contains("100 error", "more");
    }

    @Test
    void should_take_thousands_of_services_in_its_stride() {
        StringBuilder mesh = new StringBuilder();
        for (int i = 0; i < 5000; i++) {
            mesh.append("""
                    apiVersion: v1
                    kind: Service
                    metadata: {name: s%1$d, namespace: n%2$d}
                    spec: {selector: {app: s%1$d}, ports: [{name: http, port: 80}]}
                    ---
                    apiVersion: networking.istio.io/v1
                    kind: VirtualService
                    metadata: {name: s%1$d, namespace: n%2$d}
                    spec: {hosts: [s%1$d], http: [{route: [{destination: {host: s%1$d, subset: v1}}, {destination: {host: t%1$d}}]}]}
                    ---
                    apiVersion: networking.istio.io/v1
                    kind: DestinationRule
                    metadata: {name: s%1$d, namespace: n%2$d}
                    spec: {host: s%1$d, trafficPolicy: {tls: {mode: DISABLE}}, subsets: [{name: v1, labels: {version: v1}}]}
                    ---
                    """.formatted(i, i % 10));
        }
        mesh.append("apiVersion: security.istio.io/v1\nkind: PeerAuthentication\n"
                + "metadata: {name: default, namespace: istio-system}\nspec: {mtls: {mode: STRICT}}\n");
        ManifestSource source = ManifestSource.of("large", mesh.toString());
        // Processor time of this thread: the judging happens here, and other programs must not count.
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        assertThat(source.problems()).isEmpty();
        long read = threads.getCurrentThreadCpuTime();
        Analysis analysis = analyze(source, Scope.MESH, AnalysisOptions.DEFAULT);
        long end = threads.getCurrentThreadCpuTime();

        System.out.println("5,000 services: " + Duration.ofNanos(read - start).toMillis() + " ms to read, "
                + Duration.ofNanos(end - read).toMillis() + " ms to judge " + analysis.resources() + " resources");
        assertThat(analysis.withCode("IST0101")).hasSize(5000);
        assertThat(analysis.withCode("IST0113")).hasSize(5000);
        assertThat(Duration.ofNanos(end - read)).isLessThan(Duration.ofSeconds(10));
    }
}
