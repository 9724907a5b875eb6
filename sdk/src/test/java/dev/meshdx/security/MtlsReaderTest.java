package dev.meshdx.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.configuration.ClientTlsMode;
import dev.meshdx.configuration.MtlsMode;
import dev.meshdx.error.MeshAccessException;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import dev.meshdx.security.internal.MtlsReader;
import dev.meshdx.source.ListQuery;
import org.junit.jupiter.api.Test;

/** MDX0501 and the table that it rests on, from resources to findings. */
class MtlsReaderTest {
    private static final String STRICT = "{\"mtls\":{\"mode\":\"STRICT\"}}";
    private static final String HOST = "db.data.svc.cluster.local";

    private static TestMesh mesh() {
        return new TestMesh()
                .with(TestMesh.configMap("istio-system", "istio", "mesh", "trustDomain: cluster.local"))
                .with(TestMesh.pod("shop", "web"))
                .with(TestMesh.pod("data", "db"))
                .with(TestMesh.service("data", "db"));
    }

    private static TestMesh mesh(String serverMode, String clientMode) {
        TestMesh mesh = mesh();
        if (!serverMode.isEmpty()) {
            mesh.with(TestMesh.resource(
                    ResourceKind.PEER_AUTHENTICATION,
                    "data",
                    "default",
                    "{\"mtls\":{\"mode\":\"" + serverMode + "\"}}"));
        }
        if (!clientMode.isEmpty()) {
            mesh.with(rule(clientMode));
        }
        return mesh;
    }

    private static dev.meshdx.model.Resource rule(String mode) {
        return TestMesh.resource(
                ResourceKind.DESTINATION_RULE,
                "shop",
                "db",
                "{\"host\":\"" + HOST + "\",\"trafficPolicy\":{\"tls\":{\"mode\":\"" + mode + "\"}}}");
    }

    private static MtlsReport read(TestMesh mesh) {
        return MtlsReader.read(mesh.session(), Scope.pod("shop", "web-1"));
    }

    private static MtlsVerdict verdict(String serverMode, String clientMode) {
        MtlsReport report = read(mesh(serverMode, clientMode));
        assertThat(report.toService("db.data")).hasSize(1);
        return report.rows().get(0).verdict();
    }

    @Test
    void should_judge_every_pair_of_modes() {
        assertThat(verdict("", "")).isEqualTo(MtlsVerdict.OK);
        assertThat(verdict("STRICT", "")).isEqualTo(MtlsVerdict.OK);
        assertThat(verdict("DISABLE", "")).isEqualTo(MtlsVerdict.PLAINTEXT);
        assertThat(verdict("STRICT", "DISABLE")).isEqualTo(MtlsVerdict.CONFLICT);
        assertThat(verdict("PERMISSIVE", "DISABLE")).isEqualTo(MtlsVerdict.PLAINTEXT);
        assertThat(verdict("DISABLE", "DISABLE")).isEqualTo(MtlsVerdict.PLAINTEXT);
        assertThat(verdict("STRICT", "ISTIO_MUTUAL")).isEqualTo(MtlsVerdict.OK);
        assertThat(verdict("DISABLE", "ISTIO_MUTUAL")).isEqualTo(MtlsVerdict.CONFLICT);
        assertThat(verdict("STRICT", "SIMPLE")).isEqualTo(MtlsVerdict.CONFLICT);
        assertThat(verdict("PERMISSIVE", "SIMPLE")).isEqualTo(MtlsVerdict.CONFLICT);
        assertThat(verdict("DISABLE", "SIMPLE")).isEqualTo(MtlsVerdict.UNKNOWN);
        assertThat(verdict("STRICT", "MUTUAL")).isEqualTo(MtlsVerdict.CONFLICT);
    }

    @Test
    void should_report_mdx0501_with_rule_and_policy() {
        MtlsReport report = read(mesh("STRICT", "DISABLE"));

        assertThat(report.findings()).hasSize(1);
        Finding finding = report.findings().get(0);
        assertThat(finding.code()).isEqualTo("MDX0501");
        assertThat(finding.severity()).isEqualTo(Severity.ERROR);
        assertThat(finding.subject()).isEqualTo(ResourceRef.of("DestinationRule", "shop", "db"));
        assertThat(finding.message())
                .contains("Pod shop/web-1", HOST + ":80", "DestinationRule shop/db", "PeerAuthentication data/default");
        assertThat(finding.evidence()).extracting("what").contains("spec.trafficPolicy.tls.mode", "spec.mtls.mode");
        assertThat(finding.remedy()).contains("kubectl -n shop edit destinationrule db");
    }

