package dev.meshdx.health.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import dev.meshdx.health.ControlPlaneHealth;
import dev.meshdx.health.CustomResource;
import dev.meshdx.health.IstiodInstance;
import dev.meshdx.health.LeaderElection;
import dev.meshdx.health.Termination;
import dev.meshdx.health.Webhook;
import dev.meshdx.model.Scope;
import dev.meshdx.security.TestCertificates;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** MDX0110 to MDX0125, from what was read to what is found. */
class ControlPlaneChecksTest {
    private static final String INJECTORS = "mutatingwebhookconfigurations.admissionregistration.k8s.io";
    private static final String VALIDATORS = "validatingwebhookconfigurations.admissionregistration.k8s.io";
    private static final String SLICES = "endpointslices.discovery.k8s.io";
    private static final String DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io";

    @TempDir
    Path folder;

    private static ControlPlaneFixture healthy() {
        return ControlPlaneFixture.healthy();
    }

    private Finding finding(ControlPlaneFixture fixture) throws IOException {
        assertThat(fixture.health(folder).findings()).hasSize(1);
        return fixture.health(folder).findings().get(0);
    }

    @Test
    void should_be_silent_where_everything_works_and_show_what_there_is() throws IOException {
        ControlPlaneHealth health = healthy().health(folder);

        assertThat(health.findings()).isEmpty();
        assertThat(health.inconclusive()).isEmpty();
        assertThat(healthy().diagnosed(folder)).isEmpty();
        assertThat(health.instances()).first().satisfies(istiod -> {
            assertThat(istiod.version()).isEqualTo("1.30.0");
            assertThat(istiod.memoryPercent()).hasValue(19);
            assertThat(istiod.heapBytes()).hasValue(120_000_000L);
            assertThat(istiod.cpuCores()).hasValue(0.1);
            assertThat(istiod.cpuLimitCores()).hasValue(2);
            assertThat(istiod.connectedProxies()).containsEntry("1.30.0", 40L);
            assertThat(istiod.readinessProbe()).isEqualTo("HTTP GET :8080/ready");
            assertThat(istiod.uptime()).contains(Duration.ofHours(100));
            assertThat(istiod.push().orElseThrow().pushes()).containsEntry("cds", 4000L);
        });
        assertThat(health.webhooks()).hasSize(2).allSatisfy(webhook -> {
            assertThat(webhook.backend()).isEqualTo(Webhook.Backend.READY);
            assertThat(webhook.authority()).isEqualTo(Webhook.Authority.MATCHES);
            assertThat(webhook.service()).contains("istio-system/istiod:443");
        });
        assertThat(health.customResources()).hasSize(14).allMatch(CustomResource::served);
        assertThat(health.elections()).hasSize(2).allMatch(LeaderElection::holderExists);
        assertThat(health.ofRevision("other").webhooks()).isEmpty();
    }

    @Test
    void should_report_MDX0110_for_an_injection_webhook_that_reaches_nobody() throws IOException {
        ControlPlaneFixture fixture = healthy().change(SLICES, "\"ready\":true", "\"ready\":false");
        assertThat(fixture.found(folder))
                .containsExactly("MDX0110 ERROR istio-sidecar-injector", "MDX0111 ERROR istio-validator");
        assertThat(fixture.health(folder).findings().get(0).message())
                .contains("no ready endpoint, although an istiod is ready", "cannot be created");

        assertThat(healthy()
                        .change("services.core", "\"port\":443", "\"port\":8443")
                        .change(INJECTORS, "\"Fail\"", "\"Ignore\"")
                        .found(folder))
                .containsExactly("MDX0111 ERROR istio-validator", "MDX0110 WARNING istio-sidecar-injector");
    }

    @Test
    void should_report_MDX0110_for_a_missing_service_unless_the_configuration_step_does() throws IOException {
        ControlPlaneFixture fixture = healthy().without("services.core", "istiod");

        assertThat(fixture.found(folder))
                .containsExactly("MDX0110 ERROR istio-sidecar-injector", "MDX0111 ERROR istio-validator");
        assertThat(fixture.diagnosed(folder)).containsExactly("MDX0111 ERROR istio-validator");
    }

