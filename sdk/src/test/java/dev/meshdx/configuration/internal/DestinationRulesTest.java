package dev.meshdx.configuration.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.configuration.ClientTlsMode;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.security.TestMesh;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DestinationRulesTest {
    private static final String HOST = "db.data.svc.cluster.local";

    private static Resource rule(String namespace, String name, String createdAt, String spec) {
        return TestMesh.created(ResourceKind.DESTINATION_RULE, namespace, name, createdAt, spec);
    }

    private static Resource rule(String namespace, String name, String spec) {
        return rule(namespace, name, "2026-01-01T00:00:00Z", spec);
    }

    private static String tls(String host, String mode) {
        return "{\"host\":\"" + host + "\",\"trafficPolicy\":{\"tls\":{\"mode\":\"" + mode + "\"}}}";
    }

    private static Optional<DestinationRules.ClientTls> tls(
            String clientNamespace, int port, String subset, Resource... rules) {
        return new DestinationRules(List.of(rules), "istio-system", List.of())
                .of(clientNamespace, Map.of("app", "web"), HOST, "data")
                .flatMap(merged -> merged.tls(port, subset));
    }

    private static ClientTlsMode mode(String clientNamespace, Resource... rules) {
        return tls(clientNamespace, 80, "", rules)
                .map(DestinationRules.ClientTls::mode)
                .orElse(ClientTlsMode.AUTO);
    }

    @Test
    void should_look_in_the_clients_namespace_then_the_services_then_the_root() {
        Resource own = rule("shop", "own", tls(HOST, "DISABLE"));
        Resource services = rule("data", "services", tls("db", "ISTIO_MUTUAL"));
        Resource root = rule("istio-system", "root", tls("*.local", "SIMPLE"));

        assertThat(mode("shop", own, services, root)).isEqualTo(ClientTlsMode.DISABLE);
        assertThat(mode("other", own, services, root)).isEqualTo(ClientTlsMode.ISTIO_MUTUAL);
        assertThat(mode("other", own, root)).isEqualTo(ClientTlsMode.SIMPLE);
        assertThat(mode("other", own)).isEqualTo(ClientTlsMode.AUTO);
    }

    @Test
    void should_not_fall_through_when_the_nearest_rule_says_nothing_of_tls() {
        Resource own = rule("shop", "own", "{\"host\":\"" + HOST + "\",\"trafficPolicy\":{\"connectionPool\":{}}}");
        Resource services = rule("data", "services", tls("db", "DISABLE"));

        assertThat(mode("shop", own, services)).isEqualTo(ClientTlsMode.AUTO);
    }

    @Test
    void should_prefer_the_exact_host_and_the_longer_wildcard() {
        Resource wide = rule("shop", "wide", tls("*", "DISABLE"));
        Resource narrow = rule("shop", "narrow", tls("*.data.svc.cluster.local", "SIMPLE"));
        Resource exact = rule("shop", "exact", tls(HOST, "ISTIO_MUTUAL"));

        assertThat(mode("shop", wide, narrow)).isEqualTo(ClientTlsMode.SIMPLE);
        assertThat(mode("shop", wide, narrow, exact)).isEqualTo(ClientTlsMode.ISTIO_MUTUAL);
    }

    @Test
    void should_respect_export_to() {
        Resource hidden = rule(
                "data",
                "hidden",
                "{\"exportTo\":[\".\"],\"host\":\"db\",\"trafficPolicy\":{\"tls\":{\"mode\":\"DISABLE\"}}}");
        Resource shown = rule(
                "data",
                "shown",
                "{\"exportTo\":[\"shop\"],\"host\":\"db\",\"trafficPolicy\":{\"tls\":{\"mode\":\"SIMPLE\"}}}");

        assertThat(mode("shop", hidden)).isEqualTo(ClientTlsMode.AUTO);
        assertThat(mode("data", hidden)).isEqualTo(ClientTlsMode.DISABLE);
        assertThat(mode("shop", shown)).isEqualTo(ClientTlsMode.SIMPLE);
        assertThat(mode("other", shown)).isEqualTo(ClientTlsMode.AUTO);
    }

    @Test
    void should_replace_everything_for_a_port_also_when_the_port_says_nothing_of_tls() {
        Resource rule = rule(
                "data",
                "db",
                "{\"host\":\"db\",\"trafficPolicy\":{\"tls\":{\"mode\":\"DISABLE\"},\"portLevelSettings\":["
                        + "{\"port\":{\"number\":80},\"loadBalancer\":{\"simple\":\"RANDOM\"}},"
                        + "{\"port\":{\"number\":81},\"tls\":{\"mode\":\"SIMPLE\"}}]}}");

        assertThat(tls("shop", 80, "", rule)).isEmpty();
        assertThat(tls("shop", 81, "", rule).orElseThrow().mode()).isEqualTo(ClientTlsMode.SIMPLE);
        assertThat(tls("shop", 81, "", rule).orElseThrow().field())
                .isEqualTo("spec.trafficPolicy.portLevelSettings[1].tls.mode");
        assertThat(tls("shop", 82, "", rule).orElseThrow().mode()).isEqualTo(ClientTlsMode.DISABLE);
    }

    @Test
    void should_let_a_subset_override_field_by_field() {
        Resource rule = rule(
                "data",
                "db",
                "{\"host\":\"db\",\"trafficPolicy\":{\"tls\":{\"mode\":\"DISABLE\"}},\"subsets\":["
                        + "{\"name\":\"v1\",\"labels\":{\"version\":\"v1\"},\"trafficPolicy\":{\"tls\":{\"mode\":\"ISTIO_MUTUAL\"}}},"
                        + "{\"name\":\"v2\",\"labels\":{\"version\":\"v2\"},\"trafficPolicy\":{\"loadBalancer\":{}}}]}");

        assertThat(tls("shop", 80, "v1", rule).orElseThrow().mode()).isEqualTo(ClientTlsMode.ISTIO_MUTUAL);
        assertThat(tls("shop", 80, "v1", rule).orElseThrow().field())
                .isEqualTo("spec.subsets[0].trafficPolicy.tls.mode");
        assertThat(tls("shop", 80, "v2", rule).orElseThrow().mode()).isEqualTo(ClientTlsMode.DISABLE);
        assertThat(new DestinationRules(List.of(rule), "istio-system", List.of())
                        .of("shop", Map.of(), HOST, "data")
                        .orElseThrow()
                        .subsetsWithTls())
                .containsExactly("v1");
    }

    @Test
    void should_merge_rules_for_the_same_host_oldest_first() {
        Resource newer = rule("data", "a", "2026-02-01T00:00:00Z", tls("db", "SIMPLE"));
        Resource older = rule("data", "b", "2026-01-01T00:00:00Z", tls("db.data.svc.cluster.local", "DISABLE"));

        assertThat(tls("shop", 80, "", newer, older).orElseThrow().rule().ref())
                .isEqualTo(ResourceRef.of("DestinationRule", "data", "b"));
    }

    @Test
    void should_prefer_a_rule_that_selects_the_client_in_its_own_namespace() {
        String selecting = "{\"host\":\"" + HOST + "\",\"workloadSelector\":{\"matchLabels\":{\"app\":\"%s\"}},"
                + "\"trafficPolicy\":{\"tls\":{\"mode\":\"SIMPLE\"}}}";
        Resource all = rule("shop", "all", tls(HOST, "DISABLE"));

        assertThat(mode("shop", all, rule("shop", "mine", selecting.formatted("web"))))
                .isEqualTo(ClientTlsMode.SIMPLE);
        assertThat(mode("shop", all, rule("shop", "others", selecting.formatted("batch"))))
                .isEqualTo(ClientTlsMode.DISABLE);
        assertThat(mode("shop", rule("data", "foreign", selecting.formatted("web"))))
                .isEqualTo(ClientTlsMode.AUTO);
    }

    @Test
    void should_apply_only_private_rules_of_the_root_namespace_to_its_own_clients_first() {
        Resource exported = rule("istio-system", "wide", tls("*.local", "DISABLE"));
        Resource services = rule("data", "db", tls("db", "ISTIO_MUTUAL"));

        assertThat(mode("istio-system", exported, services)).isEqualTo(ClientTlsMode.ISTIO_MUTUAL);
    }
}