    @Test
    void should_not_report_mdx0501_where_both_sides_fit() {
        assertThat(read(mesh("STRICT", "")).findings()).isEmpty();
        assertThat(read(mesh("PERMISSIVE", "DISABLE")).findings()).isEmpty();
        assertThat(read(mesh("STRICT", "ISTIO_MUTUAL")).findings()).isEmpty();
    }

    @Test
    void should_report_a_conflict_to_the_namespace_of_either_side_once() {
        TestMesh mesh = mesh("STRICT", "DISABLE").with(TestMesh.pod("shop", "cart"));

        for (Scope scope : new Scope[] {Scope.namespace("shop"), Scope.namespace("data"), Scope.MESH}) {
            MtlsReport report = MtlsReader.read(mesh.session(), scope);
            assertThat(report.findings()).as(scope.toString()).hasSize(1);
            assertThat(report.findings().get(0).message())
                    .contains("The 2 clients of namespace shop", "DestinationRule shop/db");
        }
        assertThat(MtlsReader.read(mesh.session(), Scope.pod("data", "db-1")).findings())
                .hasSize(1);
    }

    @Test
    void should_see_that_istiod_does_not_know_a_pod_without_label() {
        TestMesh mesh = new TestMesh()
                .with(TestMesh.pod("shop", "web"))
                .with(TestMesh.pod("data", "db", "{\"app\":\"db\"}", "{}", true))
                .with(TestMesh.service("data", "db"))
                .with(TestMesh.resource(ResourceKind.PEER_AUTHENTICATION, "data", "default", STRICT));

        MtlsReport report = read(mesh);

        assertThat(report.conflicts()).hasSize(1);
        assertThat(report.conflicts().get(0).because()).contains("data/db-1", "security.istio.io/tlsMode");
        assertThat(report.findings().get(0).remedy()).contains("kubectl -n data delete pod db-1");
    }

    @Test
    void should_see_mutual_tls_to_a_pod_that_lost_its_sidecar_but_not_its_label() {
        TestMesh mesh = new TestMesh()
                .with(TestMesh.pod("shop", "web"))
                .with(TestMesh.pod(
                        "data", "db", "{\"app\":\"db\",\"security.istio.io/tlsMode\":\"istio\"}", "{}", false))
                .with(TestMesh.service("data", "db"));

        assertThat(read(mesh).conflicts()).hasSize(1);
    }

    @Test
    void should_see_that_a_strict_workload_in_a_disabled_namespace_gets_plain_text() {
        TestMesh mesh = mesh("DISABLE", "")
                .with(TestMesh.resource(
                        ResourceKind.PEER_AUTHENTICATION,
                        "data",
                        "db",
                        "{\"selector\":{\"matchLabels\":{\"app\":\"db\"}},\"mtls\":{\"mode\":\"STRICT\"}}"));

        MtlsRow row = read(mesh).rows().get(0);

        assertThat(row.verdict()).isEqualTo(MtlsVerdict.CONFLICT);
        assertThat(row.clientMode()).isEqualTo(ClientTlsMode.PLAINTEXT);
        assertThat(row.client().because()).contains("PeerAuthentication data/default");
        assertThat(row.serverPolicy()).contains(ResourceRef.of("PeerAuthentication", "data", "db"));
    }

    @Test
    void should_see_that_auto_mtls_is_off() {
        TestMesh mesh = new TestMesh()
                .with(TestMesh.configMap("istio-system", "istio", "mesh", "enableAutoMtls: false\n"))
                .with(TestMesh.pod("shop", "web"))
                .with(TestMesh.pod("data", "db"))
                .with(TestMesh.service("data", "db"))
                .with(TestMesh.resource(ResourceKind.PEER_AUTHENTICATION, "data", "default", STRICT));

        assertThat(read(mesh).conflicts()).hasSize(1);
    }