    @Test
    void should_give_one_cause_where_no_istiod_is_ready() throws IOException {
        ControlPlaneFixture fixture = healthy()
                .change(
                        "pods.core",
                        "\"status\":\"True\"",
                        "\"status\":\"False\",\"lastTransitionTime\":\"2026-06-01T11:00:00Z\"")
                .change("pods.core", "{\"running\":{}}", "{\"waiting\":{\"reason\":\"CrashLoopBackOff\"}}")
                .change(
                        "pods.core",
                        "\"restartCount\":0",
                        "\"restartCount\":7,\"lastState\":{\"terminated\":{\"reason\":\"OOMKilled\",\"exitCode\":137,"
                                + "\"finishedAt\":\"2026-06-01T11:58:00Z\"}}")
                .change(SLICES, "\"ready\":true", "\"ready\":false")
                .change("configmaps.core", "11:59:50Z", "11:00:00Z")
                .change(INJECTORS, TestCertificates.base64(ControlPlaneFixture.ROOT.pem()), "");

        assertThat(fixture.found(folder)).containsExactly("MDX0101 ERROR istiod-1");
        assertThat(finding(fixture).message())
                .contains("killed by the kernel", "every change of Istio's objects", "new pods in injected namespaces");
        assertThat(finding(fixture).remedy()).startsWith("Raise the memory limit");
        assertThat(finding(fixture).evidence())
                .anyMatch(one -> one.value().contains("False since 2026-06-01T11:00:00Z"));
    }

    @Test
    void should_say_that_istiod_was_scaled_to_zero() throws IOException {
        ControlPlaneFixture fixture = healthy()
                .without("pods.core", "istiod-1")
                .without("pods.core", "istiod-2")
                .change("deployments.apps", "\"replicas\":2", "\"replicas\":0")
                .change(SLICES, "\"ready\":true", "\"ready\":false");

        assertThat(fixture.found(folder)).containsExactly("MDX0101 ERROR istio-system");
        assertThat(finding(fixture).message()).contains("it is scaled to zero", "The API server refuses");
    }

    @Test
    void should_report_MDX0112_for_a_bundle_that_is_empty_expired_or_of_another_root() throws IOException {
        String bundle = TestCertificates.base64(ControlPlaneFixture.ROOT.pem());

        Finding other =
                finding(healthy().change(INJECTORS, bundle, TestCertificates.base64(ControlPlaneFixture.OTHER.pem())));
        assertThat(other.code()).isEqualTo("MDX0112");
        assertThat(other.message()).contains("none of the control plane's roots", "cannot be created");
        assertThat(other.evidence()).hasSize(3);
        assertThat(finding(healthy().change(VALIDATORS, bundle, "")).message()).contains("is empty");
        assertThat(finding(healthy().change(VALIDATORS, bundle, "bm8=")).message())
                .contains("holds no certificate");
        TestCertificates.Authority old = TestCertificates.Authority.root(
                "cluster.local", Instant.parse("2016-01-01T00:00:00Z"), Instant.parse("2026-01-01T00:00:00Z"));
        assertThat(finding(healthy().change(VALIDATORS, bundle, TestCertificates.base64(old.pem()))))
                .satisfies(expired -> assertThat(expired.message()).contains("expired at 2026-01-01T00:00:00Z"));
    }

    @Test
    void should_stay_silent_about_MDX0112_while_roots_are_rotated_and_with_other_certificates() throws IOException {
        String bundle = TestCertificates.base64(ControlPlaneFixture.ROOT.pem());
        String both = TestCertificates.base64(ControlPlaneFixture.OTHER.pem() + ControlPlaneFixture.ROOT.pem());
        String renewed = TestCertificates.base64(ControlPlaneFixture.ROOT
                .renewed(Instant.parse("2026-05-01T00:00:00Z"), Instant.parse("2036-05-01T00:00:00Z"))
                .pem());
        String other = TestCertificates.base64(ControlPlaneFixture.OTHER.pem());

        assertThat(healthy().change(INJECTORS, bundle, both).found(folder)).isEmpty();
        assertThat(healthy().change(INJECTORS, bundle, renewed).found(folder)).isEmpty();
        assertThat(healthy()
                        .change(INJECTORS, bundle, other)
                        .change(
                                "pods.core",
                                "\"name\":\"discovery\",\"image\"",
                                "\"name\":\"discovery\",\"env\":[{\"name\":\"PILOT_CERT_PROVIDER\",\"value\":\"custom\"}],\"image\"")
                        .found(folder))
                .isEmpty();
        assertThat(healthy()
                        .change(INJECTORS, bundle, other)
                        .without("configmaps.core", "istio-ca-root-cert")
                        .found(folder))
                .isEmpty();
    }

