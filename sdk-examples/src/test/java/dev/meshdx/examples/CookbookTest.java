package dev.meshdx.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.Mesh;
import dev.meshdx.MeshOptions;
import dev.meshdx.MeshPod;
import dev.meshdx.analysis.Analysis;
import dev.meshdx.analysis.AnalysisOptions;
import dev.meshdx.configuration.Applied;
import dev.meshdx.configuration.Aspect;
import dev.meshdx.configuration.Description;
import dev.meshdx.configuration.RouteDestination;
import dev.meshdx.configuration.RouteRule;
import dev.meshdx.configuration.VirtualService;
import dev.meshdx.diagnosis.Diagnosis;
import dev.meshdx.envoy.Cluster;
import dev.meshdx.envoy.Clusters;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.Endpoint;
import dev.meshdx.envoy.EndpointAvailability;
import dev.meshdx.envoy.Endpoints;
import dev.meshdx.envoy.EnvoyProxy;
import dev.meshdx.envoy.ProxySecret;
import dev.meshdx.envoy.ResourceState;
import dev.meshdx.envoy.Routes;
import dev.meshdx.envoy.Secrets;
import dev.meshdx.envoy.admin.Stats;
import dev.meshdx.envoy.diff.ConfigDiff;
import dev.meshdx.envoy.diff.ResourceDiff;
import dev.meshdx.envoy.origin.GeneratedConfiguration;
import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.health.XdsType;
import dev.meshdx.logs.LogLines;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.report.Documents;
import dev.meshdx.report.Format;
import dev.meshdx.security.CertificateInfo;
import dev.meshdx.security.MtlsRow;
import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.testkit.Scenario;
import dev.meshdx.traffic.HttpRequest;
import dev.meshdx.traffic.Trace;
import dev.meshdx.traffic.authorization.AppliedPolicy;
import dev.meshdx.traffic.authorization.Authorization;
import dev.meshdx.traffic.authorization.AuthorizationCheck;
import dev.meshdx.traffic.authorization.Peer;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The blocks of docs/cookbook.md, run. Each asks a fake mesh; {@code pod} is the client in it. */
class CookbookTest {
    @TempDir
    private Path folder;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final String pod = Scenario.PATH_CASE.pod();

    private FakeMesh start(Scenario scenario) {
        FakeMesh cluster = FakeMesh.start(scenario);
        open.add(cluster);
        return cluster;
    }