    @Test
    void should_tell_a_client_without_sidecar_what_refuses_it_without_alarm() {
        TestMesh mesh = mesh("STRICT", "").with(TestMesh.pod("old", "cron", "{\"app\":\"cron\"}", "{}", false));

        MtlsReport report = MtlsReader.read(mesh.session(), Scope.pod("old", "cron-1"));

        assertThat(report.rows().get(0).clientMode()).isEqualTo(ClientTlsMode.NO_PROXY);
        assertThat(report.findings()).hasSize(1);
        assertThat(report.findings().get(0).severity()).isEqualTo(Severity.INFO);
        assertThat(MtlsReader.read(mesh.session(), Scope.MESH).findings()).isEmpty();
    }

    @Test
    void should_not_guess_about_ambient_pods() {
        TestMesh mesh = new TestMesh()
                .with(TestMesh.pod("shop", "web"))
                .with(TestMesh.pod(
                        "data", "db", "{\"app\":\"db\"}", "{\"ambient.istio.io/redirection\":\"enabled\"}", false))
                .with(TestMesh.service("data", "db"))
                .with(rule("ISTIO_MUTUAL"));

        assertThat(read(mesh).rows().get(0).verdict()).isEqualTo(MtlsVerdict.UNKNOWN);
    }

    @Test
    void should_believe_the_proxy_rather_than_the_rules() {
        String plainCluster =
                "{\"configs\":[{\"@type\":\"x/envoy.admin.v3.ClustersConfigDump\",\"dynamic_active_clusters\":["
                        + "{\"cluster\":{\"name\":\"outbound|80||" + HOST
                        + "\",\"metadata\":{\"filter_metadata\":{\"istio\":{"
                        + "\"config\":\"/apis/networking.istio.io/v1/namespaces/shop/destination-rule/gone\"}}}}}]}]}";
        TestMesh mesh = mesh("STRICT", "").page("shop", "web-1", "/config_dump", plainCluster);

        MtlsReport report = read(mesh);

        assertThat(report.rows().get(0).client().configured()).isEqualTo(ClientTlsMode.AUTO);
        assertThat(report.rows().get(0).client().actual()).contains(ClientTlsMode.PLAINTEXT);
        assertThat(report.findings()).hasSize(1);
        assertThat(report.findings().get(0).subject()).isEqualTo(ResourceRef.of("DestinationRule", "shop", "gone"));
        assertThat(report.findings().get(0).message())
                .contains("the rules say AUTO, but the client's proxy has PLAINTEXT");
    }

    @Test
    void should_leave_out_services_for_which_the_client_has_no_cluster() {
        String other = "{\"configs\":[{\"@type\":\"x/envoy.admin.v3.ClustersConfigDump\",\"dynamic_active_clusters\":["
                + "{\"cluster\":{\"name\":\"outbound|80||other.data.svc.cluster.local\"}}]}]}";

        MtlsReport report = read(mesh("STRICT", "DISABLE").page("shop", "web-1", "/config_dump", other));

        assertThat(report.rows()).isEmpty();
        assertThat(report.findings()).isEmpty();
    }

    @Test
    void should_say_unknown_and_name_the_gap_where_rules_are_forbidden() {
        TestMesh mesh = mesh("STRICT", "DISABLE")
                .failing(
                        ResourceKind.DESTINATION_RULE,
                        new MeshAccessException("destinationrules is forbidden.", "Ask for list."));

        MtlsReport report = read(mesh);

        assertThat(report.rows().get(0).verdict()).isEqualTo(MtlsVerdict.UNKNOWN);
        assertThat(report.rows().get(0).serverMode()).isEqualTo(MtlsMode.STRICT);
        assertThat(report.findings()).isEmpty();
        assertThat(report.inconclusive()).extracting(Inconclusive::reason).contains(Reason.FORBIDDEN);
    }

    @Test
    void should_make_do_with_its_own_namespace_where_no_other_may_be_listed() {
        MeshAccessException no = new MeshAccessException("pods is forbidden at the cluster scope.", "Ask for list.");
        TestMesh mesh = mesh("STRICT", "DISABLE")
                .with(TestMesh.pod("shop", "cart"))
                .with(TestMesh.service("shop", "cart"))
                .failing(ListQuery.all(ResourceKind.POD), no)
                .failing(ListQuery.all(ResourceKind.SERVICE), no);

        MtlsReport report = MtlsReader.read(mesh.session(), Scope.namespace("shop"));

        assertThat(report.rows()).extracting(MtlsRow::service).containsExactly("cart.shop.svc.cluster.local");
        assertThat(report.inconclusive()).extracting(Inconclusive::what).contains("pods of other namespaces");
    }