    @Test
    void should_report_MDX0113_for_webhooks_that_act_on_the_same_pods() throws IOException {
        ControlPlaneFixture fixture =
                healthy().injector("istio-old-injector", "default", "", "istiod", ControlPlaneFixture.ROOT);

        assertThat(fixture.found(folder)).containsExactly("MDX0113 ERROR istio-old-injector");
        assertThat(finding(fixture).evidence().get(0).value()).contains("istio.io/rev=default");
        // IST0139 says it.
        assertThat(fixture.diagnosed(folder)).isEmpty();
    }

    @Test
    void should_report_MDX0114_for_a_tag_without_istiod() throws IOException {
        ControlPlaneFixture fixture = healthy()
                .injector("istio-revision-tag-prod", "1-29", "prod", "istiod-1-29", ControlPlaneFixture.OTHER)
                .add("services.core", """
                        metadata: {name: istiod-1-29, namespace: istio-system}
                        spec: {ports: [{port: 443}]}
                        """);

        assertThat(fixture.found(folder)).containsExactly("MDX0114 ERROR istio-revision-tag-prod");
        assertThat(finding(fixture).message()).contains("Tag prod stands for revision 1-29", "istio.io/rev=prod");
        assertThat(fixture.health(folder).tags()).singleElement().hasToString("prod → 1-29 (0 istiods)");
        // A tag of a revision that runs.
        assertThat(healthy()
                        .injector("istio-revision-tag-prod", "default", "prod", "istiod", ControlPlaneFixture.ROOT)
                        .found(folder))
                .isEmpty();
    }

    @Test
    void should_report_MDX0115_for_versions_that_no_rollout_explains() throws IOException {
        assertThat(healthy().version("istiod-2", "1.29.1-abc-Clean").found(folder))
                .containsExactly("MDX0115 WARNING istiod-2");
        assertThat(healthy()
                        .version("istiod-2", "1.29.1-abc-Clean")
                        .change("pods.core", "2026-05-20T12:00:00Z", "2026-06-01T11:55:00Z")
                        .found(folder))
                .isEmpty();
        assertThat(healthy()
                        .istiod("istiod-1-29-1", "1-29")
                        .version("istiod-1-29-1", "1.29.1-abc-Clean")
                        .without("configmaps.core", "istio-1-29")
                        .found(folder))
                .isEmpty();
    }

    @Test
    void should_report_MDX0116_for_definitions_that_are_not_served() throws IOException {
        ControlPlaneFixture refused = healthy()
                .change(
                        DEFINITIONS,
                        "\"type\":\"Established\",\"status\":\"True\"",
                        "\"type\":\"Established\",\"status\":\"False\"");
        assertThat(refused.health(folder).findings())
                .hasSize(14)
                .allMatch(finding -> finding.code().equals("MDX0116"));
        assertThat(healthy()
                        .change(DEFINITIONS, "\"served\":true", "\"served\":false")
                        .found(folder))
                .hasSize(14);
        HealthModel.Builder model = HealthFixtures.model();
        model.controlPlane = new ControlPlaneFacts(
                java.util.Map.of(),
                java.util.List.of(),
                java.util.List.of(),
                java.util.List.of(),
                java.util.List.of(
                        new CustomResource("virtualservices.networking.istio.io", false, false, java.util.List.of())),
                java.util.List.of(),
                java.util.List.of(),
                java.util.List.of(),
                "",
                false);
        assertThat(HealthFixtures.run(new CustomResourceNotServedCheck(), model))
                .singleElement()
                .satisfies(finding -> assertThat(finding.message()).contains("virtualservices", "not installed"));
    }

