package dev.meshdx.health.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.health.SyncState;
import dev.meshdx.health.TypeStatus;
import dev.meshdx.health.XdsType;
import dev.meshdx.model.Json;
import dev.meshdx.testing.Shared;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SyncStatusParserTest {
    @Test
    void should_tell_each_state_from_the_present_form() {
        List<ProxyStatus> proxies = HealthFixtures.proxies("[{'proxy':'web-1.shop','cluster_id':'east',"
                + "'istio_version':'1.30.0','proxy_type':'sidecar','resources':{"
                + "'type.googleapis.com/envoy.config.cluster.v3.Cluster':"
                + "{'sent':'b','acked':'a','sentTime':'2026-01-02T03:04:05Z'},"
                + "'type.googleapis.com/envoy.config.listener.v3.Listener':"
                + "{'sent':'b','acked':'a','lastError':'no such filter'},"
                + "'type.googleapis.com/envoy.config.route.v3.RouteConfiguration':{'sentTime':'0001-01-01T00:00:00Z'},"
                + "'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment':{'sent':'a','acked':'a'},"
                + "'example.com/other':{'sent':'a','acked':'a'}}}]");

        ProxyStatus proxy = proxies.get(0);
        assertThat(proxy.pod()).isEqualTo("web-1");
        assertThat(proxy.namespace()).isEqualTo("shop");
        assertThat(proxy.cluster()).isEqualTo("east");
        assertThat(proxy.type(XdsType.CDS).state()).isEqualTo(SyncState.STALE);
        assertThat(proxy.type(XdsType.CDS).since()).contains(Instant.parse("2026-01-02T03:04:05Z"));
        assertThat(proxy.type(XdsType.LDS).state()).isEqualTo(SyncState.ERROR);
        assertThat(proxy.type(XdsType.LDS).error()).contains("no such filter");
        assertThat(proxy.type(XdsType.RDS).state()).isEqualTo(SyncState.NOT_SENT);
        assertThat(proxy.type(XdsType.RDS).since()).isEmpty();
        assertThat(proxy.type(XdsType.EDS).state()).isEqualTo(SyncState.SYNCED);
        assertThat(proxy.type(XdsType.ECDS).state()).isEqualTo(SyncState.IGNORED);
        assertThat(proxy.types().keySet().toString()).isEqualTo("[CDS, LDS, EDS, RDS, ECDS, example.com/other]");
        assertThat(proxy.isSynced()).isFalse();
    }

    @Test
    void should_leave_out_other_people_who_ask() {
        assertThat(HealthFixtures.proxies("[{'proxy':'test-1.istio-system'},{'proxy':'web.shop'},{}]"))
                .extracting(ProxyStatus::pod)
                .containsExactly("web");
    }

    @Test
    void should_read_the_form_before_the_generic_one() {
        ProxyStatus proxy = HealthFixtures.proxies("{'resources':[{'node':{'id':'web.shop'},'xdsConfig':["
                        + "{'status':'STALE','clusterConfig':{}},{'status':'SYNCED','routeConfig':{}}]}]}")
                .get(0);

        assertThat(proxy.type(XdsType.CDS).state()).isEqualTo(SyncState.STALE);
        assertThat(proxy.type(XdsType.RDS).state()).isEqualTo(SyncState.SYNCED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"hello\"", "{\"error\":\"x\"}", "null", "7"})
    void should_refuse_what_is_no_list_of_proxies(String answer) {
        assertThatThrownBy(() -> SyncStatusParser.read(HealthFixtures.stream(answer), "istiod-1", "default", null))
                .isInstanceOf(MeshProtocolException.class)
                .hasMessageContaining("istiod-1");
    }

    @Test
    void should_keep_the_newest_of_two_istiods() {
        String type = "envoy.config.cluster.v3.Cluster";
        List<ProxyStatus> both = new java.util.ArrayList<>(HealthFixtures.proxies(HealthFixtures.resourcesOf(
                "web.shop", type, "'sent':'b','acked':'a','sentTime':'2026-01-02T03:00:00Z'")));
        both.addAll(HealthFixtures.proxies(HealthFixtures.resourcesOf(
                "web.shop", type, "'sent':'a','acked':'a','sentTime':'2026-01-02T04:00:00Z'")));

        assertThat(unique(both))
                .singleElement()
                .satisfies(proxy -> assertThat(proxy.isSynced()).isTrue());
    }

    @Test
    void should_take_the_fields_in_any_order_and_the_last_of_two() {
        ProxyStatus proxy = HealthFixtures.proxies(
                        "[{'unknown':[{'proxy':'x.y'}],'resources':{"
                                + "'type.googleapis.com/envoy.config.route.v3.RouteConfiguration':null,"
                                + "'type.googleapis.com/envoy.config.cluster.v3.Cluster':"
                                + "{'lastError':null,'acked':'a','new':{'sent':'z'},'sent':'b','sent':'a'}},"
                                + "'cluster_sent':'q','istio_version':null,'proxy_type':7,'proxy':'old.shop','proxy':'a.b.shop'}]")
                .get(0);

        assertThat(proxy.pod()).isEqualTo("a.b");
        assertThat(proxy.namespace()).isEqualTo("shop");
        assertThat(proxy.version()).isEmpty();
        assertThat(proxy.type(XdsType.CDS).state()).isEqualTo(SyncState.SYNCED);
        assertThat(proxy.type(XdsType.RDS).state()).isEqualTo(SyncState.NOT_SENT);
    }

    @Test
    void should_not_let_one_proxy_of_a_wrong_form_hide_the_others() {
        assertThat(HealthFixtures.proxies("[{'proxy':['x']},{'proxy':null},7,{'proxy':'a.shop','resources':[1],"
                        + "'cluster_sent':{'x':1},'listener_sent':'t/1'},{'proxy':'b.shop'}]"))
                .extracting(proxy -> proxy.pod() + " " + proxy.type(XdsType.LDS).state())
                .containsExactly("a STALE", "b NOT SENT");
    }

    @Test
    void should_keep_what_came_before_the_cut() throws IOException {
        String whole = "[{'proxy':'a.shop','resources':{}},{'proxy':'b.shop','resources':{}},{'proxy':'c.sh";
        SyncStatusParser.Answer answer = SyncStatusParser.read(HealthFixtures.stream(whole), "istiod-1", "r", null);

        assertThat(answer.proxies()).extracting(ProxyStatus::pod).containsExactly("a", "b");
        assertThat(answer.problem()).startsWith("The answer ended early after 2 proxies");
    }

    @Test
    void should_keep_one_namespace_only() throws IOException {
        SyncStatusParser.Answer answer = SyncStatusParser.read(
                HealthFixtures.stream(
                        "[{'proxy':'a.shop'},{'resources':{'x':{}},'proxy':'b.bank'},{'proxy':'c.shop'}]"),
                "istiod-1",
                "r",
                "shop");

        assertThat(answer.proxies()).extracting(ProxyStatus::pod).containsExactly("a", "c");
    }

    /** After many proxies with resources the pairs are not looked at; those of the first ones are, whatever their form. */
    @Test
    void should_read_many_proxies_as_it_reads_one() {
        StringBuilder many = new StringBuilder("[");
        for (int i = 0; i < 500; i++) {
            many.append("{'cluster_sent':'x','cluster_acked':'y','proxy':'p-")
                    .append(i)
                    .append(".shop','istio_version':'1.30.0','resources':{"
                            + "'type.googleapis.com/envoy.config.cluster.v3.Cluster':{'sent':'")
                    .append(i)
                    .append("','acked':'")
                    .append(i % 7 == 0 ? -1 : i)
                    .append("','sentTime':'2026-01-02T03:04:")
                    .append(String.format(java.util.Locale.ROOT, "%02d", i % 60))
                    .append(".5Z'}}},");
        }
        List<ProxyStatus> proxies = HealthFixtures.proxies(many + "{'proxy':'none.shop'}]");

        assertThat(proxies).hasSize(501);
        for (int i = 0; i < 500; i++) {
            TypeStatus status = proxies.get(i).type(XdsType.CDS);
            assertThat(status.state()).isEqualTo(i % 7 == 0 ? SyncState.STALE : SyncState.SYNCED);
            assertThat(status.since())
                    .contains(Instant.parse("2026-01-02T03:04:00.500Z").plusSeconds(i % 60));
        }
        assertThat(proxies.get(499).version()).isSameAs(proxies.get(498).version());
        assertThat(proxies.get(500).type(XdsType.CDS).state()).isEqualTo(SyncState.IGNORED);
    }

    @Test
    void should_read_times_as_Go_writes_them() {
        for (String time : List.of(
                "2026-01-02T03:04:05Z",
                "2026-01-02T03:04:05.123456789Z",
                "2026-01-02T03:04:05.1Z",
                "2026-01-02T05:04:05.1+02:00")) {
            ProxyStatus proxy = HealthFixtures.proxies(HealthFixtures.resourcesOf(
                            "a.shop",
                            "envoy.config.cluster.v3.Cluster",
                            "'sent':'a','acked':'a','sentTime':'" + time + "'"))
                    .get(0);
            assertThat(proxy.type(XdsType.CDS).since()).contains(Instant.parse(time));
        }
        for (String time : List.of("0001-01-01T00:00:00Z", "yesterday", "2026-13-02T03:04:05Z", "")) {
            ProxyStatus proxy = HealthFixtures.proxies(HealthFixtures.resourcesOf(
                            "a.shop",
                            "envoy.config.cluster.v3.Cluster",
                            "'sent':'a','acked':'a','sentTime':'" + time + "'"))
                    .get(0);
            assertThat(proxy.type(XdsType.CDS).since()).isEmpty();
        }
    }

    @Test
    void should_keep_the_version_of_the_push_only() {
        ProxyStatus proxy = HealthFixtures.proxies(HealthFixtures.resourcesOf(
                        "a.shop",
                        "envoy.config.cluster.v3.Cluster",
                        "'sent':'2026-11-22T22:36:17Z/16e060678-f80b-4bd8-9395-6dc6b76940b3',"
                                + "'acked':'2026-11-22T22:36:17Z/1fe1c8fca-92cd-4989-bec9-40ab017e34c8'"))
                .get(0);

        assertThat(proxy.type(XdsType.CDS).state()).isEqualTo(SyncState.STALE);
        assertThat(proxy.type(XdsType.CDS).sentVersion()).contains("2026-11-22T22:36:17Z/1");
        assertThat(proxy.type(XdsType.CDS).ackedVersion()).contains("2026-11-22T22:36:17Z/1");
    }

    @Test
    void should_not_take_a_pod_for_istioctl_because_of_its_name() {
        assertThat(HealthFixtures.proxies("[{'proxy':'test-1.shop','resources':{"
                        + "'type.googleapis.com/envoy.config.cluster.v3.Cluster':{'sent':'a','acked':'a'}}}]"))
                .hasSize(1);
    }

    @Test
    void should_name_the_istiod_that_answered_over_xDS_wherever_it_says_so() {
        assertThat(HealthFixtures.proxies("{'resources':[{'node':{'id':'web.shop'}}],"
                        + "'controlPlane':{'identifier':'{\\'ID\\':\\'istiod-7\\'}'}}"))
                .extracting(ProxyStatus::istiod)
                .containsExactly("istiod-7");
        assertThat(HealthFixtures.proxies("{'typeUrl':'istio.io/debug/syncz'}")).isEmpty();
    }

    private static List<ProxyStatus> unique(List<ProxyStatus> all) {
        HealthModel.Builder into = HealthFixtures.model();
        ProxyReads.unique(all, into);
        return into.proxies;
    }

    @ParameterizedTest
    @ValueSource(strings = {"http-F", "http-E", "http-B", "xds", "upstream-one-istiod"})
    void should_agree_with_the_conformance_cases(String name) throws IOException {
        Path folder = Shared.folder("conformance/proxy-status");
        Json expected = Json.parse(Files.readString(folder.resolve("expected").resolve(name + ".json")));

        SyncStatusParser.Answer answer;
        try (InputStream in = Files.newInputStream(folder.resolve("input").resolve(name + ".json"))) {
            answer = SyncStatusParser.read(in, "istiod", "default", null);
        }
        Map<String, ProxyStatus> proxies = answer.proxies().stream()
                .collect(Collectors.toMap(
                        proxy -> proxy.namespace().isEmpty() ? proxy.pod() : proxy.pod() + "." + proxy.namespace(),
                        proxy -> proxy));

        assertThat(proxies).hasSize(expected.size());
        for (Json entry : expected.items()) {
            ProxyStatus proxy = proxies.get(entry.at("proxy").text(""));
            assertThat(proxy).as(entry.at("proxy").text("")).isNotNull();
            Map<String, String> wanted = new TreeMap<>();
            Map<String, String> got = new TreeMap<>();
            entry.at("types").forEachField((type, state) -> {
                wanted.put(
                        type,
                        state.at("state").text("") + " " + state.at("error").text(""));
                TypeStatus status = proxy.types().entrySet().stream()
                        .filter(known -> known.getKey().shortName().equalsIgnoreCase(type))
                        .findFirst()
                        .orElseThrow()
                        .getValue();
                got.put(type, status.state().name() + " " + status.error().orElse(""));
            });
            assertThat(got).as(entry.at("proxy").text("")).isEqualTo(wanted);
        }
    }
}