    @Test
    void should_judge_a_subset_with_tls_of_its_own_by_its_own_pods() {
        TestMesh mesh = new TestMesh()
                .with(TestMesh.pod("shop", "web"))
                .with(TestMesh.pod(
                        "data",
                        "old",
                        "{\"app\":\"db\",\"version\":\"v1\",\"security.istio.io/tlsMode\":\"istio\"}",
                        "{}",
                        true))
                .with(TestMesh.pod(
                        "data",
                        "new",
                        "{\"app\":\"db\",\"version\":\"v2\",\"security.istio.io/tlsMode\":\"istio\"}",
                        "{}",
                        true))
                .with(TestMesh.service("data", "db"))
                .with(TestMesh.resource(ResourceKind.PEER_AUTHENTICATION, "data", "default", STRICT))
                .with(TestMesh.resource(
                        ResourceKind.DESTINATION_RULE,
                        "data",
                        "db",
                        "{\"host\":\"db\",\"subsets\":[{\"name\":\"v1\",\"labels\":{\"version\":\"v1\"},"
                                + "\"trafficPolicy\":{\"tls\":{\"mode\":\"DISABLE\"}}},"
                                + "{\"name\":\"v2\",\"labels\":{\"version\":\"v2\"}}]}"));

        MtlsReport report = read(mesh);

        assertThat(report.rows()).hasSize(2);
        assertThat(report.conflicts()).singleElement().satisfies(row -> {
            assertThat(row.subset()).isEqualTo("v1");
            assertThat(row.servers()).containsExactly(ResourceRef.of("Pod", "data", "old-1"));
        });
        assertThat(report.findings().get(0).message()).contains(":80 subset v1");
    }

    @Test
    void should_send_plain_text_to_all_of_a_headless_service_with_one_pod_without_sidecar() {
        TestMesh mesh = new TestMesh()
                .with(TestMesh.pod("shop", "web"))
                .with(TestMesh.pod("data", "a", "{\"app\":\"db\",\"security.istio.io/tlsMode\":\"istio\"}", "{}", true))
                .with(TestMesh.pod("data", "b", "{\"app\":\"db\"}", "{}", false))
                .with(TestMesh.resource(
                        ResourceKind.SERVICE,
                        "data",
                        "db",
                        "{\"clusterIP\":\"None\",\"selector\":{\"app\":\"db\"},\"ports\":[{\"port\":80}]}"))
                .with(TestMesh.resource(ResourceKind.PEER_AUTHENTICATION, "data", "default", STRICT));

        assertThat(read(mesh).conflicts())
                .singleElement()
                .satisfies(row -> assertThat(row.client().because()).contains("headless"));
    }

    @Test
    void should_bury_nothing_under_many_hosts() {
        TestMesh mesh = mesh();
        for (int i = 0; i < 8; i++) {
            mesh.with(TestMesh.pod("data", "db" + i)).with(TestMesh.service("data", "db" + i));
        }
        mesh.with(TestMesh.resource(ResourceKind.PEER_AUTHENTICATION, "istio-system", "default", STRICT))
                .with(TestMesh.resource(
                        ResourceKind.DESTINATION_RULE,
                        "istio-system",
                        "plain",
                        "{\"host\":\"*.local\",\"trafficPolicy\":{\"tls\":{\"mode\":\"DISABLE\"}}}"));

        MtlsReport report = MtlsReader.read(mesh.session(), Scope.namespace("shop"));

        assertThat(report.conflicts()).hasSize(9);
        assertThat(report.findings()).hasSize(1);
        assertThat(report.findings().get(0).message()).contains("and 4 more services");
    }

    @Test
    void should_print_a_table_that_a_console_shows_whole() {
        TestMesh mesh = mesh("STRICT", "DISABLE");
        for (int i = 0; i < 40; i++) {
            mesh.with(TestMesh.pod("data", "db" + i)).with(TestMesh.service("data", "db" + i));
        }

        String table = MtlsReader.read(mesh.session(), Scope.MESH).toString();

        assertThat(table).hasSizeLessThan(900).contains("SERVICE", "CONFLICT", "more");
    }
}