    @Test
    void should_report_MDX0117_where_changes_take_long_and_name_the_stage() throws IOException {
        ControlPlaneFixture fixture = healthy().metrics("istiod-1", """
                pilot_proxy_convergence_time_bucket{le="1"} 90
                pilot_proxy_convergence_time_bucket{le="5"} 95
                pilot_proxy_convergence_time_bucket{le="10"} 98
                pilot_proxy_convergence_time_bucket{le="+Inf"} 100
                pilot_proxy_convergence_time_sum 200
                pilot_proxy_convergence_time_count 100
                pilot_proxy_queue_time_bucket{le="5"} 95
                pilot_proxy_queue_time_bucket{le="+Inf"} 100
                pilot_xds_push_time_bucket{type="cds",le="0.1"} 100
                pilot_xds_push_time_bucket{type="cds",le="+Inf"} 100
                """);

        assertThat(fixture.found(folder)).containsExactly("MDX0117 WARNING istiod-1");
        assertThat(finding(fixture).message())
                .contains("of 100 one takes more than 10 s (100 measured", "in the queue of pushes");
        assertThat(finding(fixture).remedy()).contains("PILOT_PUSH_THROTTLE");
        // The first pushes after a start, and a mesh in which all is fast.
        assertThat(healthy().metrics("istiod-1", """
                        pilot_proxy_convergence_time_bucket{le="5"} 1
                        pilot_proxy_convergence_time_bucket{le="+Inf"} 3
                        pilot_proxy_convergence_time_count 3
                        """).found(folder)).isEmpty();
        assertThat(healthy().metrics("istiod-1", """
                        pilot_proxy_convergence_time_bucket{le="1"} 9990
                        pilot_proxy_convergence_time_bucket{le="5"} 9999
                        pilot_proxy_convergence_time_bucket{le="+Inf"} 10000
                        pilot_proxy_convergence_time_count 10000
                        """).found(folder)).isEmpty();
    }