    private Mesh mesh(Scenario scenario) {
        Mesh mesh = start(scenario).connect();
        open.add(0, mesh);
        return mesh;
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : open) {
            closeable.close();
        }
    }

    @Test
    void should_say_what_is_broken_and_why() {
        Mesh mesh = mesh(Scenario.MISSING_SUBSET);
        // #region diagnose
        Diagnosis diagnosis = mesh.namespace("production").pod(pod).diagnose();
        String verdict = diagnosis.verdict(); // one sentence, the cause first
        List<Finding> causes = diagnosis.rootCauses(); // what explains the others
        List<Inconclusive> gaps = diagnosis.inconclusive(); // what could not be seen, and why
        // #endregion
        assertThat(verdict).startsWith("Broken: ").contains("v3");
        assertThat(causes).extracting(Finding::code).contains("IST0101");
        assertThat(gaps).isEmpty();
    }

    @Test
    void should_find_the_proxies_that_are_behind() {
        Mesh mesh = mesh(Scenario.STALE_PROXY);
        // #region out-of-sync
        List<ProxyStatus> behind = mesh.proxyStatus().notSynced();
        for (ProxyStatus proxy : behind) {
            System.out.println(proxy.podRef() + " has old routes: " + proxy.type(XdsType.RDS));
        }
        // #endregion
        assertThat(behind).isNotEmpty().allMatch(proxy -> proxy.pod().startsWith("web-"));
    }

    @Test
    void should_show_what_a_proxy_has_not_got() {
        Mesh mesh = mesh(Scenario.STALE_PROXY);
        // #region config-diff
        ConfigDiff diff = mesh.namespace("production").pod(pod).proxyStatus().diff();
        for (ResourceDiff resource : diff.resources()) {
            System.out.println(resource.name() + " " + resource.changes()); // 9080 [virtual_hosts[…].routes[to-v2]: …]
        }
        // #endregion
        assertThat(diff.section(ConfigDiff.Section.ROUTES)).isNotEmpty();
        assertThat(diff.inconclusive()).isEmpty();
    }

    @Test
    void should_say_why_a_proxy_refused_its_configuration() {
        Mesh mesh = mesh(Scenario.PROXY_NACK);
        // #region nack
        Optional<String> nack = mesh.proxyStatus()
                .of("production", pod)
                .flatMap(proxy -> proxy.type(XdsType.LDS).error());
        // #endregion
        assertThat(nack).hasValueSatisfying(text -> assertThat(text).contains("example.filter"));
    }

    @Test
    void should_run_a_check_of_ones_own() {
        Mesh mesh = mesh(Scenario.HEALTHY);
        // #region own-check
        AnalysisOptions options = AnalysisOptions.DEFAULT.with(new OwnerLabelCheck());
        Analysis analysis = mesh.namespace("production").analyze(options, System.out::println); // as they are found
        List<Finding> unowned = analysis.withCode("ACME0001");
        // #endregion
        assertThat(unowned)
                .isNotEmpty()
                .allSatisfy(finding -> assertThat(finding.subject().kind()).isEqualTo("Service"));
    }

    @Test
    void should_show_the_resources_of_a_namespace() {
        Mesh mesh = mesh(Scenario.MISSING_SUBSET);
        // #region config
        for (VirtualService route : mesh.namespace("production").config().virtualServices()) {
            for (RouteRule rule : route.rules()) {
                System.out.println(route.name() + " " + rule.matches() + " -> " + rule.destinations());
            }
        }
        // #endregion
        assertThat(mesh.namespace("production").config().virtualServices())
                .flatExtracting(VirtualService::rules)
                .flatExtracting(RouteRule::destinations)
                .extracting(RouteDestination::subset)
                .contains("v3");
    }

    @Test
    void should_say_what_applies_to_a_service() {
        Mesh mesh = mesh(Scenario.HEALTHY);
        // #region describe
        Description reviews = mesh.namespace("production").service("reviews").describe();
        List<Applied> policies = reviews.applied(Aspect.AUTHORIZATION); // in the order in which they are asked
        System.out.println(reviews.table());
        // #endregion
        assertThat(reviews.facts()).containsKeys("host", "ports", "pods", "mTLS");
        assertThat(policies).allMatch(Applied::inForce);
    }

    @Test
    void should_check_manifests_before_they_are_applied() throws Exception {
        Path manifests = folder;
        Files.writeString(manifests.resolve("route.yaml"), ROUTE);
        // #region manifests
        try (Mesh files = Mesh.manifests(manifests)) {
            Analysis analysis = files.analyze(AnalysisOptions.DEFAULT.suppress("IST0102=Namespace *"));
            analysis.findings().forEach(System.out::println); // with file and line
        }
        // #endregion
        try (Mesh files = Mesh.manifests(manifests)) {
            assertThat(files.analyze().findings()).extracting(Finding::code).contains("IST0101");
        }
    }

    private static final String ROUTE = """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: reviews, namespace: production}
            spec:
              hosts: [reviews]
              http:
              - route: [{destination: {host: reviews, subset: v9}}]
            """;

    @Test
    void should_say_what_would_be_if_a_change_were_applied() throws Exception {
        Mesh mesh = mesh(Scenario.HEALTHY);
        Path change = Files.writeString(folder.resolve("change.yaml"), ROUTE);
        // #region what-if
        Set<Finding> before = Set.copyOf(mesh.analyze().findings());
        try (Mesh after = mesh.whatIf(change)) {
            List<Finding> news = after.analyze().findings().stream()
                    .filter(finding -> !before.contains(finding))
                    .toList();
            System.out.println(news.isEmpty() ? "go ahead" : "stop: " + news);
        }
        // #endregion
        try (Mesh after = mesh.whatIf(change)) {
            assertThat(after.analyze().findings())
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.message()).contains("v9"));
        }
        assertThat(mesh.analyze().findings()).isEmpty();
    }

    @Test
    void should_tell_which_way_a_request_goes() {
        Mesh mesh = mesh(Scenario.PATH_CASE);
        // #region trace
        HttpRequest request =
                HttpRequest.get("http://reviews:9080/api/v1/reviews/7").header("end-user", "jason");
        Trace trace = mesh.namespace("production").pod(pod).trace(request);
        if (!trace.isServed()) {
            System.out.println(trace.nearMisses()); // what would have taken it, but for one thing
        }
        // #endregion
        assertThat(trace.isServed()).isFalse();
        assertThat(trace.nearMisses()).isNotEmpty();
    }

    @Test
    void should_tell_who_may_call() {
        FakeMesh cluster = start(Scenario.HEALTHY);
        cluster.addObject("""
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: no-admin, namespace: production}
                spec:
                  action: DENY
                  rules: [{to: [{operation: {paths: ["/admin*"]}}]}]
                """);
        Mesh mesh = cluster.connect();
        open.add(0, mesh);
        // #region authorization
        Authorization authorization = mesh.namespace("production").pod(pod).authorization();
        HttpRequest request = HttpRequest.get("http://web:8080/admin/users");
        AuthorizationCheck check = authorization.check(request, Peer.workload("production", "sleep"));
        if (!check.isAllowed() || check.differs()) {
            System.out.println(check); // by which policy, and whether the proxy does what the policies say
        }
        for (AppliedPolicy policy : authorization.policies()) { // in the order in which they are evaluated
            System.out.println(policy);
        }
        // #endregion
        assertThat(check.isAllowed()).isTrue();
        assertThat(check.difference()).contains("Not on the proxy: production/no-admin.");
        assertThat(authorization.policies()).hasSize(1);
    }

    @Test
    void should_show_what_a_proxy_holds() {
        Mesh mesh = mesh(Scenario.HEALTHY);
        // #region proxy-config
        EnvoyProxy proxy = mesh.namespace("production").pod(pod).envoy();
        Clusters clusters =
                proxy.clusters().toService("reviews.production").port(9080).subset("v1");
        for (Cluster cluster : clusters) { // now it is asked, for these clusters alone
            System.out.println(cluster + " " + cluster.error().orElse("") + " " + cluster.tls());
        }
        ConfigDump moment = proxy.configDump(); // everything, in one request
        Routes routes = moment.routes().named("9080");
        Endpoints endpoints = moment.endpoints().toService("reviews.production");
        // #endregion
        assertThat(clusters).hasSize(1);
        assertThat(routes).isNotEmpty();
        assertThat(endpoints).isNotEmpty();
    }

    @Test
    void should_read_large_files() throws Exception {
        Path file = folder.resolve("dump.json");
        Files.writeString(file, start(Scenario.HEALTHY).configDump("production", pod));
        Path names = folder.resolve("names.txt");
        // #region large-dump
        ConfigDump dump = ConfigDump.open(file); // also one that is compressed with gzip; reads nothing yet
        Clusters v1 = dump.clusters().toService("reviews.production").subset("v1"); // keeps what it finds
        try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(names))) {
            dump.clusters().forEach(cluster -> out.println(cluster.name())); // keeps none
        }
        dump.problem().ifPresent(System.err::println); // where it was cut off
        // #endregion
        assertThat(v1).hasSize(1);
        assertThat(Files.readAllLines(names)).contains("outbound|9080||reviews.production.svc.cluster.local");
        assertThat(dump.problem()).isEmpty();
    }

    @Test
    void should_compare_replicas() {
        Mesh mesh = mesh(Scenario.HEALTHY);
        // #region replicas
        List<MeshPod> replicas = mesh.namespace("production").pods("app=web");
        ConfigDump first = replicas.get(0).envoy().configDump();
        for (MeshPod replica : replicas.subList(1, replicas.size())) {
            ConfigDiff diff = ConfigDiff.alike(first, replica.envoy().configDump())
                    .named(replicas.get(0).name(), replica.name());
            System.out.println(diff.isEmpty() ? replica + " holds the same" : diff.text());
        }
        // #endregion
        assertThat(replicas).hasSize(2);
        assertThat(ConfigDiff.alike(first, replicas.get(1).envoy().configDump()).isEmpty())
                .isTrue();
    }

    @Test
    void should_say_what_a_resource_turned_into() {
        Mesh mesh = mesh(Scenario.MISSING_SUBSET);
        // #region generated
        GeneratedConfiguration made = mesh.namespace("production")
                .pod(pod)
                .generatedFrom(ResourceKind.VIRTUAL_SERVICE, "production", "reviews");
        made.routes().forEach(System.out::println); // prefix / -> reviews.production:9080 v3; 2 retries on …
        made.reasons().forEach(System.out::println); // why nothing, or not more: exportTo, a Sidecar, gateways…
        // #endregion
        assertThat(made.routes()).isNotEmpty();
        assertThat(made.reasons()).isEmpty();
    }

    @Test
    void should_find_secrets_that_end() {
        Mesh mesh = mesh(Scenario.HEALTHY);
        // #region expiring-secrets
        Secrets secrets = mesh.namespace("production").pod(pod).envoy().secrets();
        Secrets soon = secrets.filter(secret -> secret.chain().stream()
                .anyMatch(one -> one.remaining(secrets.at()).compareTo(Duration.ofDays(2)) < 0));
        Secrets neverCame = secrets.state(ResourceState.WARMING);
        // #endregion
        assertThat(soon).extracting(ProxySecret::name).containsExactly("default");
        assertThat(neverCame).isEmpty();
    }

    @Test
    void should_find_ejected_endpoints() {
        FakeMesh cluster = Scenario.HEALTHY
                .builder()
                .namespace(
                        "production",
                        production -> production.workload("web", web -> web.ejects("production/reviews-v1")))
                .start();
        open.add(cluster);
        Mesh mesh = cluster.connect();
        open.add(0, mesh);
        // #region ejected
        EnvoyProxy proxy = mesh.namespace("production").pod(pod).envoy();
        List<Endpoint> all = proxy.endpoints().toService("reviews.production").all();
        for (Endpoint endpoint : all) {
            if (endpoint.isEjected()) {
                System.out.println(
                        endpoint + ": " + endpoint.failedRequests() + " of " + endpoint.totalRequests() + " failed");
            }
        }
        for (Cluster upstream : proxy.clusters().toService("reviews.production")) {
            System.out.println(EndpointAvailability.of(upstream, all)); // usable, priorities, panic
            upstream.outlierDetection().ifPresent(System.out::println); // 5xx 3, … at most 10 %
        }
        // #endregion
        assertThat(all).filteredOn(Endpoint::isEjected).isNotEmpty();
    }

    @Test
    void should_say_what_statistics_grew_by() throws Exception {
        Mesh mesh = mesh(Scenario.HEALTHY);
        // #region stats
        EnvoyProxy proxy = mesh.namespace("production").pod(pod).envoy();
        Stats before = proxy.stats("rbac|update_rejected");
        Thread.sleep(100); // or while something is tried out
        Stats grown = proxy.stats("rbac|update_rejected").since(before).nonZero();
        System.out.println(grown.isEmpty() ? "nothing" : grown);
        // #endregion
        assertThat(before).isNotEmpty();
        assertThat(grown).isEmpty();
    }

    @Test
    void should_say_what_the_sidecar_logged() {
        Mesh mesh = mesh(Scenario.NO_HEALTHY_UPSTREAM);
        // #region logs
        LogLines log = mesh.namespace("production").pod(pod).logs().tail(500);
        log.patterns().forEach(System.out::println); // what is known, how often, what to do
        Map<String, Integer> byFlag = log.accessLog().byFlag(); // UH=6, -=7
        // #endregion
        assertThat(byFlag).containsKey("UH");
        assertThat(log.patterns()).isNotEmpty();
    }

    @Test
    void should_find_clients_and_servers_that_do_not_meet() {
        Mesh mesh = mesh(Scenario.MTLS_CONFLICT);
        // #region mtls
        for (MtlsRow conflict : mesh.mtls().conflicts()) {
            System.out.println(conflict.service() + ": " + conflict.because());
        }
        // #endregion
        assertThat(mesh.mtls().conflicts()).isNotEmpty();
    }

    @Test
    void should_find_the_certificate_that_ends_first() {
        Mesh mesh = mesh(Scenario.HEALTHY);
        // #region certificates
        var certificates = mesh.namespace("production").certificates();
        Optional<CertificateInfo> first = certificates.endsFirst();
        Optional<Duration> left = first.map(certificate -> certificate.remaining(certificates.now()));
        // #endregion
        assertThat(left).hasValueSatisfying(time -> assertThat(time).isPositive());
    }

    @Test
    void should_say_how_the_control_plane_is() {
        Mesh mesh = mesh(Scenario.ISTIOD_DOWN);
        // #region control-plane
        var health = mesh.controlPlane().health();
        System.out.println(health.ready() + " of " + health.instances().size() + " istiods are ready");
        health.findings().forEach(System.out::println);
        // #endregion
        assertThat(health.ready()).isZero();
        assertThat(health.findings()).isNotEmpty();
    }

    @Test
    void should_tell_what_is_missing_from_what_is_broken() {
        FakeMesh cluster = start(Scenario.HEALTHY);
        cluster.deny("create", "pods/portforward");
        Mesh mesh = cluster.connect();
        open.add(0, mesh);
        // #region gaps
        Diagnosis diagnosis = mesh.namespace("production").diagnose();
        List<Inconclusive> forbidden = diagnosis.inconclusive().stream()
                .filter(gap -> gap.reason() == Reason.FORBIDDEN)
                .toList();
        forbidden.forEach(gap -> System.out.println(gap.what() + ": " + gap.remedy()));
        // #endregion
        assertThat(forbidden).isNotEmpty();
    }

    @Test
    void should_tell_errors_by_what_one_can_do() {
        Mesh mesh = mesh(Scenario.HEALTHY);
        // #region errors
        try {
            Diagnosis diagnosis = mesh.namespace("production").pod("web-0").diagnose();
            System.out.println(diagnosis.verdict());
        } catch (MeshNotFoundException e) {
            System.out.println("Check the name. " + e.remedy());
        } catch (MeshException e) {
            System.out.println("No answer (" + e.reason() + "). " + e.remedy());
        }
        // #endregion
        assertThatThrownBy(() -> mesh.namespace("production").pod("web-0").diagnose())
                .isInstanceOf(MeshNotFoundException.class);
    }

    @Test
    void should_write_reports_for_programs() throws Exception {
        Mesh mesh = mesh(Scenario.PATH_CASE);
        Path file = folder.resolve("report.json");
        // #region report
        Diagnosis diagnosis = mesh.diagnose();
        Documents.of(diagnosis).render(Format.JSON).writeTo(file);
        // #endregion
        assertThat(Files.readString(file)).contains("\"meshdx/v1\"");
    }

    @Test
    void should_keep_to_limits() {
        FakeMesh cluster = start(Scenario.HEALTHY);
        // #region options
        MeshOptions options = MeshOptions.builder()
                .context("fake")
                .kubeconfigText(cluster.kubeconfig())
                .deadline(Duration.ofSeconds(10)) // for a whole question
                .podDeadline(Duration.ofSeconds(3)) // for one read from one pod
                .parallelism(8)
                .progress(progress -> System.err.print("."))
                .build();
        try (Mesh mesh = Mesh.connect(options)) {
            System.out.println(mesh.version());
        }
        // #endregion
        assertThat(cluster.requests()).isNotEmpty();
    }

    // #region changes
    /** What is new since the last look: for a bot that speaks up only when something changes. */
    static List<Finding> news(Diagnosis before, Diagnosis after) {
        Set<String> known = before.findings().stream()
                .map(finding -> finding.code() + " " + finding.subject())
                .collect(Collectors.toSet());
        return after.findings().stream()
                .filter(finding -> !known.contains(finding.code() + " " + finding.subject()))
                .toList();
    }
    // #endregion

    @Test
    void should_say_what_is_new() {
        Diagnosis before = mesh(Scenario.HEALTHY).diagnose();
        Diagnosis after = mesh(Scenario.MISSING_SUBSET).diagnose();

        assertThat(news(before, after)).extracting(Finding::code).contains("IST0101");
        assertThat(news(after, after)).isEmpty();
    }

    @Test
    void should_replay_a_recording() throws Exception {
        Path recording = Files.createDirectories(folder.resolve("incident"));
        Files.writeString(
                Files.createDirectories(recording.resolve("api")).resolve("virtualservices.networking.istio.io.json"),
                """
                {"apiVersion": "networking.istio.io/v1", "kind": "VirtualServiceList", "items": [
                  {"metadata": {"name": "reviews", "namespace": "production"},
                   "spec": {"hosts": ["reviews"], "http": [{"route": [{"destination": {"host": "nobody"}}]}]}}]}""");
        // #region snapshot
        try (Mesh incident = Mesh.snapshot(recording)) { // a folder, or a zip file of one
            System.out.println(incident.diagnose().verdict()); // judged at the time of the recording
        }
        // #endregion
        try (Mesh incident = Mesh.snapshot(recording)) {
            assertThat(incident.source()).contains("recording");
        }
    }
}