    @Test
    void should_report_MDX0118_for_errors_of_pushes_by_how_often_they_happen() throws IOException {
        assertThat(healthy()
                        .metrics("istiod-1", "pilot_total_xds_internal_errors 500\n")
                        .found(folder))
                .containsExactly("MDX0118 WARNING istiod-1");
        assertThat(healthy().metrics("istiod-1", "pilot_xds_write_timeout 2\n").found(folder))
                .containsExactly("MDX0118 INFO istiod-1");
        ControlPlaneFixture refused = healthy().metrics("istiod-1", """
                pilot_total_xds_rejects{type="type.googleapis.com/envoy.config.listener.v3.Listener"} 300
                pilot_xds_lds_reject{err="Internal",node="web-1.shop"} 1
                """);
        assertThat(refused.found(folder)).containsExactly("MDX0118 WARNING istiod-1");
        assertThat(finding(refused).evidence()).anyMatch(one -> one.what().contains("node=web-1.shop"));
        // The proxies say it themselves.
        assertThat(refused.diagnosed(folder)).isEmpty();
        assertThat(healthy()
                        .metrics("istiod-1", "pilot_total_xds_internal_errors 0\n")
                        .found(folder))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0/5 nodes are available: 5 Insufficient memory. | Make room on a node",
                "exceeded quota: pods, requested: pods=1, used: pods=20, limited: pods=20 | Raise the quota",
            })
    void should_report_MDX0119_for_an_istiod_that_is_not_scheduled(String message, String remedy) throws IOException {
        ControlPlaneFixture fixture = healthy().add("pods.core", """
                metadata: {name: istiod-3, namespace: istio-system, labels: {app: istiod, istio.io/rev: default}}
                spec: {containers: [{name: discovery}]}
                status:
                  phase: Pending
                  conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, message: '%s'}]
                """.formatted(message));

        assertThat(fixture.found(folder)).containsExactly("MDX0119 WARNING istiod-3");
        assertThat(finding(fixture).message()).contains("not scheduled: " + message);
        assertThat(finding(fixture).remedy()).startsWith(remedy);
    }

    @Test
    void should_report_MDX0119_for_pods_that_are_not_made_and_for_what_events_say() throws IOException {
        ControlPlaneFixture quota = healthy()
                .change("deployments.apps", "\"replicas\":2", "\"replicas\":3")
                .change(
                        "deployments.apps",
                        "\"spec\":",
                        "\"status\":{\"conditions\":[{\"type\":\"ReplicaFailure\","
                                + "\"status\":\"True\",\"message\":\"exceeded quota: compute\"}]},\"spec\":");
        assertThat(quota.found(folder)).containsExactly("MDX0119 WARNING istiod");
        assertThat(finding(quota).message()).contains("wants 3 pods and has 2", "exceeded quota: compute");

        ControlPlaneFixture volume = healthy().add("pods.core", """
                        metadata: {name: istiod-3, namespace: istio-system, labels: {app: istiod, istio.io/rev: default}}
                        spec: {containers: [{name: discovery}]}
                        status: {phase: Pending, containerStatuses: [{name: discovery, ready: false, state: {waiting: {reason: ContainerCreating}}}]}
                        """).add("events.core", """
                        metadata: {name: e, namespace: istio-system}
                        involvedObject: {kind: Pod, name: istiod-3, namespace: istio-system}
                        reason: FailedMount
                        message: 'secret "istio-kubeconfig" not found'
                        """);
        assertThat(volume.found(folder)).containsExactly("MDX0119 WARNING istiod-3");
        assertThat(finding(volume).message()).contains("FailedMount: secret");
        // It has just been scaled, and nothing says why there is no third pod yet.
        assertThat(healthy()
                        .change("deployments.apps", "\"replicas\":2", "\"replicas\":3")
                        .found(folder))
                .isEmpty();
    }

    @Test
    void should_report_MDX0120_for_a_lock_that_nobody_renews() throws IOException {
        ControlPlaneFixture gone =
                healthy().lock("istio-namespace-controller-election-x", "istiod-gone", "2026-06-01T11:30:00Z");
        assertThat(gone.found(folder)).containsExactly("MDX0120 WARNING istio-namespace-controller-election-x");
        assertThat(finding(gone).message()).contains("a pod that does not exist", "30 min", "istio-ca-root-cert");

        ControlPlaneFixture silent = healthy().change("configmaps.core", "11:59:50Z", "11:00:00Z");
        assertThat(finding(silent).message()).contains("istiod-1, which has not renewed it for 60 min");
    }

    @Test
    void should_stay_silent_about_MDX0120_during_a_takeover_and_for_what_revisions_left() throws IOException {
        assertThat(healthy()
                        .lock("istio-leader-x", "istiod-gone", "2026-06-01T11:59:00Z")
                        .add("leases.coordination.k8s.io", """
                                metadata: {name: istio-gateway-deployment-1-20, namespace: istio-system}
                                spec: {holderIdentity: istiod-1-20-x, leaseDurationSeconds: 30, renewTime: '2025-01-01T00:00:00Z'}
                                """)
                        .found(folder))
                .isEmpty();
    }

    @Test
    void should_report_MDX0121_for_settings_that_istiod_has_not_taken() throws IOException {
        ControlPlaneFixture fixture =
                healthy().mesh("istiod-2", "{\"connectTimeout\":\"5s\",\"trustDomain\":\"cluster.local\"}");

        assertThat(fixture.found(folder)).containsExactly("MDX0121 WARNING istiod-2");
        assertThat(finding(fixture).message()).contains("accessLogFile is not set there", "and 1 more");
        assertThat(finding(fixture).evidence()).hasSize(2);
        // It has been made a moment ago.
        assertThat(fixture.change(
                                "configmaps.core",
                                "\"name\":\"istio\",",
                                "\"name\":\"istio\",\"creationTimestamp\":\"2026-06-01T11:59:30Z\",")
                        .found(folder))
                .isEmpty();
    }

    @Test
    void should_report_MDX0122_where_certificates_are_not_issued() throws IOException {
        assertThat(healthy()
                        .metrics("istiod-1", "citadel_server_authentication_failure_count 1000\n")
                        .found(folder))
                .containsExactly("MDX0122 WARNING istiod-1");
        Finding soon = finding(healthy()
                .change("pods.core", "istiod-2", "istiod-3")
                .metrics(
                        "istiod-3",
                        "istiod_uptime_seconds 3600\ncitadel_server_root_cert_expiry_timestamp 1781000000\n"));
        assertThat(soon.code()).isEqualTo("MDX0122");
        assertThat(soon.message()).contains("expires at 2026-06-09", "in 7 days");
        assertThat(healthy()
                        .metrics("istiod-1", "citadel_server_csr_sign_err_count 0\n")
                        .found(folder))
                .isEmpty();
    }

    @Test
    void should_report_MDX0123_at_nine_tenths_of_the_limit() throws IOException {
        ControlPlaneFixture fixture = healthy().add("pods.metrics.k8s.io", """
                metadata: {name: istiod-1, namespace: istio-system}
                containers: [{name: discovery, usage: {cpu: 1900m, memory: 900Mi}}]
                """);

        assertThat(fixture.found(folder)).containsExactly("MDX0103 WARNING istiod-1", "MDX0123 WARNING istiod-1");
        assertThat(fixture.health(folder).findings().get(0).message())
                .contains("87 % of its limit of 1.0 GiB", "The Go heap has 114 MiB");
        assertThat(fixture.health(folder).findings().get(1).message())
                .contains("1.90 of its limit of 2.00 cores (95 %)");
        assertThat(fixture.change("pods.metrics.k8s.io", "1900m", "190m")
                        .change("pods.metrics.k8s.io", "900Mi", "90Mi")
                        .found(folder))
                .isEmpty();
    }

    @Test
    void should_report_MDX0124_and_MDX0125_by_how_often_they_happen() throws IOException {
        assertThat(healthy()
                        .metrics("istiod-1", "pilot_jwks_resolver_network_fetch_fail_total 200\n")
                        .metrics("istiod-2", "sidecar_injection_failure_total 1\n")
                        .found(folder))
                .containsExactly("MDX0124 WARNING istiod-1", "MDX0125 INFO istiod-2");
        assertThat(healthy()
                        .metrics("istiod-1", "sidecar_injection_success_total 9\n")
                        .found(folder))
                .isEmpty();
    }

    @Test
    void should_report_MDX0102_for_restarts_over_time() throws IOException {
        ControlPlaneFixture killed = healthy()
                .change(
                        "pods.core",
                        "\"restartCount\":0",
                        "\"restartCount\":1,\"lastState\":{\"terminated\":{\"reason\":\"OOMKilled\",\"exitCode\":137,"
                                + "\"finishedAt\":\"2026-06-01T02:00:00Z\"}}");
        assertThat(killed.found(folder)).containsExactly("MDX0102 WARNING istiod-1", "MDX0102 WARNING istiod-2");
        assertThat(killed.health(folder).findings().get(0).message())
                .contains("10 h ago", "once in the 12 days since the pod was made", "killed by the kernel");
        ControlPlaneFixture once = healthy()
                .change(
                        "pods.core",
                        "\"restartCount\":0",
                        "\"restartCount\":4,\"lastState\":{\"terminated\":{\"reason\":\"Error\",\"exitCode\":1,"
                                + "\"finishedAt\":\"2026-06-01T02:00:00Z\"}}");
        assertThat(once.found(folder)).isEmpty();
        assertThat(once.change("pods.core", "2026-05-20T12:00:00Z", "2026-05-30T12:00:00Z")
                        .found(folder))
                .hasSize(2);
    }

    @Test
    void should_not_read_of_the_whole_control_plane_for_one_namespace() throws IOException {
        ControlPlaneFixture fixture = healthy()
                .change(SLICES, "\"ready\":true", "\"ready\":false")
                .metrics("istiod-1", "pilot_total_xds_internal_errors 500\n");

        assertThat(HealthStep.run(fixture.open(folder), Scope.namespace("shop")).findings())
                .extracting(Finding::code)
                .containsExactly("MDX0118");
    }

    @ParameterizedTest
    @CsvSource({
        "OOMKilled,137,memory",
        "Error,137,signal 9",
        "Error,1,last log lines",
        "Error,2,panic",
        "Error,255,unknown",
        "Error,143,signal 15",
        "Error,139,signal 11",
        "Error,130,signal 2",
        "Error,42,its own",
        "Completed,0,without an error"
    })
    void should_say_exit_codes_in_words(String reason, int code, String words) {
        assertThat(new Termination(reason, code, null).meaning()).contains(words);
    }

    @Test
    void should_see_what_a_pod_alone_tells() {
        assertThat(new IstiodInstance(new IstiodInstance.Fields(
                                "istio-system",
                                "istiod-1",
                                "default",
                                "",
                                "Running",
                                true,
                                0,
                                null,
                                null,
                                null,
                                -1,
                                -1,
                                "",
                                null))
                        .push())
                .isEmpty();
    }
}
